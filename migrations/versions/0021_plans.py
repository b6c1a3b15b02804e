"""Plans for the whole queue, and what each proposes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021_plans"
down_revision = "0020_organization_region"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
TO_DO = sa.text("status IN ('waiting', 'running')")


def upgrade() -> None:
    op.create_table(
        "plan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("cause", sa.String(length=10), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.String(length=200), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("queue_length", sa.Integer(), nullable=True),
        sa.Column("scarce", DOCUMENT, nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by", sa.String(length=200), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "status IN ('waiting', 'running', 'ready', 'approved', 'superseded', 'failed')",
            name=op.f("ck_plan_status_known"),
        ),
        sa.CheckConstraint("cause IN ('asked', 'daily', 'urgent')", name=op.f("ck_plan_cause_known")),
        sa.CheckConstraint("progress BETWEEN 0 AND 100", name=op.f("ck_plan_progress_in_percent")),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_plan_network_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
        sa.UniqueConstraint("network_id", "key", name=op.f("uq_plan_network_id_key")),
    )
    op.create_index("ix_plan_to_do", "plan", ["asked_at"], postgresql_where=TO_DO, sqlite_where=TO_DO)
    op.create_index(op.f("ix_plan_network_id_asked_at_id"), "plan", ["network_id", "asked_at", "id"])
    op.create_table(
        "planned_offer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("facts_version", sa.Integer(), nullable=False),
        sa.Column("tier", sa.String(length=2), nullable=True),
        sa.Column("center_id", sa.Uuid(), nullable=True),
        sa.Column("week", sa.Date(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("rank_of_choice", sa.Integer(), nullable=True),
        sa.Column("runner_up_id", sa.Uuid(), nullable=True),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("acknowledge", DOCUMENT, nullable=False),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("is_unknown", sa.Boolean(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=True),
        sa.Column("outcome", sa.String(length=10), nullable=True),
        sa.Column("outcome_because", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "code IN ('no_eligible_center', 'no_place', 'kept_back', 'earlier_first')",
            name=op.f("ck_planned_offer_code_known"),
        ),
        sa.CheckConstraint(
            "outcome IN ('offered', 'left_out', 'changed')", name=op.f("ck_planned_offer_outcome_known")
        ),
        sa.CheckConstraint("(center_id IS NULL) = (code IS NOT NULL)", name=op.f("ck_planned_offer_center_or_code")),
        sa.ForeignKeyConstraint(["center_id"], ["organization.id"], name=op.f("fk_planned_offer_center_id")),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_planned_offer_network_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_planned_offer_plan_id")),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("fk_planned_offer_referral_id")),
        sa.ForeignKeyConstraint(["runner_up_id"], ["organization.id"], name=op.f("fk_planned_offer_runner_up_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_offer")),
        sa.UniqueConstraint("plan_id", "number", name=op.f("uq_planned_offer_plan_id_number")),
    )
    op.create_index(op.f("ix_planned_offer_referral_id"), "planned_offer", ["referral_id"])


def downgrade() -> None:
    op.drop_table("planned_offer")
    op.drop_table("plan")
