"""Single sign-on: under which name a provider knows somebody, attempts under way, and by which door a session came."""

import sqlalchemy as sa
from alembic import op

revision = "0031_single_sign_on"
down_revision = "0030_audit"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
OWNERS = {"network_id": "network", "user_id": "user_account"}


def belongs(table: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))
        for column, other in OWNERS.items()
    ]


def upgrade() -> None:
    op.add_column("user_session", sa.Column("door", sa.String(length=20), nullable=True))
    op.create_table(
        "user_identity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.String(length=500), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("linked_at", TIME, nullable=False),
        *belongs("user_identity"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_identity")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_user_identity_issuer_subject")),
        sa.UniqueConstraint("user_id", "issuer", name=op.f("uq_user_identity_user_id_issuer")),
    )
    op.create_table(
        "sign_on_attempt",
        sa.Column("id_hash", sa.String(length=64), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("state_hash", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("nonce", sa.String(length=100), nullable=False),
        sa.Column("verifier", sa.String(length=100), nullable=False),
        sa.Column("onward", sa.Text(), nullable=False),
        sa.Column("kept", sa.Text(), nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.CheckConstraint("purpose IN ('sign_in', 'proof')", name=op.f("ck_sign_on_attempt_purpose_known")),
        *belongs("sign_on_attempt"),
        sa.PrimaryKeyConstraint("id_hash", name=op.f("pk_sign_on_attempt")),
    )
    op.create_index(op.f("ix_sign_on_attempt_expires_at"), "sign_on_attempt", ["expires_at"])


def downgrade() -> None:
    op.drop_table("sign_on_attempt")
    op.drop_table("user_identity")
    with op.batch_alter_table("user_session") as session:
        session.drop_column("door")
