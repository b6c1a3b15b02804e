"""Partner systems: keys, an old secret beside the new one, limits of their own, what they were refused, sandboxes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024_partner_systems"
down_revision = "0023_event_feed"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
OF_CLIENT = sa.text("client_id IS NOT NULL")
ONE_WAY = (
    "(CASE WHEN secret_hash IS NULL THEN 0 ELSE 1 END) + (CASE WHEN jwks IS NULL THEN 0 ELSE 1 END)"
    " + (CASE WHEN jwks_url IS NULL THEN 0 ELSE 1 END) = 1"
)
NEW = {
    "secret_used_at": sa.DateTime(timezone=True),
    "old_secret_hash": sa.String(length=64),
    "old_secret_until": sa.DateTime(timezone=True),
    "old_secret_used_at": sa.DateTime(timezone=True),
    "jwks": DOCUMENT,
    "jwks_url": sa.Text(),
    "calls_per_minute": sa.Integer(),
    "last_used_at": sa.DateTime(timezone=True),
}
CHECKS = {
    "proves_itself_one_way": ONE_WAY,
    "old_secret_ends": "(old_secret_hash IS NULL) = (old_secret_until IS NULL)",
    "may_call": "calls_per_minute > 0",
}


def upgrade() -> None:
    with op.batch_alter_table("network") as network:
        network.add_column(sa.Column("sandbox_of_id", sa.Uuid(), nullable=True))
        network.create_foreign_key(op.f("fk_network_sandbox_of_id"), "network", ["sandbox_of_id"], ["id"])
        network.create_unique_constraint(op.f("uq_network_sandbox_of_id"), ["sandbox_of_id"])
    with op.batch_alter_table("api_client") as client:
        for name, kind in NEW.items():
            client.add_column(sa.Column(name, kind, nullable=True))
        client.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default=sa.text("1")))
        client.alter_column("secret_hash", existing_type=sa.String(length=64), nullable=True)
        for name, claim in CHECKS.items():
            client.create_check_constraint(op.f(f"ck_api_client_{name}"), claim)
    create_assertions()
    create_refusals()
    op.create_index(
        "ix_audit_entry_of_client",
        "audit_entry",
        ["client_id", "id"],
        unique=False,
        postgresql_where=OF_CLIENT,
        sqlite_where=OF_CLIENT,
    )


def create_assertions() -> None:
    op.create_table(
        "client_assertion",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("jti_hash", sa.String(length=64), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["api_client.id"], name=op.f("fk_client_assertion_client_id")),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_client_assertion_network_id")),
        sa.PrimaryKeyConstraint("client_id", "jti_hash", name=op.f("pk_client_assertion")),
    )
    op.create_index(op.f("ix_client_assertion_until"), "client_assertion", ["until"], unique=False)


def create_refusals() -> None:
    op.create_table(
        "client_refusal",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("minute", sa.DateTime(timezone=True), nullable=False),
        sa.Column("method", sa.String(length=10), nullable=False),
        sa.Column("route", sa.String(length=200), nullable=False),
        sa.Column("problem", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["api_client.id"], name=op.f("fk_client_refusal_client_id")),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_client_refusal_network_id")),
        sa.PrimaryKeyConstraint(
            "client_id", "minute", "method", "route", "problem", "code", name=op.f("pk_client_refusal")
        ),
    )
    op.create_index(op.f("ix_client_refusal_last_at"), "client_refusal", ["last_at"], unique=False)


def downgrade() -> None:
    """A client that proves itself by keys knows no secret to go back to: it is switched off."""
    op.drop_index("ix_audit_entry_of_client", table_name="audit_entry")
    op.drop_table("client_refusal")
    op.drop_table("client_assertion")
    nobodys = sa.text("UPDATE api_client SET active = false, secret_hash = '' WHERE secret_hash IS NULL")
    with op.batch_alter_table("api_client") as client:
        for name in CHECKS:
            client.drop_constraint(op.f(f"ck_api_client_{name}"), type_="check")
    op.execute(nobodys)
    with op.batch_alter_table("api_client") as client:
        client.alter_column("secret_hash", existing_type=sa.String(length=64), nullable=False)
        for name in ("version", *NEW):
            client.drop_column(name)
    with op.batch_alter_table("network") as network:
        network.drop_constraint(op.f("uq_network_sandbox_of_id"), type_="unique")
        network.drop_constraint(op.f("fk_network_sandbox_of_id"), type_="foreignkey")
        network.drop_column("sandbox_of_id")
