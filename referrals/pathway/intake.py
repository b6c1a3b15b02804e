"""A referral comes in: written as a draft, sent, or refused at the door; each with its receipt."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from referrals.domain.coding import normalize_facts
from referrals.domain.deadlines import draft_order_key
from referrals.domain.errors import Conflict, FieldError, Forbidden, refuse_unless_clean
from referrals.domain.packet import faults
from referrals.domain.people import Actor, Party
from referrals.models.assessment import Assessment
from referrals.models.base import new_id
from referrals.models.diagnosis import Diagnosis
from referrals.models.new_rows import write_new
from referrals.models.patient import IdentityCheck, Patient
from referrals.models.referral import Consent, Facts, Referral
from referrals.models.trail import Receipt
from referrals.models.user import User
from referrals.pathway.ahead import Ahead
from referrals.pathway.assessment import judge, show_diagnosis
from referrals.pathway.diagnoses import add_diagnosis, record_treatments
from referrals.pathway.meant import meant_by
from referrals.pathway.packets import current_facts, packet_of
from referrals.pathway.reference import next_reference
from referrals.pathway.registry import Registered, register
from referrals.pathway.steps import Act, act_of, advance, begin
from referrals.pathway.trail import Intake, give_receipt


@dataclass(frozen=True, slots=True)
class Received:
    """What has just come in, with every row that was written for it."""

    referral: Referral
    registered: Registered
    facts: Facts
    consent: Consent | None
    clinician: User | None
    assessment: Assessment | None


def receive(session: Session, actor: Actor, packet: Mapping[str, Any], *, door: str, now: datetime) -> Referral:
    """Write the whole packet down as a draft, and send it where it says so: all of it, or nothing.

    Raises `Invalid` with every fault, `Conflict` for a reference that is known or a patient contradicted.
    """
    return receive_whole(session, actor, packet, door=door, now=now).referral


def receive_whole(session: Session, actor: Actor, packet: Mapping[str, Any], *, door: str, now: datetime) -> Received:
    """`receive`, for a caller who answers with everything that was written."""
    _refuse_other_than_referrer(actor)
    act = act_of(session, actor, now)
    refuse_known_reference(session, actor.organization_id, packet.get("external_reference"))
    received = write_down(act, packet, door)
    _flush(session)
    return received


def write_down(act: Act, packet: Mapping[str, Any], door: str, ahead: Ahead | None = None) -> Received:
    """The rows of a packet that nobody has sent before. The caller knows that, and flushes: an import, many at once.

    `ahead` is what was looked up for all of these together.
    """
    packet = normalize_facts(packet)
    submitting = bool(packet.get("submit"))
    with act.session.no_autoflush:  # what is asked on the way is about others
        records = _records(act, packet, submitting, ahead)
        received = _write(act, packet, records, ahead)
        if submitting:
            intake = Intake(door, received.referral.external_reference)
            assessment = _send(act, received.referral, records.content, intake, bool(records.registered.checks))
            received = replace(received, assessment=assessment)
    return received


def _refuse_other_than_referrer(actor: Actor) -> None:
    if Party.R not in actor.parties:
        raise Forbidden("not_this_actor", "Referrals are written by clinicians of a provider, or its systems.")


_KNOWN_REFERENCE = select(Referral.id).where(
    Referral.organization_id == bindparam("organization_id"),
    Referral.external_reference == bindparam("external_reference"),
)


def refuse_known_reference(
    session: Session, organization_id: UUID | None, external_reference: str | None, besides: UUID | None = None
) -> None:
    """A reference stands for one referral of its organization; `besides` is the one that has it by right."""
    if external_reference is None:
        return
    sent = {"organization_id": organization_id, "external_reference": external_reference}
    known = session.connection().scalar(_KNOWN_REFERENCE, sent)
    if known not in (None, besides):
        raise Conflict("You have sent this reference before.", referral=str(known), fields=["/external_reference"])


def _flush(session: Session) -> None:
    """Two senders may race with one reference or one patient number: the database lets one of them in."""
    try:
        write_new(session)
    except IntegrityError as error:
        raise Conflict("The same reference or patient number came in at this moment. Send it again.") from error


@dataclass(frozen=True, slots=True)
class Records:
    """The patient's record as it stands after this packet, and the facts that the referral will be judged on."""

    registered: Registered
    diagnosis: Diagnosis | None
    clinician: User | None
    content: dict[str, Any]


def _records(act: Act, packet: Mapping[str, Any], submitting: bool, ahead: Ahead | None) -> Records:
    meant = meant_by(act, packet, ahead)
    today = act.rules.calendar.local_date(act.now)
    by_client = act.actor.client_id is not None
    refuse_unless_clean([*meant.errors, *faults(meant.whole, today, submitting=submitting, by_client=by_client)])
    registered = register(act.session, act.actor, meant.match, packet.get("patient") or {}, act.now)
    patient, diagnosis = registered.patient, meant.diagnosis
    if diagnosis is None and packet.get("diagnosis"):
        diagnosis = add_diagnosis(act.session, act.actor, patient, packet["diagnosis"], act.now)
        record_treatments(diagnosis, packet.get("treatments"), act.now)
    return Records(registered, diagnosis, meant.clinician, content_of(meant.whole, patient))


def content_of(packet: Mapping[str, Any], patient: Patient) -> dict[str, Any]:
    """The facts of one referral: what is clinical in the packet, in the API's shape. Absent is not empty."""
    birth = patient.birth_date
    content: dict[str, Any] = {
        "patient": {
            "birth_date": birth.isoformat() if birth else None,
            "pregnant": (packet.get("patient") or {}).get("pregnant"),
        }
    }
    for part in ("diagnosis", "treatments"):
        if packet.get(part) is not None:
            content[part] = packet[part]
    return content


def _write(act: Act, packet: Mapping[str, Any], records: Records, ahead: Ahead | None) -> Received:
    referral = _draft(act, packet, records, ahead)
    facts = facts_row(act, referral, records.content, kind="initial")
    consent = consent_row(referral, packet["consent"]) if packet.get("consent") else None
    act.session.add_all(row for row in (referral, facts, consent) if row is not None)
    begin(act, referral, {})
    for check in records.registered.checks:
        check.referral = referral
    return Received(referral, records.registered, facts, consent, records.clinician, None)


def _draft(act: Act, packet: Mapping[str, Any], records: Records, ahead: Ahead | None) -> Referral:
    actor, now, patient = act.actor, act.now, records.registered.patient
    year = act.rules.calendar.local_date(now).year
    given = ahead.reference(year) if ahead else None
    referral = Referral(
        id=new_id(),
        network_id=actor.network_id,
        organization_id=actor.organization_id,
        reference=given or next_reference(act.session, actor.network_id, year),
        external_reference=packet.get("external_reference"),
        patient=patient,
        diagnosis=records.diagnosis,
        clinician_id=records.clinician.id if records.clinician else None,
        created_at=now,
        order_at=draft_order_key(now),
        arrived_at=draft_order_key(now),
        facts_version=1,
        provisional=False,
        reasons=[],
        patient_given_name=patient.given_name,
        patient_family_name=patient.family_name,
        patient_birth_date=patient.birth_date,
        patient_sex=patient.sex,
    )
    write_request(referral, packet)
    show_diagnosis(referral, records.content)
    return referral


def write_request(referral: Referral, packet: Mapping[str, Any]) -> None:
    """What is asked and wished for: everything in the packet that is neither patient nor clinical."""
    referral.purposes = list(packet.get("purposes") or [])
    referral.questions = list(packet.get("questions") or [])
    referral.summary = packet.get("summary")
    referral.preferences = packet.get("preferences")
    referral.performance_status = packet.get("performance_status")
    referral.other_conditions = packet.get("other_conditions")
    referral.needed_by = needed_by_of(packet)
    referral.needed_by_kind = (packet.get("needed_by") or {}).get("kind")


def needed_by_of(packet: Mapping[str, Any]) -> date | None:
    return _day((packet.get("needed_by") or {}).get("date"))


def facts_row(act: Act, referral: Referral, content: Mapping[str, Any], *, kind: str) -> Facts:
    return Facts(
        id=new_id(),
        network_id=referral.network_id,
        referral=referral,
        version=referral.facts_version,
        kind=kind,
        content=dict(content),
        author_name=act.actor.name,
        created_at=act.now,
    )


def consent_row(referral: Referral, sent: Mapping[str, Any]) -> Consent:
    return Consent(
        id=new_id(),
        network_id=referral.network_id,
        referral=referral,
        given=bool(sent.get("given")),
        given_on=_day(sent.get("given_on")),
        given_by=sent.get("given_by"),
        scope=list(sent.get("scope") or []),
        centers=sent.get("centers"),
        until=_day(sent.get("until")),
        interpreter_used=sent.get("interpreter_used"),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def submit(
    session: Session, actor: Actor, referral: Referral, now: datetime, *, door: str, note: str | None = None
) -> None:
    """Send a draft: receipt, first judgement, promise and place."""
    act = act_of(session, actor, now)
    packet = packet_of(session, referral)
    today = act.rules.calendar.local_date(now)
    by_client = actor.client_id is not None
    refuse_unless_clean(faults(packet, today, submitting=True, by_client=by_client))
    waits = _awaits_identity_check(session, referral)
    facts = current_facts(session, referral)
    # The patient's record may have learned something since the draft was written.
    facts.content = content_of(packet, session.get_one(Patient, referral.patient_id))
    _send(act, referral, facts.content, Intake(door, referral.external_reference), waits, note)
    _flush(session)


def _send(
    act: Act,
    referral: Referral,
    content: Mapping[str, Any],
    intake: Intake,
    has_check: bool,
    note: str | None = None,
) -> Assessment:
    with act.session.no_autoflush:  # half of a submission is no state that the database would take
        referral.submitted_at = act.now
        assessment = judge(act, referral, content, "submitted")
        advance(act, referral, "submit", note=note)
    outcome = "identity_check" if has_check else "accepted"
    give_receipt(act.session, act.actor, intake, outcome, act.now, referral.id)
    return assessment


def _awaits_identity_check(session: Session, referral: Referral) -> bool:
    query = select(IdentityCheck.id).where(
        IdentityCheck.patient_id == referral.patient_id, IdentityCheck.decided_at.is_(None)
    )
    return session.scalars(query.limit(1)).first() is not None


def refuse(
    session: Session,
    actor: Actor,
    *,
    door: str,
    errors: Iterable[FieldError],
    external_reference: str | None,
    now: datetime,
) -> Receipt:
    """Write down that something was refused at the door, so that a coordinator can see it."""
    return give_receipt(session, actor, Intake(door, external_reference), "refused", now, errors=errors)
