"""Patients as each organization knows them, with diagnoses and treatments."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002_patients_and_diagnoses"
down_revision = "0001_networks_and_people"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "patient",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("given_name", sa.String(length=200), nullable=False),
        sa.Column("family_name", sa.String(length=200), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("sex", sa.String(length=10), nullable=True),
        sa.Column("language", sa.String(length=35), nullable=True),
        sa.Column("interpreter_needed", sa.Boolean(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("postal_code", sa.String(length=20), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("deceased_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("sex IN ('female', 'male', 'other', 'unknown')", name=op.f("ck_patient_sex_known")),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_patient_network_id")),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], name=op.f("fk_patient_organization_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient")),
    )
    op.create_index(
        op.f("ix_patient_organization_id_family_name_given_name_id"),
        "patient",
        ["organization_id", "family_name", "given_name", "id"],
        unique=False,
    )
    op.create_table(
        "patient_identifier",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("system", sa.String(length=200), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_patient_identifier_network_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_patient_identifier_organization_id")
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_patient_identifier_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient_identifier")),
        sa.UniqueConstraint(
            "organization_id", "system", "value", name=op.f("uq_patient_identifier_organization_id_system_value")
        ),
    )
    op.create_index(
        op.f("ix_patient_identifier_network_id_value"), "patient_identifier", ["network_id", "value"], unique=False
    )
    op.create_index(op.f("ix_patient_identifier_patient_id"), "patient_identifier", ["patient_id"], unique=False)
    op.create_table(
        "patient_word",
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column(
            "word",
            sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_patient_word_network_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_patient_word_patient_id")),
        sa.PrimaryKeyConstraint("patient_id", "word", name=op.f("pk_patient_word")),
    )
    op.create_index(
        "ix_patient_word_network_id_word_patient_id", "patient_word", ["network_id", "word", "patient_id"], unique=False
    )
    op.create_table(
        "diagnosis",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("revises_id", sa.Uuid(), nullable=True),
        sa.Column("icd10cm", sa.String(length=10), nullable=True),
        sa.Column("uncoded", sa.Boolean(), nullable=False),
        sa.Column("topography", sa.String(length=10), nullable=True),
        sa.Column("morphology", sa.String(length=10), nullable=True),
        sa.Column("grade", sa.String(length=40), nullable=True),
        sa.Column("laterality", sa.String(length=40), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("diagnosed_on", sa.String(length=10), nullable=True),
        sa.Column("basis", sa.String(length=20), nullable=True),
        sa.Column("certainty", sa.String(length=20), nullable=True),
        sa.Column("stage_system", sa.String(length=20), nullable=True),
        sa.Column("stage_group", sa.String(length=20), nullable=True),
        sa.Column("stage_t", sa.String(length=20), nullable=True),
        sa.Column("stage_n", sa.String(length=20), nullable=True),
        sa.Column("stage_m", sa.String(length=20), nullable=True),
        sa.Column("metastatic_sites", DOCUMENT, nullable=True),
        sa.Column("disease_status", sa.String(length=20), nullable=True),
        sa.Column("unusual_presentation", sa.Text(), nullable=True),
        sa.Column("other_codes", DOCUMENT, nullable=True),
        sa.Column("first_opinion_organization_id", sa.Uuid(), nullable=True),
        sa.Column("first_opinion_name", sa.String(length=200), nullable=True),
        sa.Column("treatments_recorded", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "basis IN ('histology', 'cytology', 'imaging', 'clinical', 'other')", name=op.f("ck_diagnosis_basis_known")
        ),
        sa.CheckConstraint(
            "certainty IN ('confirmed', 'provisional', 'uncertain', 'conflicting')",
            name=op.f("ck_diagnosis_certainty_known"),
        ),
        sa.CheckConstraint(
            "disease_status IN ('newly_diagnosed', 'stable', 'responding', 'progression', 'recurrence', 'refractory', 'remission', 'second_primary', 'unknown')",
            name=op.f("ck_diagnosis_disease_status_known"),
        ),
        sa.CheckConstraint(
            "stage_system IN ('AJCC7', 'AJCC8', 'AJCC9', 'FIGO', 'AnnArbor', 'Lugano', 'ISS', 'RISS', 'Rai', 'Binet', 'BCLC', 'INRG', 'other')",
            name=op.f("ck_diagnosis_stage_system_known"),
        ),
        sa.ForeignKeyConstraint(
            ["first_opinion_organization_id"],
            ["organization.id"],
            name=op.f("fk_diagnosis_first_opinion_organization_id"),
        ),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_diagnosis_network_id")),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], name=op.f("fk_diagnosis_organization_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_diagnosis_patient_id")),
        sa.ForeignKeyConstraint(["revises_id"], ["diagnosis.id"], name=op.f("fk_diagnosis_revises_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_diagnosis")),
    )
    op.create_index(op.f("ix_diagnosis_patient_id"), "diagnosis", ["patient_id"], unique=False)
    op.create_table(
        "biomarker",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("diagnosis_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=True),
        sa.Column("method", sa.String(length=200), nullable=True),
        sa.Column("date", sa.String(length=10), nullable=True),
        sa.ForeignKeyConstraint(["diagnosis_id"], ["diagnosis.id"], name=op.f("fk_biomarker_diagnosis_id")),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_biomarker_network_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_biomarker")),
    )
    op.create_index(op.f("ix_biomarker_diagnosis_id"), "biomarker", ["diagnosis_id"], unique=False)
    op.create_table(
        "treatment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("diagnosis_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("modality", sa.String(length=20), nullable=False),
        sa.Column("regimen", sa.String(length=200), nullable=True),
        sa.Column("intent", sa.String(length=20), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("started_on", sa.String(length=10), nullable=True),
        sa.Column("ended_on", sa.String(length=10), nullable=True),
        sa.Column("best_response", sa.String(length=5), nullable=True),
        sa.Column("stop_reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "best_response IN ('CR', 'PR', 'MR', 'SD', 'PD', 'NR', 'NE')", name=op.f("ck_treatment_best_response_known")
        ),
        sa.CheckConstraint(
            "intent IN ('curative', 'adjuvant', 'neoadjuvant', 'palliative', 'other')",
            name=op.f("ck_treatment_intent_known"),
        ),
        sa.CheckConstraint(
            "modality IN ('surgery', 'chemotherapy', 'radiation', 'immunotherapy', 'targeted', 'hormone', 'cell_therapy', 'transplant', 'locoregional', 'supportive', 'other')",
            name=op.f("ck_treatment_modality_known"),
        ),
        sa.CheckConstraint("status IN ('given', 'planned')", name=op.f("ck_treatment_status_known")),
        sa.CheckConstraint("line >= 0", name=op.f("ck_treatment_line_not_negative")),
        sa.ForeignKeyConstraint(["diagnosis_id"], ["diagnosis.id"], name=op.f("fk_treatment_diagnosis_id")),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_treatment_network_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_treatment")),
    )
    op.create_index(op.f("ix_treatment_diagnosis_id"), "treatment", ["diagnosis_id"], unique=False)


def downgrade() -> None:
    op.drop_table("treatment")
    op.drop_table("biomarker")
    op.drop_table("diagnosis")
    op.drop_table("patient_word")
    op.drop_table("patient_identifier")
    op.drop_table("patient")
