"""Answers of centers outside the network: who recorded them, and the original of an opinion with who compared it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022_outside_answers"
down_revision = "0021_plans"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
UNSIGNED = sa.text("opinion_id IS NULL")
POINTS_TO = {
    "network_id": "network",
    "referral_id": "referral",
    "offer_id": "offer",
    "document_id": "document",
    "recorded_by_id": "user_account",
    "checked_by_id": "user_account",
    "opinion_id": "opinion",
}


def upgrade() -> None:
    op.add_column("offer", sa.Column("recorded", DOCUMENT, nullable=True))
    op.add_column("offer", sa.Column("outside_specialist", DOCUMENT, nullable=True))
    op.create_table(
        "outside_opinion",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("specialist", sa.String(length=200), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("document_sha256", sa.String(length=64), nullable=False),
        sa.Column("writers", DOCUMENT, nullable=False),
        sa.Column("recorded_by_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_by", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handed_version", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("sent_back_by", sa.String(length=200), nullable=True),
        sa.Column("sent_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_by_id", sa.Uuid(), nullable=True),
        sa.Column("checked_by", sa.String(length=200), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opinion_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("checked_by_id <> recorded_by_id", name=op.f("ck_outside_opinion_two_persons")),
        sa.CheckConstraint(
            "(opinion_id IS NULL) = (checked_at IS NULL)", name=op.f("ck_outside_opinion_signed_once_checked")
        ),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_outside_opinion_{column}"))
            for column, table in POINTS_TO.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_opinion")),
        sa.UniqueConstraint("opinion_id", name=op.f("uq_outside_opinion_opinion_id")),
    )
    op.create_index(
        "uq_outside_opinion_unsigned",
        "outside_opinion",
        ["offer_id"],
        unique=True,
        postgresql_where=UNSIGNED,
        sqlite_where=UNSIGNED,
    )
    op.create_index(op.f("ix_outside_opinion_referral_id"), "outside_opinion", ["referral_id"], unique=False)


def downgrade() -> None:
    op.drop_table("outside_opinion")
    op.drop_column("offer", "outside_specialist")
    op.drop_column("offer", "recorded")
