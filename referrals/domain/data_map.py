"""The data map: every table with what it says of a person, how long that is kept, and what erasure does to each column."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

ERASED = "Erased"


class Fate(StrEnum):
    """What erasure of a patient does to a column."""

    EMPTIED = "emptied"
    WORD = "replaced by “Erased”"
    DATED = "replaced by “Erased on” and the day"
    LIST = "replaced by an empty list"
    OBJECT = "replaced by an empty object"
    CODES = "reduced to codes"


class Period(StrEnum):
    """How long the rows of a table stay."""

    GOOD = "for good"
    PATIENT = "row for good; words about the patient until the patient is erased"
    REMOVED = "until the patient is erased"
    STAFF = "for good; what only signs them in until the retention period after their last act"
    CYCLE = "until the retention period is over"
    SHORT = "days or weeks, swept by the worker"
    INSTANCE = "as long as the service is run"


@dataclass(frozen=True, slots=True)
class Kept:
    """One table. `stays` are columns of text that erasure leaves, and `because` says why it may."""

    holds: str
    period: Period
    because: str
    erased: Mapping[str, Fate] = field(default_factory=dict)
    stays: frozenset[str] = frozenset()


def _kept(holds: str, period: Period, because: str, stays: str = "", /, **erased: Fate) -> Kept:
    return Kept(holds, period, because, MappingProxyType(erased), frozenset(stays.split()))


_E, _W, _D, _L, _O, _C = Fate.EMPTIED, Fate.WORD, Fate.DATED, Fate.LIST, Fate.OBJECT, Fate.CODES
_RECORD = "Codes, times and who acted are the record of the service; they name no patient."
_FIGURES = "Sex, language and where somebody lived carry the figures of reports; with names, dates and numbers gone they name nobody by themselves."
_RULES = "Says nothing of a patient."
_WHOLE = "The whole row goes."

PATIENTS: Mapping[str, Kept] = {
    "patient": _kept(
        "Who the patient is, as one organization knows them", Period.PATIENT, _FIGURES,
        "sex language country postal_code",
        given_name=_E, family_name=_D, birth_date=_E, email=_E, phone=_E, deceased_on=_E,
    ),
    "patient_identifier": _kept("Numbers of the patient, locked, and the blind index by which they are found", Period.REMOVED, _WHOLE),
    "patient_word": _kept("Words of the name, for the search", Period.REMOVED, _WHOLE),
    "identity_check": _kept("That two records may be one person", Period.GOOD, _RECORD, "decision"),
    "legal_hold": _kept(
        "That nothing of a patient may be erased, and why", Period.GOOD,
        "Why something was kept has to be shown later; the reason names a case, never a patient.",
        "reason set_by lifted_by lifted_because",
    ),
    "diagnosis": _kept(
        "The diagnosis, and a revised one beside it", Period.PATIENT, "Codes carry the figures of reports.",
        "icd10cm topography morphology basis certainty stage_system disease_status",
        grade=_E, laterality=_E, description=_E, diagnosed_on=_E, stage_group=_W, stage_t=_W, stage_n=_W, stage_m=_W,
        metastatic_sites=_E, unusual_presentation=_E, other_codes=_E, first_opinion_name=_E,
    ),
    "biomarker": _kept(
        "Findings of the laboratory", Period.PATIENT, "Reports count that there was one.",
        name=_W, value=_E, method=_E, date=_E,
    ),
    "treatment": _kept(
        "What was done before", Period.PATIENT, _RECORD, "modality intent status best_response",
        regimen=_E, started_on=_E, ended_on=_E, stop_reason=_E,
    ),
    "referral": _kept(
        "The request, with what lists show of patient and diagnosis", Period.PATIENT,
        "Status, times, tier and codes are the record and its figures. The reference is ours and names nobody.",
        "reference status resume_status waiting_on next_action purposes needed_by needed_by_kind computed_tier"
        " soonest_tier tier patient_sex icd10cm morphology tumor_family",
        external_reference=_E, questions=_L, summary=_E, preferences=_E, performance_status=_O, other_conditions=_E,
        pregnant=_E, patient_given_name=_E, patient_family_name=_D, patient_birth_date=_E, description=_E, reasons=_L,
    ),
    "facts": _kept(
        "The facts as they were judged, each version", Period.PATIENT, "The codes of the diagnosis stay.",
        "kind author_name", source=_E, reason=_E, content=_C,
    ),
    "assessment": _kept(
        "Each judgement with its evidence", Period.PATIENT, "Tier and verdicts stay, their evidence goes.",
        "policy_version tier reason author_name", judgement=_C, changes=_L,
    ),
    "override": _kept(
        "Who set another tier, and why", Period.PATIENT, _RECORD,
        "tier from_tier reason author_name ended_because", text=_W,
    ),
    "consent": _kept(
        "What the patient agreed to", Period.GOOD, "The proof that the referral was allowed to travel.",
        "given_on given_by scope centers until",
    ),
    "event": _kept(
        "Each step, with its note", Period.PATIENT, _RECORD,
        "step from_status to_status actor_name party", note=_E, data=_C,
    ),
    "contact": _kept(
        "Calls and letters", Period.PATIENT, _RECORD, "counterpart channel outcome author_name", person=_E, text=_E
    ),
    "message": _kept(
        "What was said about the referral", Period.PATIENT, _RECORD, "sender addressee author_name read_by", text=_W
    ),
    "advice": _kept("Advice before the opinion", Period.PATIENT, _RECORD, "author_name read_by", text=_W),
    "information_request": _kept(
        "Questions", Period.PATIENT, _RECORD, "party author_name asked status answered_by",
        message=_E, source=_E, changes=_L,
    ),
    "information_item": _kept(
        "What each question asks, and its answer", Period.PATIENT, _RECORD, "field document",
        text=_W, answer=_E, reason=_W,
    ),
    "document": _kept(
        "What is known of a file; the file itself is removed", Period.PATIENT, "Kind, size and seal stay.",
        "kind media_type sha256 scan attached_by", name=_W, finding=_E, misfiled_why=_W,
    ),
    "offer": _kept(
        "Which center was asked, and its answer", Period.PATIENT, _RECORD,
        "status week line expected_on offered_by answered_by reason outside_specialist panel",
        reconfirm=_E, explanation=_O, exception_reason=_E, overbook_reason=_E, text=_E, recorded=_E,
    ),
    "fallback": _kept("Which center comes next", Period.PATIENT, _RECORD, "approved_by tier", skipped_because=_E),
    "planned_offer": _kept(
        "What a plan proposed", Period.CYCLE, _RECORD, "tier week code outcome",
        because=_W, acknowledge=_L, outcome_because=_E,
    ),
    "opinion": _kept(
        "The opinion as it was signed", Period.PATIENT, "That it was signed, when, by whom, and its seal stay.",
        "sha256", content=_O,
    ),
    "opinion_draft": _kept("An opinion that is being written", Period.REMOVED, _WHOLE),
    "finding": _kept("What the opinion found, in codes", Period.GOOD, _RECORD, "axis result impact"),
    "recommendation": _kept("What it advised, in codes", Period.GOOD, _RECORD, "kind strength urgency"),
    "acknowledgement": _kept("Who has read it", Period.PATIENT, _RECORD, "user_name plan", text=_E),
    "outcome": _kept("What came of it", Period.PATIENT, _RECORD, "result source author_name", reason=_E),
    "outcome_link": _kept("Links by which somebody tells", Period.GOOD, _RECORD),
    "summary_release": _kept("That the summary was released", Period.GOOD, _RECORD, "user_name"),
    "outside_opinion": _kept(
        "Who transcribed and compared an opinion on paper", Period.PATIENT, _RECORD,
        "specialist title signed_on document_sha256 writers recorded_by sent_back_by checked_by", note=_E,
    ),
    "joined_clinician": _kept("Who else is told", Period.GOOD, _RECORD),
    "break_glass": _kept(
        "Who opened a record outside their scope", Period.PATIENT, _RECORD, "actor_name ground verdict",
        reason=_W, note=_E,
    ),
    "receipt": _kept(
        "What became of each intake", Period.PATIENT, "The only proof that something came in. Reasons name fields.",
        "door outcome reasons actor_name", external_reference=_E,
    ),
    "import_line": _kept(
        "The receipt of each line of a file", Period.PATIENT, "The only proof that a line came in. Reasons name fields.",
        "outcome reference status tier reasons", external_reference=_W,
    ),
    "delivery": _kept("That a letter went to one of the staff", Period.REMOVED, _WHOLE),
    "task": _kept("What one of the staff had to do", Period.PATIENT, _RECORD, "kind key", words=_W),
    "reminder": _kept("That somebody's turn ran out", Period.GOOD, _RECORD, "kind status"),
    "notification": _kept("Who was told of what", Period.GOOD, "The proof that a referrer was told."),
    "outbox": _kept("The feed of events", Period.GOOD, _RECORD, "topic"),
}  # fmt: skip

OTHERS: Mapping[str, Kept] = {
    "audit_entry": _kept(
        "Who read or changed what", Period.GOOD, "Ids and codes alone; sealed, and never changed by erasure.",
        "action entity ids request_id detail",
    ),
    "audit_seal": _kept("The chain over the audit", Period.GOOD, _RULES, "digest key_id"),
    "audit_subject": _kept("Which entry names which row", Period.GOOD, _RULES),
    "audit_checkpoint": _kept("Heads of the chain", Period.GOOD, _RULES, "digest"),
    "certificate": _kept("Proofs of the whole record", Period.GOOD, "Names of rows alone.", "by night findings previous digest"),
    "receipt_seen": _kept("Who saw a refusal", Period.GOOD, _RECORD),
    "import_run": _kept(
        "Each file that was taken in", Period.GOOD, "The head of its receipts. The file itself goes when it is read.",
        "status form sheet sha256 fault note actor_name",
    ),
    "plan": _kept("Each plan for the queue", Period.CYCLE, "Figures and codes.", "status cause key asked_by note scarce approved_by"),
    "user_account": _kept(
        "People of the staff", Period.STAFF, "Names in events are the record.", "email name password_hash away_from away_to preferences"
    ),
    "membership": _kept("Their roles", Period.GOOD, _RECORD, "role"),
    "authenticator_app": _kept("Their second factor, locked", Period.STAFF, _RULES, "seed pending"),
    "passkey": _kept("Their second factor", Period.STAFF, _RULES, "name credential_id public_key"),
    "recovery_code": _kept("Their second factor", Period.STAFF, _RULES, "code_hash"),
    "passkey_challenge": _kept("A proof on its way", Period.SHORT, _RULES, "id_hash purpose challenge"),
    "user_session": _kept("Signed-in browsers", Period.SHORT, _RULES, "id_hash lacks browser address door"),
    "user_identity": _kept("Under which name somebody signs in elsewhere", Period.STAFF, _RULES, "issuer subject"),
    "sign_on_attempt": _kept(
        "A sign-in elsewhere on its way", Period.SHORT, _RULES, "id_hash state_hash nonce verifier purpose onward kept"
    ),
    "user_ticket": _kept("Links to set a password", Period.SHORT, _RULES, "kind digest"),
    "access_token": _kept("Tokens of partner systems", Period.SHORT, _RULES, "token_hash scopes"),
    "client_assertion": _kept("Proofs that were used", Period.SHORT, _RULES, "jti_hash"),
    "client_refusal": _kept("Refused calls, counted", Period.SHORT, "Names of fields.", "method route problem code request_id"),
    "idempotency_key": _kept("Answers to repeat, locked", Period.SHORT, "Gone after 30 days.", "key fingerprint headers body"),
    "rate_counter": _kept("Calls, counted", Period.SHORT, _RULES, "subject"),
    "webhook_delivery": _kept("What was sent to partner systems", Period.SHORT, "Ids and codes.", "topic body state last_fault"),
    "webhook_subscription": _kept("Where it is sent", Period.INSTANCE, _RULES, "url topics filters stopped secret previous_secret"),
    "api_client": _kept(
        "Partner systems", Period.INSTANCE, _RULES, "client_id name secret_hash old_secret_hash jwks jwks_url scopes"
    ),
    "network": _kept("Networks", Period.INSTANCE, _RULES, "code name zone holidays second_factor_roles"),
    "organization": _kept("Organizations", Period.INSTANCE, _RULES, "kind code name region"),
    "policy": _kept("The rules", Period.GOOD, _RULES, "version status document author approver"),
    "center": _kept(
        "Centers", Period.INSTANCE, _RULES,
        "designation services languages city region country zone holidays url sites contacts source checked_on checked_by"
        " paused_because paused_for",
    ),
    "capacity": _kept("Places", Period.INSTANCE, _RULES, "week reason"),
    "center_conflict": _kept("Whom a center must not judge", Period.INSTANCE, _RULES, "reason from_day until_day"),
    "expertise": _kept("What a center knows", Period.INSTANCE, _RULES, "family evidence"),
    "line_limit": _kept("Places by service", Period.INSTANCE, _RULES, "week service"),
    "trial": _kept("Trials", Period.INSTANCE, _RULES, "registry_id title families phase contact source opened_on closed_on"),
    "code_table": _kept("Code systems", Period.INSTANCE, _RULES, "system version"),
    "loaded_code": _kept("Codes", Period.INSTANCE, _RULES, "code display extra"),
    "reference_counter": _kept("The last number given", Period.INSTANCE, _RULES),
    "feed_end": _kept("The last number of the feed", Period.INSTANCE, _RULES),
    "beat": _kept("A sign of life", Period.INSTANCE, _RULES, "process"),
}  # fmt: skip

DATA_MAP: Mapping[str, Kept] = {**PATIENTS, **OTHERS}
