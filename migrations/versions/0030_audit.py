"""Which audit entry names which row, checkpoints of the chain, and records opened outside somebody's scope."""

import sqlalchemy as sa
from alembic import op

revision = "0030_audit"
down_revision = "0029_encryption"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UNREVIEWED = sa.text("reviewed_at IS NULL")
OPENED_BY = {
    "network_id": "network",
    "referral_id": "referral",
    "user_id": "user_account",
    "organization_id": "organization",
    "reviewed_by_id": "user_account",
}
CHECKS = {
    "ground_known": "ground IN ('emergency_care', 'patients_request', 'legal_duty', 'incident')",
    "verdict_known": "verdict IN ('justified', 'not_justified')",
    "ends_after_it_began": "until > opened_at",
    "review_has_a_verdict": "(reviewed_at IS NULL) = (verdict IS NULL)",
    "review_has_a_reviewer": "(reviewed_at IS NULL) = (reviewed_by_id IS NULL)",
    "reviewed_by_another": "reviewed_by_id <> user_id",
}
INSERT_ONLY = ("audit_subject", "audit_checkpoint")
FIXED = "network_id, referral_id, user_id, organization_id, actor_name, ground, reason, opened_at, until"
# A sealed entry of before names its rows here, too. What is no id is left out.
NAMED = {
    "sqlite": (
        "INSERT OR IGNORE INTO audit_subject (entity_id, entry_id, network_id)"
        " SELECT replace(each.value, '-', ''), entry.id, entry.network_id"
        " FROM audit_entry entry JOIN audit_seal seal ON seal.entry_id = entry.id, json_each(entry.ids) each"
        " WHERE each.type = 'text' AND length(each.value) = 36"
    ),
    "postgresql": (
        "INSERT INTO audit_subject (entity_id, entry_id, network_id)"
        " SELECT CAST(named.value AS uuid), entry.id, entry.network_id"
        " FROM audit_entry entry JOIN audit_seal seal ON seal.entry_id = entry.id,"
        " jsonb_array_elements_text(entry.ids) AS named(value) WHERE length(named.value) = 36"
        " ON CONFLICT DO NOTHING"
    ),
}


def upgrade() -> None:
    make_tables()
    op.create_index(op.f("ix_audit_entry_organization_id_at"), "audit_entry", ["organization_id", "at"])
    op.create_index(op.f("ix_audit_entry_network_id_action_at"), "audit_entry", ["network_id", "action", "at"])
    op.create_index(op.f("ix_audit_entry_request_id"), "audit_entry", ["request_id"])
    dialect = op.get_bind().dialect.name
    op.execute(NAMED[dialect])
    {"sqlite": guard_sqlite, "postgresql": guard_postgresql}[dialect]()


def make_tables() -> None:
    op.create_table(
        "audit_subject",
        sa.Column("entity_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", SERIAL, autoincrement=False, nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["audit_entry.id"], name=op.f("fk_audit_subject_entry_id")),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_audit_subject_network_id")),
        sa.PrimaryKeyConstraint("entity_id", "entry_id", name=op.f("pk_audit_subject")),
    )
    op.create_index(op.f("ix_audit_subject_entry_id"), "audit_subject", ["entry_id"])
    op.create_table(
        "audit_checkpoint",
        sa.Column("position", SERIAL, autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("position > 0", name=op.f("ck_audit_checkpoint_position_positive")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_audit_checkpoint")),
    )
    op.create_table(
        "break_glass",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("ground", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reviewed_by_id", sa.Uuid(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verdict", sa.String(length=20), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        *(sa.CheckConstraint(check, name=op.f(f"ck_break_glass_{name}")) for name, check in CHECKS.items()),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_break_glass_{column}"))
            for column, table in OPENED_BY.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_break_glass")),
    )
    op.create_index(
        op.f("ix_break_glass_referral_id_user_id_until"), "break_glass", ["referral_id", "user_id", "until"]
    )
    op.create_index(op.f("ix_break_glass_network_id_id"), "break_glass", ["network_id", "id"])
    op.create_index(
        "ix_break_glass_unreviewed",
        "break_glass",
        ["opened_at"],
        postgresql_where=UNREVIEWED,
        sqlite_where=UNREVIEWED,
    )


def guard_sqlite() -> None:
    refuse = "BEGIN SELECT RAISE(ABORT, 'this record is only ever added to'); END"
    for table in (*INSERT_ONLY, "break_glass"):
        op.execute(f"CREATE TRIGGER {table}_keeps_rows BEFORE DELETE ON {table} {refuse}")
    for table in INSERT_ONLY:
        op.execute(f"CREATE TRIGGER {table}_keeps_words BEFORE UPDATE ON {table} {refuse}")
    op.execute(f"CREATE TRIGGER break_glass_keeps_words BEFORE UPDATE OF {FIXED} ON break_glass {refuse}")
    op.execute(
        f"CREATE TRIGGER break_glass_keeps_review BEFORE UPDATE ON break_glass WHEN OLD.reviewed_at IS NOT NULL {refuse}"
    )


def guard_postgresql() -> None:
    refuse = "EXECUTE FUNCTION refuse_rewriting()"
    for table in INSERT_ONLY:
        op.execute(f"CREATE TRIGGER {table}_is_kept BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {refuse}")
    for table in (*INSERT_ONLY, "break_glass"):
        op.execute(f"CREATE TRIGGER {table}_is_not_emptied BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {refuse}")
    op.execute(f"CREATE TRIGGER break_glass_keeps_rows BEFORE DELETE ON break_glass FOR EACH ROW {refuse}")
    op.execute(f"CREATE TRIGGER break_glass_keeps_words BEFORE UPDATE OF {FIXED} ON break_glass FOR EACH ROW {refuse}")
    op.execute(
        "CREATE TRIGGER break_glass_keeps_review BEFORE UPDATE ON break_glass FOR EACH ROW"
        f" WHEN (OLD.reviewed_at IS NOT NULL) {refuse}"
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_audit_entry_request_id"), table_name="audit_entry")
    op.drop_index(op.f("ix_audit_entry_network_id_action_at"), table_name="audit_entry")
    op.drop_index(op.f("ix_audit_entry_organization_id_at"), table_name="audit_entry")
    for table in ("break_glass", "audit_checkpoint", "audit_subject"):
        op.drop_table(table)
