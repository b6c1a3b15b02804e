"""Imports, and the receipt of each of their lines."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0026_imports"
down_revision = "0025_webhooks"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
TO_DO = sa.text("status IN ('queued', 'running')")
POINTS_TO = {
    "network_id": "network",
    "organization_id": "organization",
    "user_id": "user_account",
    "client_id": "api_client",
}


def upgrade() -> None:
    op.create_table(
        "import_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("form", sa.String(length=10), nullable=False),
        sa.Column("sheet", DOCUMENT, nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("byte", sa.BigInteger(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("identity_check", sa.Integer(), nullable=False),
        sa.Column("already_here", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("fault", sa.String(length=20), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("worked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease", sa.Uuid(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "status IN ('queued', 'running', 'done', 'failed', 'cancelled')", name=op.f("ck_import_run_status_known")
        ),
        sa.CheckConstraint("form IN ('ndjson', 'csv')", name=op.f("ck_import_run_form_known")),
        sa.CheckConstraint("fault IN ('file_gone', 'not_allowed', 'given_up')", name=op.f("ck_import_run_fault_known")),
        sa.CheckConstraint("(status = 'failed') = (fault IS NOT NULL)", name=op.f("ck_import_run_failed_for_a_reason")),
        sa.CheckConstraint(
            "(finished_at IS NULL) = (status IN ('queued', 'running'))",
            name=op.f("ck_import_run_finished_once_ended"),
        ),
        sa.CheckConstraint("(lease IS NULL) = (lease_until IS NULL)", name=op.f("ck_import_run_lease_has_an_end")),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_import_run_{column}"))
            for column, table in POINTS_TO.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
    )
    op.create_index(
        "ix_import_run_to_do", "import_run", ["worked_at", "id"], postgresql_where=TO_DO, sqlite_where=TO_DO
    )
    op.create_index(op.f("ix_import_run_organization_id_id"), "import_run", ["organization_id", "id"])
    op.create_table(
        "import_line",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("external_reference", sa.String(length=200), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=True),
        sa.Column("reference", sa.String(length=20), nullable=True),
        sa.Column("status", sa.String(length=24), nullable=True),
        sa.Column("tier", sa.String(length=2), nullable=True),
        sa.Column("reasons", DOCUMENT, nullable=False),
        sa.CheckConstraint(
            "outcome IN ('accepted', 'identity_check', 'already_here', 'refused')",
            name=op.f("ck_import_line_outcome_known"),
        ),
        sa.ForeignKeyConstraint(["import_id"], ["import_run.id"], name=op.f("fk_import_line_import_id")),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_import_line_network_id")),
        sa.PrimaryKeyConstraint("import_id", "line", name=op.f("pk_import_line")),
    )
    op.create_index(op.f("ix_import_line_import_id_outcome_line"), "import_line", ["import_id", "outcome", "line"])


def downgrade() -> None:
    op.drop_table("import_line")
    op.drop_table("import_run")
