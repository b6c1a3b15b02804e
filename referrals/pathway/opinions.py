"""An opinion is signed and amended: the whole document under its seal, with rows for what is counted and pointed to."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from referrals.domain.coding import normalize_facts
from referrals.domain.errors import FieldError, NotFound, Refusal, refuse_unless_clean
from referrals.domain.lifecycle import ANSWERED, Status
from referrals.domain.opinion import finding_of, is_weighty, seal, unanswered, unjudged
from referrals.domain.packet import faults
from referrals.domain.vocabulary import Axis
from referrals.models.base import new_id
from referrals.models.diagnosis import Diagnosis
from referrals.models.opinion import Finding, Opinion, OpinionDraft, Recommendation
from referrals.models.patient import Patient
from referrals.models.referral import Referral
from referrals.pathway.diagnoses import add_diagnosis
from referrals.pathway.meant import unknown_organizations
from referrals.pathway.packets import coded_diagnosis, current_facts, merge
from referrals.pathway.standing_offer import held_offer
from referrals.pathway.steps import Act, advance

Body = Mapping[str, Any]
# A referral that was canceled after its opinion was signed is still shown it.
MAY_HAVE_ONE = ANSWERED | {Status.CANCELLED}


class NotAsSigned(Refusal):
    """The stored opinion does not fit its seal. Nobody is shown it as if it did."""

    code = "not_as_signed"

    def __init__(self) -> None:
        super().__init__("This opinion is not as it was signed. Do not act on it; ask the center for it.")


def sign(act: Act, referral: Referral, body: Body) -> Referral:
    """The first version: from now on nothing in it changes."""
    return _issue(act, referral, "sign-opinion", body, 1)


def amend(act: Act, referral: Referral, body: Body) -> Referral:
    """A new version with its reason. It has to be read again, and its time to be read begins anew."""
    latest = latest_opinion(act.session, referral)
    referral.segment_started_at = act.now
    return _issue(act, referral, "amend-opinion", body, latest.version + 1 if latest else 1)


def _issue(act: Act, referral: Referral, step: str, body: Body, version: int) -> Referral:
    facts = current_facts(act.session, referral).content
    refuse_unless_clean(opinion_faults(act, referral, facts, body))
    advice = [new_id() for _ in body["recommendations"]]
    content = _document(act, referral, body, version, advice)
    opinion = Opinion(
        id=new_id(),
        network_id=referral.network_id,
        referral=referral,
        version=version,
        center_id=act.actor.organization_id,
        signed_by_id=act.actor.user_id,
        signed_at=act.now,
        content=content,
        sha256=seal(content),
    )
    act.session.add(opinion)
    act.session.add_all([*_findings(act, referral, facts, opinion), *_recommendations(opinion)])
    _drop_draft(act.session, referral)
    data = {"opinion": version, "sha256": opinion.sha256, "weighty": is_weighty(body["findings"])}
    if reason := body.get("text"):
        data["text"] = reason
    advance(act, referral, step, note=body.get("note"), data=data)
    return referral


def opinion_faults(act: Act, referral: Referral, facts: Mapping[str, Any], body: Body) -> list[FieldError]:
    """Everything that keeps it from being signed, at once."""
    found = [*unanswered(referral.questions, body["answers"]), *unjudged(body["findings"])]
    if not body.get("identity_confirmed", True):
        message = "Confirm that the opinion is about this person."
        found.append(FieldError("/identity_confirmed", "identity_confirmed", message))
    return [*found, *_faults_of_revised(act, facts, body["findings"])]


def _faults_of_revised(
    act: Act, facts: Mapping[str, Any], findings: Sequence[Mapping[str, Any]]
) -> Iterator[FieldError]:
    """The revised diagnosis and treatments are checked like those of a packet."""
    today = act.rules.calendar.local_date(act.now)
    for place, finding in enumerate(findings):
        if not finding.get("revised"):
            continue
        part, packet = _as_packet(facts, finding)
        found = faults(packet, today, submitting=False, by_client=False)
        found += unknown_organizations(act.session, act.actor.network_id, packet)
        for error in found:
            pointer = f"/findings/{place}/revised{error.pointer.removeprefix(part)}"
            yield FieldError(pointer, error.code, error.message)


def _as_packet(facts: Mapping[str, Any], finding: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """What is revised, where a packet has it, and how much of its place the finding leaves out."""
    revised = finding["revised"]
    return {
        Axis.DIAGNOSIS: ("/diagnosis", {"diagnosis": _revised_diagnosis(facts, revised)}),
        Axis.STAGE: ("/diagnosis/stage", {"diagnosis": {"stage": revised}}),
        Axis.BIOMARKERS: ("/diagnosis", {"diagnosis": revised}),
        Axis.TREATMENT: ("", revised),
    }[Axis(finding["axis"])]


def _revised_diagnosis(facts: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """The whole diagnosis as it should be: the patch laid over the one that was judged."""
    merged = merge(facts.get("diagnosis") or {}, coded_diagnosis(patch))
    whole: dict[str, Any] = normalize_facts({"diagnosis": merged})["diagnosis"]
    return whole


def _document(act: Act, referral: Referral, body: Body, version: int, advice: Sequence[UUID]) -> dict[str, Any]:
    """What is signed: plain values only, so that the seal can be made anew from what is stored."""
    asked = referral.questions
    return {
        "referral": referral.reference,
        "version": version,
        "center": str(act.actor.organization_id),
        "authors": [{"id": each["id"], "name": each["name"]} for each in _authors(act, referral)],
        "signed_at": act.now.isoformat(),
        "amends": body.get("text"),
        "short_answer": body["short_answer"],
        "answers": [
            {"question": each["question"], "asked": asked[each["question"] - 1], "text": each["text"]}
            for each in sorted(body["answers"], key=lambda each: each["question"])
        ],
        "findings": [{"revised": None, **each} for each in _in_order(body["findings"])],
        "recommendations": [
            {"id": str(each_id), **each} for each_id, each in zip(advice, body["recommendations"], strict=True)
        ],
        "plain_summary": body["plain_summary"],
        "dissent": body.get("dissent"),
        **({"recorded": dict(act.actor.recorded)} if act.actor.recorded else {}),
    }


def _authors(act: Act, referral: Referral) -> Iterator[Mapping[str, Any]]:
    """Whoever signs, then the panel of the review; of an outside center whom its original names."""
    held = held_offer(act.session, referral.id)
    outside = held.outside_specialist if held and act.actor.recorded else None
    signer = outside or {"id": str(act.actor.user_id), "name": act.actor.name}
    yield signer
    yield from (each for each in (held.panel if held else ()) if each["id"] != signer["id"])


def _in_order(findings: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    order = list(Axis)
    return sorted(findings, key=lambda each: order.index(each["axis"]))


def _findings(act: Act, referral: Referral, facts: Mapping[str, Any], opinion: Opinion) -> Iterator[Finding]:
    revised = _revision(act, referral, facts, opinion.content["findings"])
    for finding in opinion.content["findings"]:
        yield Finding(
            id=new_id(),
            network_id=opinion.network_id,
            opinion=opinion,
            axis=finding["axis"],
            result=finding["result"],
            impact=finding["impact"],
            revised_diagnosis=revised if finding["axis"] == Axis.DIAGNOSIS else None,
        )


def _revision(
    act: Act, referral: Referral, facts: Mapping[str, Any], findings: Sequence[Mapping[str, Any]]
) -> Diagnosis | None:
    """A second row beside the original, in the record of the patient whom it is about."""
    found = finding_of(findings, Axis.DIAGNOSIS)
    patch = found[1]["revised"] if found else None
    if not patch:
        return None
    patient = act.session.scalars(select(Patient).where(Patient.id == referral.patient_id)).one()
    whole = _revised_diagnosis(facts, patch)
    return add_diagnosis(act.session, act.actor, patient, whole, act.now, revises_id=referral.diagnosis_id)


def _recommendations(opinion: Opinion) -> Iterator[Recommendation]:
    for position, advice in enumerate(opinion.content["recommendations"], start=1):
        yield Recommendation(
            id=UUID(advice["id"]),
            network_id=opinion.network_id,
            opinion=opinion,
            position=position,
            kind=advice["kind"],
            strength=advice["strength"],
            urgency=advice["urgency"],
        )


def _drop_draft(session: Session, referral: Referral) -> None:
    draft = session.get(OpinionDraft, referral.id)
    if draft is not None:
        session.delete(draft)


def latest_opinion(session: Session, referral: Referral) -> Opinion | None:
    """The version that counts, as it is stored. What is shown to anybody is read by `read_opinion`."""
    query = select(Opinion).where(Opinion.referral_id == referral.id).order_by(Opinion.version.desc()).limit(1)
    return session.scalars(query).one_or_none()


def read_opinion(session: Session, referral: Referral, version: int | None = None) -> Opinion:
    """One version, the latest where none is named. `NotAsSigned` where it does not fit its seal."""
    found = latest_opinion(session, referral)
    if version is not None and found is not None and found.version != version:
        query = select(Opinion).where(Opinion.referral_id == referral.id, Opinion.version == version)
        found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound
    if not is_as_signed(found):
        raise NotAsSigned
    return found


def is_as_signed(opinion: Opinion) -> bool:
    return seal(opinion.content) == opinion.sha256


def shown_opinion(session: Session, referral: Referral) -> Opinion | None:
    """The latest opinion that may be shown with the referral; none where there is none, or where its seal is broken."""
    if Status(referral.status) not in MAY_HAVE_ONE:
        return None
    found = latest_opinion(session, referral)
    return found if found is not None and is_as_signed(found) else None


def shown_opinions(session: Session, referrals: Iterable[Referral]) -> dict[UUID, Opinion]:
    """The same of many referrals, in one statement; those that may be shown."""
    may_have = [referral.id for referral in referrals if Status(referral.status) in MAY_HAVE_ONE]
    query = select(Opinion).where(Opinion.referral_id.in_(may_have)).order_by(Opinion.version)
    latest = {opinion.referral_id: opinion for opinion in session.scalars(query)}
    return {referral_id: opinion for referral_id, opinion in latest.items() if is_as_signed(opinion)}


def versions_of(session: Session, referral: Referral) -> list[int]:
    """The numbers of all versions, the newest first."""
    query = select(Opinion.version).where(Opinion.referral_id == referral.id).order_by(Opinion.version.desc())
    return list(session.scalars(query))
