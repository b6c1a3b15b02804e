"""Centers with their expertise and places, offers, advice on the way, and clinicians who join."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007_centers_and_offers"
down_revision = "0006_kept_records"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "capacity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("center_id", sa.Uuid(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.CheckConstraint("places >= 0", name=op.f("ck_capacity_places_not_negative")),
        sa.ForeignKeyConstraint(["center_id"], ["organization.id"], name=op.f("fk_capacity_center_id")),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_capacity_network_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_capacity")),
        sa.UniqueConstraint("center_id", "week", name=op.f("uq_capacity_center_id_week")),
    )
    op.create_table(
        "center",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("designation", sa.String(length=20), nullable=True),
        sa.Column("services", DOCUMENT, nullable=False),
        sa.Column("languages", DOCUMENT, nullable=False),
        sa.Column("city", sa.String(length=200), nullable=True),
        sa.Column("region", sa.String(length=200), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("zone", sa.String(length=60), nullable=True),
        sa.Column("holidays", DOCUMENT, nullable=True),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=True),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_because", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "designation IN ('comprehensive', 'clinical', 'basic')", name=op.f("ck_center_designation_known")
        ),
        sa.CheckConstraint("places >= 0", name=op.f("ck_center_places_not_negative")),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_center_network_id")),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], name=op.f("fk_center_organization_id")),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_center")),
    )
    op.create_table(
        "expertise",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("center_id", sa.Uuid(), nullable=False),
        sa.Column("family", sa.String(length=40), nullable=False),
        sa.Column("level", sa.Double(), nullable=False),
        sa.Column("yearly_volume", sa.Integer(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.CheckConstraint("level >= 0 AND level <= 1", name=op.f("ck_expertise_level_is_a_share")),
        sa.ForeignKeyConstraint(["center_id"], ["organization.id"], name=op.f("fk_expertise_center_id")),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_expertise_network_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expertise")),
        sa.UniqueConstraint("center_id", "family", name=op.f("uq_expertise_center_id_family")),
    )
    op.create_table(
        "advice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("author_name", sa.String(length=200), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_by", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["user_account.id"], name=op.f("fk_advice_author_id")),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_advice_network_id")),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("fk_advice_referral_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_advice")),
    )
    op.create_index(op.f("ix_advice_referral_id"), "advice", ["referral_id"], unique=False)
    op.create_table(
        "joined_clinician",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_joined_clinician_network_id")),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("fk_joined_clinician_referral_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_joined_clinician_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_joined_clinician")),
        sa.UniqueConstraint("referral_id", "user_id", name=op.f("uq_joined_clinician_referral_id_user_id")),
    )
    op.create_index(op.f("ix_joined_clinician_user_id"), "joined_clinician", ["user_id"], unique=False)
    op.create_table(
        "offer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("center_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("respond_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("facts_version", sa.Integer(), nullable=False),
        sa.Column("reconfirm", DOCUMENT, nullable=True),
        sa.Column("explanation", DOCUMENT, nullable=False),
        sa.Column("exception_reason", sa.Text(), nullable=True),
        sa.Column("overbook_reason", sa.Text(), nullable=True),
        sa.Column("late_acknowledged", sa.Boolean(), nullable=False),
        sa.Column("unknown_acknowledged", sa.Boolean(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("offered_by", sa.String(length=200), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.String(length=200), nullable=True),
        sa.Column("reason", sa.String(length=12), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("specialist_id", sa.Uuid(), nullable=True),
        sa.Column("panel", DOCUMENT, nullable=False),
        sa.Column("review_started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "reason IN ('capacity', 'expertise', 'conflict', 'incomplete', 'other')", name=op.f("ck_offer_reason_known")
        ),
        sa.CheckConstraint(
            "status IN ('live', 'accepted', 'declined', 'lapsed', 'withdrawn', 'returned', 'recalled')",
            name=op.f("ck_offer_status_known"),
        ),
        sa.ForeignKeyConstraint(["center_id"], ["organization.id"], name=op.f("fk_offer_center_id")),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_offer_network_id")),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("fk_offer_referral_id")),
        sa.ForeignKeyConstraint(["specialist_id"], ["user_account.id"], name=op.f("fk_offer_specialist_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
        sa.UniqueConstraint("referral_id", "number", name=op.f("uq_offer_referral_id_number")),
    )
    op.create_index(op.f("ix_offer_center_id_offered_at_id"), "offer", ["center_id", "offered_at", "id"], unique=False)
    op.create_index(
        "ix_offer_live",
        "offer",
        ["respond_by"],
        unique=False,
        postgresql_where=sa.text("status = 'live'"),
        sqlite_where=sa.text("status = 'live'"),
    )
    op.create_index(
        "ix_offer_places",
        "offer",
        ["center_id", "week"],
        unique=False,
        postgresql_where=sa.text("status IN ('accepted', 'live')"),
        sqlite_where=sa.text("status IN ('accepted', 'live')"),
    )
    op.create_index(
        "uq_offer_holding",
        "offer",
        ["referral_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('accepted', 'live')"),
        sqlite_where=sa.text("status IN ('accepted', 'live')"),
    )
    op.add_column("outbox", sa.Column("held_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("referral", sa.Column("respond_by", sa.DateTime(timezone=True), nullable=True))
    op.add_column("referral", sa.Column("withdrawal_requested_at", sa.DateTime(timezone=True), nullable=True))
    give_centers_a_profile()


def give_centers_a_profile() -> None:
    """A center that is known already has stated nothing yet: no service, no expertise, no place."""
    op.execute(
        "INSERT INTO center (organization_id, network_id, services, languages, places, version, updated_at)"
        " SELECT id, network_id, '[]', '[]', 0, 1, created_at FROM organization WHERE kind = 'center'"
    )


def downgrade() -> None:
    op.drop_column("referral", "withdrawal_requested_at")
    op.drop_column("referral", "respond_by")
    op.drop_column("outbox", "held_until")
    op.drop_index(
        "uq_offer_holding",
        table_name="offer",
        postgresql_where=sa.text("status IN ('accepted', 'live')"),
        sqlite_where=sa.text("status IN ('accepted', 'live')"),
    )
    op.drop_index(
        "ix_offer_places",
        table_name="offer",
        postgresql_where=sa.text("status IN ('accepted', 'live')"),
        sqlite_where=sa.text("status IN ('accepted', 'live')"),
    )
    op.drop_index(
        "ix_offer_live",
        table_name="offer",
        postgresql_where=sa.text("status = 'live'"),
        sqlite_where=sa.text("status = 'live'"),
    )
    op.drop_index(op.f("ix_offer_center_id_offered_at_id"), table_name="offer")
    op.drop_table("offer")
    op.drop_index(op.f("ix_joined_clinician_user_id"), table_name="joined_clinician")
    op.drop_table("joined_clinician")
    op.drop_index(op.f("ix_advice_referral_id"), table_name="advice")
    op.drop_table("advice")
    op.drop_table("expertise")
    op.drop_table("center")
    op.drop_table("capacity")
