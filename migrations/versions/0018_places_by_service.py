"""Places by line of work, why a week is closed, why the clock paused a center, and tasks about a center."""

import sqlalchemy as sa
from alembic import op

revision = "0018_places_by_service"
down_revision = "0017_directory"
branch_labels = None
depends_on = None

LINES = "('pediatrics', 'multidisciplinary_team')"
USUAL = sa.text("week IS NULL")


def upgrade() -> None:
    op.create_table(
        "line_limit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("center_id", sa.Uuid(), nullable=False),
        sa.Column("week", sa.Date(), nullable=True),
        sa.Column("service", sa.String(length=40), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.CheckConstraint(f"service IN {LINES}", name=op.f("ck_line_limit_service_known")),
        sa.CheckConstraint("places >= 0", name=op.f("ck_line_limit_places_not_negative")),
        sa.ForeignKeyConstraint(["center_id"], ["organization.id"], name=op.f("fk_line_limit_center_id")),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_line_limit_network_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_limit")),
        sa.UniqueConstraint("center_id", "week", "service", name=op.f("uq_line_limit_center_id_week_service")),
    )
    op.create_index(
        "uq_line_limit_usual",
        "line_limit",
        ["center_id", "service"],
        unique=True,
        postgresql_where=USUAL,
        sqlite_where=USUAL,
    )
    op.add_column("capacity", sa.Column("reason", sa.Text(), nullable=True))
    with op.batch_alter_table("center") as center:
        center.add_column(sa.Column("capacity_stated_at", sa.DateTime(timezone=True), nullable=True))
        center.add_column(sa.Column("paused_for", sa.String(length=10), nullable=True))
        center.create_check_constraint(op.f("ck_center_paused_for_known"), "paused_for IN ('silent', 'nobody')")
    with op.batch_alter_table("offer") as offer:
        offer.add_column(sa.Column("line", sa.String(length=40), nullable=True))
        offer.create_check_constraint(op.f("ck_offer_line_known"), f"line IN {LINES}")
    with op.batch_alter_table("task") as task:
        task.add_column(sa.Column("center_id", sa.Uuid(), nullable=True))
        task.create_foreign_key(op.f("fk_task_center_id"), "organization", ["center_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("task") as task:
        task.drop_constraint(op.f("fk_task_center_id"), type_="foreignkey")
        task.drop_column("center_id")
    with op.batch_alter_table("offer") as offer:
        offer.drop_constraint(op.f("ck_offer_line_known"), type_="check")
        offer.drop_column("line")
    with op.batch_alter_table("center") as center:
        center.drop_constraint(op.f("ck_center_paused_for_known"), type_="check")
        center.drop_column("paused_for")
        center.drop_column("capacity_stated_at")
    op.drop_column("capacity", "reason")
    op.drop_table("line_limit")
