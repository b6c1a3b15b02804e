"""Links by which people set a password."""

import sqlalchemy as sa
from alembic import op

revision = "0027_accounts"
down_revision = "0026_imports"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "user_ticket",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('invite', 'reset')", name=op.f("ck_user_ticket_kind_known")),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_user_ticket_network_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_user_ticket_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_ticket")),
        sa.UniqueConstraint("digest", name=op.f("uq_user_ticket_digest")),
    )
    op.create_index(op.f("ix_user_ticket_user_id"), "user_ticket", ["user_id"])
    op.create_index(op.f("ix_user_ticket_expires_at"), "user_ticket", ["expires_at"])


def downgrade() -> None:
    op.drop_table("user_ticket")
