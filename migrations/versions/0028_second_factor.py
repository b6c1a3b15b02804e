"""Second factors: authenticator apps, passkeys, recovery codes; what a session still lacks, and where it is."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0028_second_factor"
down_revision = "0027_accounts"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
TIME = sa.DateTime(timezone=True)
OF_SESSION = {
    "lacks": sa.String(length=20),
    "proven_at": TIME,
    "browser": sa.String(length=60),
    "address": sa.String(length=45),
}
OWNERS = {"network_id": "network", "user_id": "user_account"}


def belongs(table: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))
        for column, other in OWNERS.items()
    ]


def upgrade() -> None:
    op.add_column("network", sa.Column("second_factor_roles", DOCUMENT, nullable=True))
    with op.batch_alter_table("user_session") as session:
        for name, kind in OF_SESSION.items():
            session.add_column(sa.Column(name, kind, nullable=True))
        session.create_check_constraint(op.f("ck_user_session_lacks_known"), "lacks IN ('second_factor', 'set_up')")
    op.create_table(
        "authenticator_app",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("seed", sa.Text(), nullable=True),
        sa.Column("confirmed_at", TIME, nullable=True),
        sa.Column("pending", sa.Text(), nullable=True),
        sa.Column("pending_at", TIME, nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(seed IS NULL) = (confirmed_at IS NULL)", name=op.f("ck_authenticator_app_confirmed_with_a_seed")
        ),
        sa.CheckConstraint(
            "(pending IS NULL) = (pending_at IS NULL)", name=op.f("ck_authenticator_app_pending_since_a_time")
        ),
        *belongs("authenticator_app"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_authenticator_app")),
    )
    op.create_table(
        "passkey",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("credential_id", sa.String(length=1400), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("last_used_at", TIME, nullable=True),
        *belongs("passkey"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkey_credential_id")),
    )
    op.create_index(op.f("ix_passkey_user_id"), "passkey", ["user_id"])
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("used_at", TIME, nullable=True),
        *belongs("recovery_code"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint("user_id", "code_hash", name=op.f("uq_recovery_code_user_id_code_hash")),
    )
    op.create_table(
        "passkey_challenge",
        sa.Column("id_hash", sa.String(length=64), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("challenge", sa.String(length=100), nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        *belongs("passkey_challenge"),
        sa.PrimaryKeyConstraint("id_hash", name=op.f("pk_passkey_challenge")),
    )
    op.create_index(op.f("ix_passkey_challenge_expires_at"), "passkey_challenge", ["expires_at"])


def downgrade() -> None:
    for table in ("passkey_challenge", "recovery_code", "passkey", "authenticator_app"):
        op.drop_table(table)
    # Half sessions would count as whole ones before this version.
    op.execute("DELETE FROM user_session WHERE lacks IS NOT NULL")
    with op.batch_alter_table("user_session") as session:
        session.drop_constraint(op.f("ck_user_session_lacks_known"), type_="check")
        for name in OF_SESSION:
            session.drop_column(name)
    with op.batch_alter_table("network") as network:
        network.drop_column("second_factor_roles")
