"""Receipts, events, judgements and audit entries are only ever added; nothing submitted is deleted."""

from alembic import op

revision = "0006_kept_records"
down_revision = "0005_doors"
branch_labels = None
depends_on = None

# What is only ever added. The events of a draft go with the draft, which its author may drop.
INSERT_ONLY = ("receipt", "receipt_seen", "assessment", "audit_entry", "audit_seal")
SUBMITTED = "SELECT 1 FROM referral WHERE referral.id = OLD.referral_id AND referral.submitted_at IS NOT NULL"


def upgrade() -> None:
    {"sqlite": guard_sqlite, "postgresql": guard_postgresql}[op.get_bind().dialect.name]()


def downgrade() -> None:
    {"sqlite": unguard_sqlite, "postgresql": unguard_postgresql}[op.get_bind().dialect.name]()


def guard_sqlite() -> None:
    refuse = "BEGIN SELECT RAISE(ABORT, 'this record is only ever added to'); END"
    for table in INSERT_ONLY:
        op.execute(f"CREATE TRIGGER {table}_keeps_rows BEFORE DELETE ON {table} {refuse}")
        op.execute(f"CREATE TRIGGER {table}_keeps_words BEFORE UPDATE ON {table} {refuse}")
    op.execute(f"CREATE TRIGGER event_keeps_words BEFORE UPDATE ON event {refuse}")
    op.execute(f"CREATE TRIGGER event_keeps_rows BEFORE DELETE ON event WHEN EXISTS ({SUBMITTED}) {refuse}")
    op.execute(
        f"CREATE TRIGGER referral_keeps_rows BEFORE DELETE ON referral WHEN OLD.submitted_at IS NOT NULL {refuse}"
    )


def unguard_sqlite() -> None:
    for table in INSERT_ONLY:
        op.execute(f"DROP TRIGGER {table}_keeps_rows")
        op.execute(f"DROP TRIGGER {table}_keeps_words")
    for trigger in ("event_keeps_words", "event_keeps_rows", "referral_keeps_rows"):
        op.execute(f"DROP TRIGGER {trigger}")


def guard_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$"
        " BEGIN RAISE EXCEPTION 'this record is only ever added to'; END $$"
    )
    op.execute(
        "CREATE FUNCTION refuse_losing_submitted() RETURNS trigger LANGUAGE plpgsql AS $$"
        f" BEGIN IF EXISTS ({SUBMITTED}) THEN RAISE EXCEPTION 'this record is only ever added to'; END IF;"
        " RETURN OLD; END $$"
    )
    for table in INSERT_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_is_kept BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_rewriting()"
        )
    for table in (*INSERT_ONLY, "event", "referral"):
        op.execute(
            f"CREATE TRIGGER {table}_is_not_emptied BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting()"
        )
    op.execute(
        "CREATE TRIGGER event_keeps_words BEFORE UPDATE ON event FOR EACH ROW EXECUTE FUNCTION refuse_rewriting()"
    )
    op.execute(
        "CREATE TRIGGER event_keeps_rows BEFORE DELETE ON event FOR EACH ROW EXECUTE FUNCTION refuse_losing_submitted()"
    )
    op.execute(
        "CREATE TRIGGER referral_keeps_rows BEFORE DELETE ON referral FOR EACH ROW"
        " WHEN (OLD.submitted_at IS NOT NULL) EXECUTE FUNCTION refuse_rewriting()"
    )


def unguard_postgresql() -> None:
    op.execute("DROP FUNCTION refuse_rewriting() CASCADE")
    op.execute("DROP FUNCTION refuse_losing_submitted() CASCADE")
