"""Answers to repeat, calls counted, loaded code tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005_doors"
down_revision = "0004_trail"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "idempotency_key",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", DOCUMENT, nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["api_client.id"], name=op.f("fk_idempotency_key_client_id")),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_idempotency_key_network_id")),
        sa.PrimaryKeyConstraint("client_id", "key", name=op.f("pk_idempotency_key")),
    )
    op.create_index(op.f("ix_idempotency_key_created_at"), "idempotency_key", ["created_at"], unique=False)
    op.create_table(
        "rate_counter",
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("window_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "window_start", name=op.f("pk_rate_counter")),
    )
    op.create_index(op.f("ix_rate_counter_window_start"), "rate_counter", ["window_start"], unique=False)
    op.create_table(
        "code_table",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("system", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_table")),
        sa.UniqueConstraint("system", "version", name=op.f("uq_code_table_system_version")),
    )
    op.create_table(
        "loaded_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("table_id", sa.Uuid(), nullable=False),
        sa.Column(
            "code",
            sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("display", sa.Text(), nullable=False),
        sa.Column("extra", DOCUMENT, nullable=False),
        sa.ForeignKeyConstraint(["table_id"], ["code_table.id"], name=op.f("fk_loaded_code_table_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loaded_code")),
        sa.UniqueConstraint("table_id", "code", name=op.f("uq_loaded_code_table_id_code")),
    )


def downgrade() -> None:
    op.drop_table("loaded_code")
    op.drop_table("code_table")
    op.drop_table("rate_counter")
    op.drop_table("idempotency_key")
