"""Referrals, the facts they are judged on, policies, judgements and overrides."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003_referrals"
down_revision = "0002_patients_and_diagnoses"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "policy",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("document", DOCUMENT, nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("approver", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("status IN ('draft', 'approved', 'active', 'retired')", name=op.f("ck_policy_status_known")),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_policy_network_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy")),
        sa.UniqueConstraint("network_id", "version", name=op.f("uq_policy_network_id_version")),
    )
    op.create_index(
        "uq_policy_active",
        "policy",
        ["network_id"],
        unique=True,
        postgresql_where=sa.text("status = 'active'"),
        sqlite_where=sa.text("status = 'active'"),
    )
    op.create_table(
        "reference_counter",
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_reference_counter_network_id")),
        sa.PrimaryKeyConstraint("network_id", "year", name=op.f("pk_reference_counter")),
    )
    op.create_table(
        "referral",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("external_reference", sa.String(length=200), nullable=True),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("diagnosis_id", sa.Uuid(), nullable=True),
        sa.Column("clinician_id", sa.Uuid(), nullable=True),
        sa.Column("follows_id", sa.Uuid(), nullable=True),
        sa.Column("duplicate_of_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("resume_status", sa.String(length=24), nullable=True),
        sa.Column("waiting_on", sa.String(length=12), nullable=True),
        sa.Column("next_action", sa.String(length=40), nullable=True),
        sa.Column("next_action_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("segment_started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("center_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("triaged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("order_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("purposes", DOCUMENT, nullable=False),
        sa.Column("questions", DOCUMENT, nullable=False),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("preferences", DOCUMENT, nullable=True),
        sa.Column("performance_status", DOCUMENT, nullable=True),
        sa.Column("other_conditions", DOCUMENT, nullable=True),
        sa.Column("needed_by", sa.Date(), nullable=True),
        sa.Column("needed_by_kind", sa.String(length=20), nullable=True),
        sa.Column("pregnant", sa.Boolean(), nullable=True),
        sa.Column("facts_version", sa.Integer(), nullable=False),
        sa.Column("assessment_number", sa.Integer(), nullable=True),
        sa.Column("computed_tier", sa.String(length=2), nullable=True),
        sa.Column("soonest_tier", sa.String(length=2), nullable=True),
        sa.Column("tier", sa.String(length=2), nullable=True),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("patient_given_name", sa.String(length=200), nullable=False),
        sa.Column("patient_family_name", sa.String(length=200), nullable=False),
        sa.Column("patient_birth_date", sa.Date(), nullable=True),
        sa.Column("patient_sex", sa.String(length=10), nullable=True),
        sa.Column("icd10cm", sa.String(length=10), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("morphology", sa.String(length=10), nullable=True),
        sa.Column("tumor_family", sa.String(length=40), nullable=True),
        sa.Column("reasons", DOCUMENT, nullable=False),
        sa.Column("aggressive", sa.Boolean(), nullable=False),
        sa.Column("resistant", sa.Boolean(), nullable=False),
        sa.Column("rare", sa.Boolean(), nullable=False),
        sa.Column("complex", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(status = 'draft') <= (submitted_at IS NULL)", name=op.f("ck_referral_draft_not_submitted")
        ),
        sa.CheckConstraint(
            "(status IN ('accepted', 'acknowledged', 'draft', 'in_review', 'in_triage', 'information_requested', 'offered', 'opinion_issued', 'ready', 'submitted')) = (next_action_due_at IS NOT NULL)",
            name=op.f("ck_referral_open_has_a_next_action"),
        ),
        sa.CheckConstraint(
            "(status IN ('accepted', 'acknowledged', 'draft', 'in_review', 'in_triage', 'information_requested', 'offered', 'opinion_issued', 'ready', 'submitted')) = (waiting_on IS NOT NULL)",
            name=op.f("ck_referral_open_waits_on_somebody"),
        ),
        sa.CheckConstraint("computed_tier IN ('P1', 'P2', 'P3', 'P4')", name=op.f("ck_referral_computed_tier_known")),
        sa.CheckConstraint(
            "resume_status IN ('draft', 'submitted', 'in_triage', 'information_requested', 'ready', 'offered', 'accepted', 'in_review', 'opinion_issued', 'acknowledged', 'closed', 'declined', 'withdrawn', 'cancelled', 'entered_in_error')",
            name=op.f("ck_referral_resume_status_known"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'submitted', 'in_triage', 'information_requested', 'ready', 'offered', 'accepted', 'in_review', 'opinion_issued', 'acknowledged', 'closed', 'declined', 'withdrawn', 'cancelled', 'entered_in_error')",
            name=op.f("ck_referral_status_known"),
        ),
        sa.CheckConstraint("tier IN ('P1', 'P2', 'P3', 'P4')", name=op.f("ck_referral_tier_known")),
        sa.CheckConstraint(
            "waiting_on IN ('referrer', 'coordinator', 'center', 'third_party')",
            name=op.f("ck_referral_waiting_on_known"),
        ),
        sa.CheckConstraint(
            "(submitted_at IS NULL) = (due_at IS NULL)", name=op.f("ck_referral_submitted_has_a_promise")
        ),
        sa.CheckConstraint("(submitted_at IS NULL) = (tier IS NULL)", name=op.f("ck_referral_submitted_is_judged")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_referral_version_positive")),
        sa.ForeignKeyConstraint(["center_id"], ["organization.id"], name=op.f("fk_referral_center_id")),
        sa.ForeignKeyConstraint(["clinician_id"], ["user_account.id"], name=op.f("fk_referral_clinician_id")),
        sa.ForeignKeyConstraint(["diagnosis_id"], ["diagnosis.id"], name=op.f("fk_referral_diagnosis_id")),
        sa.ForeignKeyConstraint(["duplicate_of_id"], ["referral.id"], name=op.f("fk_referral_duplicate_of_id")),
        sa.ForeignKeyConstraint(["follows_id"], ["referral.id"], name=op.f("fk_referral_follows_id")),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_referral_network_id")),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], name=op.f("fk_referral_organization_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["user_account.id"], name=op.f("fk_referral_owner_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_referral_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral")),
        sa.UniqueConstraint("network_id", "reference", name=op.f("uq_referral_network_id_reference")),
        sa.UniqueConstraint(
            "organization_id", "external_reference", name=op.f("uq_referral_organization_id_external_reference")
        ),
    )
    op.create_index(
        "ix_referral_center", "referral", ["center_id", "status", "order_at", "arrived_at", "id"], unique=False
    )
    op.create_index(
        "ix_referral_due",
        "referral",
        ["network_id", "due_at", "id", "status", "submitted_at"],
        unique=False,
        postgresql_where=sa.text(
            "status IN ('accepted', 'acknowledged', 'in_review', 'in_triage', 'information_requested', 'offered', 'opinion_issued', 'ready', 'submitted')"
        ),
        sqlite_where=sa.text(
            "status IN ('accepted', 'acknowledged', 'in_review', 'in_triage', 'information_requested', 'offered', 'opinion_issued', 'ready', 'submitted')"
        ),
    )
    op.create_index(
        "ix_referral_network_counts",
        "referral",
        ["network_id", "status", "tier", "waiting_on", "submitted_at", "owner_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_referral_network_id_arrived_at_id"), "referral", ["network_id", "arrived_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_referral_network_id_updated_at_id"), "referral", ["network_id", "updated_at", "id"], unique=False
    )
    op.create_index(
        "ix_referral_network_status", "referral", ["network_id", "status", "order_at", "arrived_at", "id"], unique=False
    )
    op.create_index(
        "ix_referral_organization_counts",
        "referral",
        ["organization_id", "status", "tier", "waiting_on", "owner_id", "due_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_referral_organization_id_updated_at_id"),
        "referral",
        ["organization_id", "updated_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_referral_organization_status",
        "referral",
        ["organization_id", "status", "order_at", "arrived_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_referral_own_worklist",
        "referral",
        ["organization_id", "order_at", "arrived_at", "id"],
        unique=False,
        postgresql_where=sa.text(
            "status IN ('accepted', 'acknowledged', 'draft', 'in_review', 'in_triage', 'information_requested', 'offered', 'opinion_issued', 'ready', 'submitted')"
        ),
        sqlite_where=sa.text(
            "status IN ('accepted', 'acknowledged', 'draft', 'in_review', 'in_triage', 'information_requested', 'offered', 'opinion_issued', 'ready', 'submitted')"
        ),
    )
    op.create_index(
        "ix_referral_owner",
        "referral",
        ["owner_id", "order_at", "arrived_at", "id"],
        unique=False,
        postgresql_where=sa.text(
            "status IN ('accepted', 'acknowledged', 'in_review', 'in_triage', 'information_requested', 'offered', 'opinion_issued', 'ready', 'submitted')"
        ),
        sqlite_where=sa.text(
            "status IN ('accepted', 'acknowledged', 'in_review', 'in_triage', 'information_requested', 'offered', 'opinion_issued', 'ready', 'submitted')"
        ),
    )
    op.create_index(op.f("ix_referral_patient_id"), "referral", ["patient_id"], unique=False)
    op.create_index(
        "ix_referral_unowned",
        "referral",
        ["network_id", "order_at", "arrived_at", "id", "status", "submitted_at", "owner_id"],
        unique=False,
        postgresql_where=sa.text(
            "status IN ('accepted', 'acknowledged', 'in_review', 'in_triage', 'information_requested', 'offered', 'opinion_issued', 'ready', 'submitted') AND owner_id IS NULL"
        ),
        sqlite_where=sa.text(
            "status IN ('accepted', 'acknowledged', 'in_review', 'in_triage', 'information_requested', 'offered', 'opinion_issued', 'ready', 'submitted') AND owner_id IS NULL"
        ),
    )
    op.create_index(
        "ix_referral_worklist",
        "referral",
        ["network_id", "order_at", "arrived_at", "id"],
        unique=False,
        postgresql_where=sa.text(
            "status IN ('accepted', 'acknowledged', 'in_review', 'in_triage', 'information_requested', 'offered', 'opinion_issued', 'ready', 'submitted')"
        ),
        sqlite_where=sa.text(
            "status IN ('accepted', 'acknowledged', 'in_review', 'in_triage', 'information_requested', 'offered', 'opinion_issued', 'ready', 'submitted')"
        ),
    )
    op.create_table(
        "facts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("content", DOCUMENT, nullable=False),
        sa.Column("author_name", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('initial', 'correction', 'new_event')", name=op.f("ck_facts_kind_known")),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_facts_network_id")),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("fk_facts_referral_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facts")),
        sa.UniqueConstraint("referral_id", "version", name=op.f("uq_facts_referral_id_version")),
    )
    op.create_table(
        "consent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=True),
        sa.Column("given_by", sa.String(length=20), nullable=True),
        sa.Column("scope", DOCUMENT, nullable=False),
        sa.Column("centers", DOCUMENT, nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("interpreter_used", sa.Boolean(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "given_by IN ('patient', 'parent', 'guardian', 'representative')", name=op.f("ck_consent_given_by_known")
        ),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_consent_network_id")),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("fk_consent_referral_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index(
        "uq_consent_in_force",
        "consent",
        ["referral_id"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at IS NULL"),
        sqlite_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_table(
        "assessment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("facts_version", sa.Integer(), nullable=False),
        sa.Column("policy_version", sa.String(length=40), nullable=False),
        sa.Column("tier", sa.String(length=2), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("judgement", DOCUMENT, nullable=False),
        sa.Column("changes", DOCUMENT, nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("author_name", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("tier IN ('P1', 'P2', 'P3', 'P4')", name=op.f("ck_assessment_tier_known")),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_assessment_network_id")),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("fk_assessment_referral_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment")),
        sa.UniqueConstraint("referral_id", "number", name=op.f("uq_assessment_referral_id_number")),
    )
    op.create_table(
        "override",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("tier", sa.String(length=2), nullable=False),
        sa.Column("from_tier", sa.String(length=2), nullable=False),
        sa.Column("reason", sa.String(length=30), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("author_name", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("countersign_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_because", sa.String(length=20), nullable=True),
        sa.CheckConstraint("from_tier IN ('P1', 'P2', 'P3', 'P4')", name=op.f("ck_override_from_tier_known")),
        sa.CheckConstraint(
            "reason IN ('clinical_judgement', 'patient_safety', 'data_error', 'time_critical')",
            name=op.f("ck_override_reason_known"),
        ),
        sa.CheckConstraint("tier IN ('P1', 'P2', 'P3', 'P4')", name=op.f("ck_override_tier_known")),
        sa.ForeignKeyConstraint(["author_id"], ["user_account.id"], name=op.f("fk_override_author_id")),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_override_network_id")),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("fk_override_referral_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_override")),
    )
    op.create_index(
        op.f("ix_override_expires_at"),
        "override",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        "uq_override_live",
        "override",
        ["referral_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "identity_check",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("other_patient_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decision", sa.String(length=10), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("decision IN ('same', 'different')", name=op.f("ck_identity_check_decision_known")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["user_account.id"], name=op.f("fk_identity_check_decided_by_id")),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_identity_check_network_id")),
        sa.ForeignKeyConstraint(["other_patient_id"], ["patient.id"], name=op.f("fk_identity_check_other_patient_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_identity_check_patient_id")),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("fk_identity_check_referral_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_check")),
        sa.UniqueConstraint(
            "patient_id", "other_patient_id", name=op.f("uq_identity_check_patient_id_other_patient_id")
        ),
    )
    op.create_index(
        op.f("ix_identity_check_network_id_decided_at"), "identity_check", ["network_id", "decided_at"], unique=False
    )


def downgrade() -> None:
    op.drop_table("identity_check")
    op.drop_table("override")
    op.drop_table("assessment")
    op.drop_table("consent")
    op.drop_table("facts")
    op.drop_table("referral")
    op.drop_table("reference_counter")
    op.drop_table("policy")
