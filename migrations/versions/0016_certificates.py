"""Certificates of the proofs of the invariants."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016_certificates"
down_revision = "0015_letters"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "certificate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("took_ms", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(length=10), nullable=False),
        sa.Column("night", sa.Date(), nullable=True),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("findings", DOCUMENT, nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.CheckConstraint("by IN ('worker', 'command')", name=op.f("ck_certificate_by_known")),
        sa.CheckConstraint("number > 0", name=op.f("ck_certificate_number_positive")),
        sa.CheckConstraint("(by = 'worker') = (night IS NOT NULL)", name=op.f("ck_certificate_worker_has_a_night")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        sa.UniqueConstraint("night", name=op.f("uq_certificate_night")),
        sa.UniqueConstraint("number", name=op.f("uq_certificate_number")),
    )


def downgrade() -> None:
    op.drop_table("certificate")
