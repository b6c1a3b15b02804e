"""Centers to be asked next, approved with an offer."""

import sqlalchemy as sa
from alembic import op

revision = "0019_fallbacks"
down_revision = "0018_places_by_service"
branch_labels = None
depends_on = None

OPEN = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "fallback",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("center_id", sa.Uuid(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.String(length=200), nullable=False),
        sa.Column("approved_by_id", sa.Uuid(), nullable=True),
        sa.Column("tier", sa.String(length=2), nullable=True),
        sa.Column("facts_version", sa.Integer(), nullable=False),
        sa.Column("late_acknowledged", sa.Boolean(), nullable=False),
        sa.Column("unknown_acknowledged", sa.Boolean(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("skipped_because", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("place BETWEEN 1 AND 3", name=op.f("ck_fallback_place_in_chain")),
        sa.CheckConstraint("used_at IS NULL OR skipped_because IS NULL", name=op.f("ck_fallback_used_or_skipped")),
        sa.CheckConstraint("tier IN ('P1', 'P2', 'P3', 'P4')", name=op.f("ck_fallback_tier_known")),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_fallback_network_id")),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("fk_fallback_referral_id")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_fallback_offer_id")),
        sa.ForeignKeyConstraint(["center_id"], ["organization.id"], name=op.f("fk_fallback_center_id")),
        sa.ForeignKeyConstraint(["approved_by_id"], ["user_account.id"], name=op.f("fk_fallback_approved_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fallback")),
        sa.UniqueConstraint("offer_id", "place", name=op.f("uq_fallback_offer_id_place")),
        sa.UniqueConstraint("offer_id", "center_id", name=op.f("uq_fallback_offer_id_center_id")),
    )
    op.create_index("ix_fallback_open", "fallback", ["referral_id"], postgresql_where=OPEN, sqlite_where=OPEN)


def downgrade() -> None:
    op.drop_index("ix_fallback_open", table_name="fallback")
    op.drop_table("fallback")
