"""Legal holds, patients that were erased, and the one change by which what is only ever added to may lose its words."""

from collections.abc import Iterator, Mapping

import sqlalchemy as sa
from alembic import op

revision = "0032_retention"
down_revision = "0031_single_sign_on"
branch_labels = None
depends_on = None

STANDS = sa.text("lifted_at IS NULL")
POINTS_TO = {
    "network_id": "network",
    "patient_id": "patient",
    "referral_id": "referral",
    "set_by_id": "user_account",
    "lifted_by_id": "user_account",
}
CHECKS = {
    "lifted_by_somebody": "(lifted_at IS NULL) = (lifted_by_id IS NULL)",
    "lifted_by_name": "(lifted_at IS NULL) = (lifted_by IS NULL)",
    "lifted_for_a_reason": "(lifted_at IS NULL) = (lifted_because IS NULL)",
}
NOTHING, WORD, WORD_IF_ANY, LIST, OBJECT = "nothing", "word", "word if any", "list", "object"
EVENT, JUDGEMENT = "event", "judgement"
KEPT_OF_EVENT = "('asked', 'blocking', 'center')"
OF_OPINION = "(SELECT opinion.referral_id FROM opinion WHERE opinion.id = OLD.opinion_id)"
OF_RECOMMENDATION = (
    "(SELECT opinion.referral_id FROM opinion JOIN recommendation ON recommendation.opinion_id = opinion.id"
    " WHERE recommendation.id = OLD.recommendation_id)"
)
# Where a row finds its referral, and what its columns may become once that is erased; every other stays as it was.
ERASABLE: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "receipt": ("OLD.referral_id", {"external_reference": NOTHING}),
    "event": ("OLD.referral_id", {"note": NOTHING, "data": EVENT}),
    "assessment": ("OLD.referral_id", {"judgement": JUDGEMENT, "changes": LIST}),
    "contact": ("OLD.referral_id", {"person": NOTHING, "text": NOTHING}),
    "opinion": ("OLD.referral_id", {"content": OBJECT}),
    "acknowledgement": (OF_OPINION, {"text": NOTHING}),
    "outcome": (OF_RECOMMENDATION, {"reason": NOTHING}),
    "break_glass": ("OLD.referral_id", {"reason": WORD, "note": NOTHING}),
}
# Of a stage it stays known that there was one: reports count it.
OF_DIAGNOSIS = {
    **dict.fromkeys(("stage_group", "stage_t", "stage_n", "stage_m"), WORD_IF_ANY),
    **dict.fromkeys(("grade", "laterality", "description", "diagnosed_on", "metastatic_sites"), NOTHING),
    **dict.fromkeys(("unusual_presentation", "other_codes", "first_opinion_name"), NOTHING),
}
OF_BIOMARKER = {"name": WORD, "value": NOTHING, "method": NOTHING, "date": NOTHING}
WHOLE = tuple(table for table in ERASABLE if table not in ("event", "break_glass"))
REVISED = "OLD.revises_id IS NOT NULL"
OF_REVISED = "SELECT 1 FROM diagnosis WHERE diagnosis.id = OLD.diagnosis_id AND diagnosis.revises_id IS NOT NULL"
OF_ERASED = (
    "SELECT 1 FROM diagnosis JOIN patient ON patient.id = diagnosis.patient_id"
    " WHERE diagnosis.id = OLD.diagnosis_id AND patient.erased_at IS NOT NULL"
)
FIXED = "network_id, referral_id, user_id, organization_id, actor_name, ground, reason, opened_at, until"
ADDED_TO = "this record is only ever added to"
HELD = "a legal hold stands, something is still open, or it was erased before"
NOT_ERASED = "the patient of this referral is not erased"
KEPT_HOLD = "a legal hold is kept as it was set, and as it was lifted"
# A patient is erased once, never under a hold, and never while anything of theirs is open.
MUST_STAY = (
    "OLD.erased_at IS NOT NULL OR NEW.erased_at IS NULL"
    " OR EXISTS (SELECT 1 FROM legal_hold WHERE legal_hold.patient_id = NEW.id AND legal_hold.lifted_at IS NULL)"
    " OR EXISTS (SELECT 1 FROM referral WHERE referral.patient_id = NEW.id AND referral.ended_at IS NULL)"
)
MUST_NOT_BE_MARKED = (
    "OLD.erased_at IS NOT NULL OR NOT EXISTS"
    " (SELECT 1 FROM patient WHERE patient.id = NEW.patient_id AND patient.erased_at = NEW.erased_at)"
)
HOLD_AS_SET = ("id", "network_id", "patient_id", "referral_id", "reason", "set_by_id", "set_by", "set_at")


def upgrade() -> None:
    for table in ("patient", "referral"):
        op.add_column(table, sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    make_legal_hold()
    {"sqlite": guard_sqlite, "postgresql": guard_postgresql}[op.get_bind().dialect.name]()


def downgrade() -> None:
    {"sqlite": unguard_sqlite, "postgresql": unguard_postgresql}[op.get_bind().dialect.name]()
    op.drop_table("legal_hold")
    for table in ("referral", "patient"):
        op.drop_column(table, "erased_at")


def make_legal_hold() -> None:
    op.create_table(
        "legal_hold",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("set_by_id", sa.Uuid(), nullable=False),
        sa.Column("set_by", sa.String(length=200), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_by_id", sa.Uuid(), nullable=True),
        sa.Column("lifted_by", sa.String(length=200), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_because", sa.Text(), nullable=True),
        *(sa.CheckConstraint(check, name=op.f(f"ck_legal_hold_{name}")) for name, check in CHECKS.items()),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_legal_hold_{column}"))
            for column, table in POINTS_TO.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_hold")),
    )
    op.create_index(
        "uq_legal_hold_standing",
        "legal_hold",
        ["patient_id"],
        unique=True,
        postgresql_where=STANDS,
        sqlite_where=STANDS,
    )
    op.create_index(op.f("ix_legal_hold_patient_id"), "legal_hold", ["patient_id"])
    op.create_index(op.f("ix_legal_hold_network_id_id"), "legal_hold", ["network_id", "id"])


def erases(table: str, same: str) -> str:
    """Whether this change is erasure and nothing else; `same` is how values are compared that may be missing."""
    place, columns = ERASABLE[table]
    erased = f"EXISTS (SELECT 1 FROM referral WHERE referral.id = {place} AND referral.erased_at IS NOT NULL)"  # noqa: S608 - a column of ours
    return " AND ".join((erased, *_becomes(table, columns, same)))


def erases_diagnosis(same: str) -> str:
    erased = "EXISTS (SELECT 1 FROM patient WHERE patient.id = OLD.patient_id AND patient.erased_at IS NOT NULL)"
    return " AND ".join((erased, *_becomes("diagnosis", OF_DIAGNOSIS, same)))


def erases_biomarker(same: str) -> str:
    return " AND ".join((f"EXISTS ({OF_ERASED})", *_becomes("biomarker", OF_BIOMARKER, same)))


def _becomes(table: str, columns: Mapping[str, str], same: str) -> Iterator[str]:
    forms = SQLITE if same == "IS" else POSTGRESQL
    for each in sa.inspect(op.get_bind()).get_columns(table):
        name = each["name"]
        yield (
            f"({forms[columns[name]].format(name, KEPT_OF_EVENT)})"
            if name in columns
            else f'NEW."{name}" {same} OLD."{name}"'
        )


# What of a JSON text stays: the two sides must hold the same parts, no fewer and no more. SQLite lets a trigger call
# `json_tree`, and none of the functions that would build the text anew.
_PARTS = 'SELECT fullkey, type, atom FROM json_tree({side}."{{0}}")'
_NEW, _OLD = (_PARTS.format(side=side) for side in ("NEW", "OLD"))


def _same_parts(stays: str) -> str:
    return f"NOT EXISTS ({_NEW} EXCEPT {_OLD} WHERE {stays}) AND NOT EXISTS ({_OLD} WHERE {stays} EXCEPT {_NEW})"


# How a column is held to what erasure makes of it.
SQLITE = {
    NOTHING: 'NEW."{0}" IS NULL',
    WORD: "NEW.\"{0}\" = 'Erased'",
    WORD_IF_ANY: 'CASE WHEN OLD."{0}" IS NULL THEN NEW."{0}" IS NULL ELSE NEW."{0}" = \'Erased\' END',
    LIST: "NEW.\"{0}\" = '[]'",
    OBJECT: "NEW.\"{0}\" = '{{}}'",
    EVENT: _same_parts("fullkey = '$' OR (path = '$' AND key IN {1})"),
    JUDGEMENT: _same_parts(
        "fullkey IN ('$', '$.tier', '$.criteria') OR path = '$.criteria' OR (key IN ('criterion', 'verdict')"
        " AND path GLOB '$.criteria[[]*]' AND path NOT GLOB '$.criteria*.*')"
    ),
}
POSTGRESQL = {
    **SQLITE,
    LIST: "NEW.\"{0}\" = '[]'::jsonb",
    OBJECT: "NEW.\"{0}\" = '{{}}'::jsonb",
    EVENT: "NEW.\"{0}\" = (SELECT coalesce(jsonb_object_agg(part.key, part.value), '{{}}'::jsonb)"
    ' FROM jsonb_each(OLD."{0}") AS part WHERE part.key IN {1})',
    JUDGEMENT: "NEW.\"{0}\" = jsonb_build_object('tier', OLD.\"{0}\" -> 'tier', 'criteria',"
    " (SELECT coalesce(jsonb_agg(jsonb_build_object('criterion', part.value -> 'criterion',"
    " 'verdict', part.value -> 'verdict') ORDER BY part.place), '[]'::jsonb)"
    " FROM jsonb_array_elements(OLD.\"{0}\" -> 'criteria') WITH ORDINALITY AS part(value, place)))",
}


def _refuse(words: str = ADDED_TO) -> str:
    return f"BEGIN SELECT RAISE(ABORT, '{words}'); END"


def guard_sqlite() -> None:
    drop_in_sqlite()
    for table in (*WHOLE, "event"):
        op.execute(
            f"CREATE TRIGGER {table}_keeps_words BEFORE UPDATE ON {table}"
            f" WHEN NOT coalesce({erases(table, 'IS')}, 0) {_refuse()}"
        )
    lets = f"NOT coalesce({erases('break_glass', 'IS')}, 0)"
    op.execute(
        f"CREATE TRIGGER break_glass_keeps_words BEFORE UPDATE OF {FIXED} ON break_glass WHEN {lets} {_refuse()}"
    )
    op.execute(
        "CREATE TRIGGER break_glass_keeps_review BEFORE UPDATE ON break_glass"
        f" WHEN OLD.reviewed_at IS NOT NULL AND {lets} {_refuse()}"
    )
    op.execute(
        f"CREATE TRIGGER revised_diagnosis_no_update BEFORE UPDATE ON diagnosis WHEN {REVISED}"
        f" AND NOT coalesce({erases_diagnosis('IS')}, 0) {_refuse()}"
    )
    op.execute(
        f"CREATE TRIGGER revised_biomarker_no_update BEFORE UPDATE ON biomarker WHEN EXISTS ({OF_REVISED})"
        f" AND NOT coalesce({erases_biomarker('IS')}, 0) {_refuse()}"
    )
    hold_in_sqlite()


def hold_in_sqlite() -> None:
    for table, why, words in (("patient", MUST_STAY, HELD), ("referral", MUST_NOT_BE_MARKED, NOT_ERASED)):
        op.execute(
            f"CREATE TRIGGER {table}_is_erased_once BEFORE UPDATE OF erased_at ON {table}"
            f" WHEN NEW.erased_at IS NOT OLD.erased_at AND ({why}) {_refuse(words)}"
        )
    op.execute(f"CREATE TRIGGER legal_hold_keeps_rows BEFORE DELETE ON legal_hold {_refuse(KEPT_HOLD)}")
    fixed = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in HOLD_AS_SET)
    op.execute(
        "CREATE TRIGGER legal_hold_keeps_words BEFORE UPDATE ON legal_hold"
        f" WHEN OLD.lifted_at IS NOT NULL OR {fixed} {_refuse(KEPT_HOLD)}"
    )


def drop_in_sqlite() -> None:
    for table in (*WHOLE, "event", "break_glass"):
        op.execute(f"DROP TRIGGER {table}_keeps_words")
    for trigger in ("break_glass_keeps_review", "revised_diagnosis_no_update", "revised_biomarker_no_update"):
        op.execute(f"DROP TRIGGER {trigger}")


def unguard_sqlite() -> None:
    drop_in_sqlite()
    for trigger in ("patient_is_erased_once", "referral_is_erased_once"):
        op.execute(f"DROP TRIGGER {trigger}")
    for table in (*WHOLE, "event"):
        op.execute(f"CREATE TRIGGER {table}_keeps_words BEFORE UPDATE ON {table} {_refuse()}")
    op.execute(f"CREATE TRIGGER break_glass_keeps_words BEFORE UPDATE OF {FIXED} ON break_glass {_refuse()}")
    op.execute(
        "CREATE TRIGGER break_glass_keeps_review BEFORE UPDATE ON break_glass"
        f" WHEN OLD.reviewed_at IS NOT NULL {_refuse()}"
    )
    op.execute(f"CREATE TRIGGER revised_diagnosis_no_update BEFORE UPDATE ON diagnosis WHEN {REVISED} {_refuse()}")
    op.execute(
        f"CREATE TRIGGER revised_biomarker_no_update BEFORE UPDATE ON biomarker WHEN EXISTS ({OF_REVISED}) {_refuse()}"
    )


def _function(name: str, body: str) -> None:
    op.execute(f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$")


def _unless(test: str, words: str = ADDED_TO) -> str:
    return f"IF coalesce({test}, false) THEN RETURN NEW; END IF; RAISE EXCEPTION '{words}';"


def guard_postgresql() -> None:
    same = "IS NOT DISTINCT FROM"
    for table in (*WHOLE, "event", "break_glass"):
        _function(f"refuse_all_but_erasing_{table}", _unless(erases(table, same)))
    _function("refuse_all_but_erasing_diagnosis", _unless(erases_diagnosis(same)))
    for table in WHOLE:
        op.execute(f"DROP TRIGGER {table}_is_kept ON {table}")
        _before(f"{table}_keeps_rows", f"DELETE ON {table}", "", "refuse_rewriting")
        _before(f"{table}_keeps_words", f"UPDATE ON {table}", "", f"refuse_all_but_erasing_{table}")
    redirect("refuse_all_but_erasing_{}")
    op.execute("DROP TRIGGER revised_diagnosis_is_kept ON diagnosis")
    _before("revised_diagnosis_no_delete", "DELETE ON diagnosis", REVISED, "refuse_rewriting")
    _before("revised_diagnosis_no_update", "UPDATE ON diagnosis", REVISED, "refuse_all_but_erasing_diagnosis")
    _function(
        "refuse_rewriting_revised",
        _kept_revised(f" AND NOT (TG_OP = 'UPDATE' AND coalesce({erases_biomarker(same)}, false))"),
    )
    hold_in_postgresql()


def redirect(function: str) -> None:
    """The triggers of the two tables that are not closed to every change."""
    for name, on, when in (
        ("event_keeps_words", "UPDATE ON event", ""),
        ("break_glass_keeps_words", f"UPDATE OF {FIXED} ON break_glass", ""),
        ("break_glass_keeps_review", "UPDATE ON break_glass", "OLD.reviewed_at IS NOT NULL"),
    ):
        table = on.split()[-1]
        op.execute(f"DROP TRIGGER {name} ON {table}")
        _before(name, on, when, function.format(table))


def _before(name: str, on: str, when: str, function: str) -> None:
    condition = f" WHEN ({when})" if when else ""
    op.execute(f"CREATE TRIGGER {name} BEFORE {on} FOR EACH ROW{condition} EXECUTE FUNCTION {function}()")


def _kept_revised(but: str) -> str:
    return (
        f"IF EXISTS ({OF_REVISED}){but} THEN RAISE EXCEPTION '{ADDED_TO}'; END IF;"
        " IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;"
    )


def hold_in_postgresql() -> None:
    for table, why, words in (("patient", MUST_STAY, HELD), ("referral", MUST_NOT_BE_MARKED, NOT_ERASED)):
        _function(f"refuse_erasing_{table}", _unless(f"NOT ({why})", words))
        moved = "NEW.erased_at IS DISTINCT FROM OLD.erased_at"
        _before(f"{table}_is_erased_once", f"UPDATE OF erased_at ON {table}", moved, f"refuse_erasing_{table}")
    fixed = " AND ".join(f"NEW.{name} IS NOT DISTINCT FROM OLD.{name}" for name in HOLD_AS_SET)
    _function("refuse_changing_hold", _unless(f"TG_OP = 'UPDATE' AND OLD.lifted_at IS NULL AND {fixed}", KEPT_HOLD))
    _before("legal_hold_is_kept", "UPDATE OR DELETE ON legal_hold", "", "refuse_changing_hold")
    op.execute(
        "CREATE TRIGGER legal_hold_is_not_emptied BEFORE TRUNCATE ON legal_hold"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting()"
    )


def unguard_postgresql() -> None:
    for table in WHOLE:
        op.execute(f"DROP TRIGGER {table}_keeps_rows ON {table}")
        op.execute(f"DROP TRIGGER {table}_keeps_words ON {table}")
        _before(f"{table}_is_kept", f"UPDATE OR DELETE ON {table}", "", "refuse_rewriting")
    redirect("refuse_rewriting")
    for word in ("delete", "update"):
        op.execute(f"DROP TRIGGER revised_diagnosis_no_{word} ON diagnosis")
    _before("revised_diagnosis_is_kept", "UPDATE OR DELETE ON diagnosis", REVISED, "refuse_rewriting")
    _function("refuse_rewriting_revised", _kept_revised(""))
    for table in (*WHOLE, "event", "break_glass", "diagnosis"):
        op.execute(f"DROP FUNCTION refuse_all_but_erasing_{table}() CASCADE")
    for function in ("refuse_erasing_patient", "refuse_erasing_referral", "refuse_changing_hold"):
        op.execute(f"DROP FUNCTION {function}() CASCADE")
