"""A draft between its pages: what was typed on one topic becomes a patch, the whole of it is checked before sending."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from referrals.boundary.schemas.fields import load
from referrals.boundary.schemas.packet import Packet
from referrals.domain.errors import FieldError, Invalid, refuse_unless_clean
from referrals.domain.lifecycle import EDIT
from referrals.domain.packet import faults
from referrals.domain.people import Role
from referrals.domain.vocabulary import ConsentScope
from referrals.models.trail import Event
from referrals.pathway.directory import members_in
from referrals.pathway.packets import merge
from referrals.pathway.record import Record, events_of
from referrals.pathway.rules import Rules
from referrals.web.forms.bind import with_field
from referrals.web.forms.fields import Form, Option
from referrals.web.forms.illness import treatments_misfit
from referrals.web.forms.topics import TOPICS, topic_packet
from referrals.web.look_up import CodeToChoose, Posted, settled
from referrals.web.records import whole
from referrals.web.typed import faults_of

NAMES: Mapping[str, str] = {"given_name": "Fill in: Given name", "family_name": "Fill in: Family name"}
# What may change after it was sent: the rest is clinical, or has judged already.
AFTER_SENDING = frozenset({"purposes", "questions", "summary", "needed_by", "preferences"})
WRITTEN = ("patient", "diagnosis")


@dataclass(frozen=True, slots=True)
class Standing:
    """A draft before somebody saves a page of it: `packet` is what is kept, `shown` is what its form shows."""

    packet: Mapping[str, Any]
    shown: Mapping[str, Any]
    today: date


def draft_packet(session: Session, record: Record, now: datetime) -> dict[str, Any]:
    """The draft as its form shows it. Treatments that nobody has spoken of are absent, unknown ones are null."""
    answer = whole(record, now)
    if answer["treatments"] is None and not _was_told(events_of(session, record.referral.id), "treatments"):
        del answer["treatments"]
    own = own_system(record.organization.code)
    numbers = sorted(answer["patient"]["identifiers"], key=lambda number: number["system"] != own)
    # An id would stand for a record that is known and whole; this is what was typed.
    patient, diagnosis = ({name: value for name, value in answer[part].items() if name != "id"} for part in WRITTEN)
    return answer | {"patient": patient | {"identifiers": numbers}, "diagnosis": diagnosis}


def _was_told(events: Sequence[Event], field: str) -> bool:
    return any(event.step == EDIT and field in event.data.get("fields", ()) for event in events)


def own_system(code: str) -> str:
    """Which numbers a clinician types into the form: those of their own hospital's records."""
    return f"urn:record-number:{code}"


def with_choices(session: Session, slug: str, form: Form, organization_id: Any, code: str) -> Form:
    """The choices that only the database knows."""
    if slug == "patient":
        return with_field(form, "record_system", value=own_system(code))
    if slug == "question":
        people = members_in(session, organization_id, (Role.CLINICIAN,))
        return with_field(form, "referring_clinician", options=tuple(Option(each.email, each.name) for each in people))
    return form


def patch_of(slug: str, form: Form, posted: Posted, packet: Mapping[str, Any]) -> dict[str, Any]:
    """A merge patch of the topic. `packet` is what stands: numbers that the page does not show stay."""
    patch = topic_packet(slug, form, posted)
    if slug == "patient":
        patch["patient"]["identifiers"] += packet.get("patient", {}).get("identifiers", [])[1:]
    if slug == "consent" and patch["consent"]["given"]:
        patch["consent"]["scope"] = [ConsentScope.SHARE_WITH_CENTERS.value]
    return {name: None if packet.get(name) is None and _is_untouched(part) else part for name, part in patch.items()}


def _is_untouched(part: Any) -> bool:
    """Where nothing stands, boxes that nobody ticked beside fields that nobody filled say nothing."""
    return isinstance(part, dict) and all(value in (None, False) for value in part.values())


def read_topic(slug: str, form: Form, posted: Posted, standing: Standing) -> dict[str, Any]:
    """The patch of what was typed on a page; raises `Invalid` with everything that is wrong with it, at once."""
    answers, to_choose = _with_codes(form, posted)
    patch = patch_of(slug, form, answers, standing.shown)
    wrong = [*to_choose, *_missing_names(patch), *_misfits(answers, patch), *_faults_brought(standing, patch)]
    refuse_unless_clean(wrong)
    return patch


def _with_codes(form: Form, posted: Posted) -> tuple[Posted, Sequence[FieldError]]:
    try:
        return settled(form, posted), ()
    except CodeToChoose as refusal:
        return posted, faults_of(form, refusal)


def _faults_brought(standing: Standing, patch: Mapping[str, Any]) -> list[FieldError]:
    """Of this page only: what was accepted once does not stand in the way of something else."""
    today = standing.today
    known = faults(standing.packet, today, submitting=False, by_client=False)
    found = _faults_of_whole(merge(standing.packet, patch), today)
    return [error for error in found if error not in known and error.pointer.split("/")[1] in patch]


def _faults_of_whole(packet: Mapping[str, Any], today: date) -> Sequence[FieldError]:
    try:
        return Packet().beyond_form(load(Packet(), packet, today=today), today)
    except Invalid as refusal:
        return refusal.errors


def newly_told(patch: Mapping[str, Any], shown: Mapping[str, Any]) -> tuple[str, ...]:
    """That a treatment is not known changes nothing in the packet, and is an answer all the same."""
    return ("treatments",) if "treatments" in patch and "treatments" not in shown else ()


def _misfits(posted: Posted, patch: Mapping[str, Any]) -> list[FieldError]:
    return treatments_misfit("/treatments_known", posted.get("treatments_known"), patch.get("treatments"))


def _missing_names(patch: Mapping[str, Any]) -> list[FieldError]:
    """A draft needs a name, so that it can be found again."""
    patient = patch.get("patient")
    return [
        FieldError(f"/patient/{name}", "required", message)
        for name, message in NAMES.items()
        if patient is not None and not patient.get(name)
    ]


def whole_packet(merged: Mapping[str, Any]) -> Mapping[str, Any]:
    """Checked by the same words as at the machine doors."""
    return load(Packet(), merged)


def against_sending(packet: Mapping[str, Any], rules: Rules, now: datetime) -> list[FieldError]:
    """Everything that would keep it from being sent, in the order of the pages."""
    found = faults(packet, rules.calendar.local_date(now), submitting=True, by_client=False)
    order = list(TOPICS)
    return sorted(found, key=lambda error: order.index(_topic_of(error.pointer)))


def _topic_of(pointer: str) -> str:
    part = pointer.split("/")[1] if pointer else ""
    return {"treatments": "treatment", "performance_status": "treatment", "other_conditions": "treatment"}.get(
        part, part if part in TOPICS else "question"
    )
