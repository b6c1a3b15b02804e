"""Opinions with what is counted of them, acknowledgements, outcomes, and the draft of an opinion."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009_opinions"
down_revision = "0008_questions"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
# What is signed or told is only ever added.
INSERT_ONLY = ("opinion", "finding", "recommendation", "acknowledgement", "outcome")
# A revised diagnosis is part of the opinion that revised it; what it is of and whose it is are columns of its own.
REVISED = "OLD.revises_id IS NOT NULL"
OF_REVISED = "SELECT 1 FROM diagnosis WHERE diagnosis.id = OLD.diagnosis_id AND diagnosis.revises_id IS NOT NULL"


def upgrade() -> None:
    op.create_table(
        "opinion",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("center_id", sa.Uuid(), nullable=False),
        sa.Column("signed_by_id", sa.Uuid(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", DOCUMENT, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_opinion_version_positive")),
        sa.ForeignKeyConstraint(["center_id"], ["organization.id"], name=op.f("fk_opinion_center_id")),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_opinion_network_id")),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("fk_opinion_referral_id")),
        sa.ForeignKeyConstraint(["signed_by_id"], ["user_account.id"], name=op.f("fk_opinion_signed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinion")),
        sa.UniqueConstraint("referral_id", "version", name=op.f("uq_opinion_referral_id_version")),
    )
    op.create_table(
        "opinion_draft",
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("content", DOCUMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("saved_by_id", sa.Uuid(), nullable=False),
        sa.Column("saved_by_name", sa.String(length=200), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_opinion_draft_network_id")),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("fk_opinion_draft_referral_id")),
        sa.ForeignKeyConstraint(["saved_by_id"], ["user_account.id"], name=op.f("fk_opinion_draft_saved_by_id")),
        sa.PrimaryKeyConstraint("referral_id", name=op.f("pk_opinion_draft")),
    )
    op.create_table(
        "acknowledgement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("opinion_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("user_name", sa.String(length=200), nullable=False),
        sa.Column("plan", sa.String(length=8), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "plan IN ('follow', 'partly', 'not', 'discuss')", name=op.f("ck_acknowledgement_plan_known")
        ),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_acknowledgement_network_id")),
        sa.ForeignKeyConstraint(["opinion_id"], ["opinion.id"], name=op.f("fk_acknowledgement_opinion_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_acknowledgement_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acknowledgement")),
        sa.UniqueConstraint("opinion_id", name=op.f("uq_acknowledgement_opinion_id")),
    )
    op.create_table(
        "finding",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("opinion_id", sa.Uuid(), nullable=False),
        sa.Column("axis", sa.String(length=12), nullable=False),
        sa.Column("result", sa.String(length=20), nullable=False),
        sa.Column("impact", sa.String(length=8), nullable=False),
        sa.Column("revised_diagnosis_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "axis IN ('diagnosis', 'stage', 'biomarkers', 'treatment')", name=op.f("ck_finding_axis_known")
        ),
        sa.CheckConstraint("impact IN ('none', 'minor', 'major')", name=op.f("ck_finding_impact_known")),
        sa.CheckConstraint(
            "result IN ('confirmed', 'refined', 'changed', 'not_assessable')", name=op.f("ck_finding_result_known")
        ),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_finding_network_id")),
        sa.ForeignKeyConstraint(["opinion_id"], ["opinion.id"], name=op.f("fk_finding_opinion_id")),
        sa.ForeignKeyConstraint(
            ["revised_diagnosis_id"], ["diagnosis.id"], name=op.f("fk_finding_revised_diagnosis_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
        sa.UniqueConstraint("opinion_id", "axis", name=op.f("uq_finding_opinion_id_axis")),
    )
    op.create_table(
        "outcome_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("opinion_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_outcome_link_network_id")),
        sa.ForeignKeyConstraint(["opinion_id"], ["opinion.id"], name=op.f("fk_outcome_link_opinion_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_outcome_link_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outcome_link")),
    )
    op.create_index(op.f("ix_outcome_link_opinion_id"), "outcome_link", ["opinion_id"], unique=False)
    op.create_table(
        "recommendation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("opinion_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("strength", sa.String(length=8), nullable=False),
        sa.Column("urgency", sa.String(length=8), nullable=False),
        sa.CheckConstraint(
            "kind IN ('treatment', 'test', 'trial', 'surveillance', 'supportive', 'referral')",
            name=op.f("ck_recommendation_kind_known"),
        ),
        sa.CheckConstraint("strength IN ('strong', 'weak')", name=op.f("ck_recommendation_strength_known")),
        sa.CheckConstraint("urgency IN ('now', 'weeks', 'routine')", name=op.f("ck_recommendation_urgency_known")),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_recommendation_network_id")),
        sa.ForeignKeyConstraint(["opinion_id"], ["opinion.id"], name=op.f("fk_recommendation_opinion_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recommendation")),
        sa.UniqueConstraint("opinion_id", "position", name=op.f("uq_recommendation_opinion_id_position")),
    )
    op.create_table(
        "outcome",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("recommendation_id", sa.Uuid(), nullable=False),
        sa.Column("result", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("author_name", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("result IN ('followed', 'partly', 'not', 'unknown')", name=op.f("ck_outcome_result_known")),
        sa.CheckConstraint("source IN ('closed', 'link', 'no_response')", name=op.f("ck_outcome_source_known")),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_outcome_network_id")),
        sa.ForeignKeyConstraint(
            ["recommendation_id"], ["recommendation.id"], name=op.f("fk_outcome_recommendation_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_outcome_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outcome")),
    )
    op.create_index(op.f("ix_outcome_recommendation_id_at"), "outcome", ["recommendation_id", "at"], unique=False)
    {"sqlite": guard_sqlite, "postgresql": guard_postgresql}[op.get_bind().dialect.name]()


def downgrade() -> None:
    {"sqlite": unguard_sqlite, "postgresql": unguard_postgresql}[op.get_bind().dialect.name]()
    for table in (
        "outcome_link",
        "opinion_draft",
        "outcome",
        "acknowledgement",
        "recommendation",
        "finding",
        "opinion",
    ):
        op.drop_table(table)


def guard_sqlite() -> None:
    refuse = "BEGIN SELECT RAISE(ABORT, 'this record is only ever added to'); END"
    for table in INSERT_ONLY:
        op.execute(f"CREATE TRIGGER {table}_keeps_rows BEFORE DELETE ON {table} {refuse}")
        op.execute(f"CREATE TRIGGER {table}_keeps_words BEFORE UPDATE ON {table} {refuse}")
    for action in ("UPDATE", "DELETE"):
        word = action.lower()
        op.execute(f"CREATE TRIGGER revised_diagnosis_no_{word} BEFORE {action} ON diagnosis WHEN {REVISED} {refuse}")
        op.execute(
            f"CREATE TRIGGER revised_biomarker_no_{word} BEFORE {action} ON biomarker"
            f" WHEN EXISTS ({OF_REVISED}) {refuse}"
        )


def unguard_sqlite() -> None:
    for word in ("update", "delete"):
        op.execute(f"DROP TRIGGER revised_diagnosis_no_{word}")
        op.execute(f"DROP TRIGGER revised_biomarker_no_{word}")


def guard_postgresql() -> None:
    for table in INSERT_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_is_kept BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_rewriting()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_is_not_emptied BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting()"
        )
    op.execute(
        "CREATE TRIGGER revised_diagnosis_is_kept BEFORE UPDATE OR DELETE ON diagnosis FOR EACH ROW"
        f" WHEN ({REVISED}) EXECUTE FUNCTION refuse_rewriting()"
    )
    op.execute(
        "CREATE FUNCTION refuse_rewriting_revised() RETURNS trigger LANGUAGE plpgsql AS $$"
        f" BEGIN IF EXISTS ({OF_REVISED}) THEN RAISE EXCEPTION 'this record is only ever added to'; END IF;"
        " IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER revised_biomarker_is_kept BEFORE UPDATE OR DELETE ON biomarker"
        " FOR EACH ROW EXECUTE FUNCTION refuse_rewriting_revised()"
    )


def unguard_postgresql() -> None:
    op.execute("DROP TRIGGER revised_diagnosis_is_kept ON diagnosis")
    op.execute("DROP FUNCTION refuse_rewriting_revised() CASCADE")
