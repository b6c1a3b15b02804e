"""What the steps around a center ask: which center and why, its answer, who reviews, and why it comes back."""

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from referrals.domain.errors import FieldError
from referrals.domain.matching import Fit, Weight
from referrals.domain.people import Role
from referrals.models.organization import Organization
from referrals.models.referral import Referral
from referrals.pathway.directory import members_in
from referrals.pathway.matching import Ask, matches
from referrals.pathway.outside_answers import outside_of
from referrals.pathway.record import Record
from referrals.web.asking_parts import Asking, Body, people
from referrals.web.forms.bind import with_field
from referrals.web.forms.center import offer_groups, reviewer_groups
from referrals.web.forms.fields import Form, Group, Option
from referrals.web.presenters.outside import ASK_YOURSELF
from referrals.web.visit import Visit


def _centers(visit: Visit, record: Record) -> tuple[Group, ...]:
    """Those that fit first, each with why; those that do not after them, each with what stands against it."""
    able, unable = matches(Ask(visit.session, record.referral, visit.rules, visit.now))
    outside = outside_of(visit.session, record.referral.network_id)

    def option(fit: Fit, hint: str) -> Option:
        said = f"{ASK_YOURSELF} {hint}" if fit.center.id in outside else hint
        return Option(str(fit.center.id), fit.center.name, said)

    fitting = tuple(option(fit, _hint(visit, fit)) for fit in able)
    others = tuple(option(fit, _against(fit)) for fit in unable)
    return offer_groups(fitting, others)


def _hint(visit: Visit, fit: Fit) -> str:
    expected = fit.center.expected_at
    when = f"Answer expected by {visit.moment.at(expected)}." if expected else ""
    named = [finding.because for finding in fit.findings if finding.weight is not Weight.EXCLUDES]
    return " ".join(part for part in (fit.because, when, *named) if part)


def _against(fit: Fit) -> str:
    return " ".join(finding.because for finding in fit.of(Weight.EXCLUDES))


def _respond_by(visit: Visit, record: Record, body: Body) -> Body:
    """A day is typed; the center has until its end."""
    day = body.pop("respond_on", "")
    if not day:
        return body
    try:
        ends = datetime.combine(datetime.fromisoformat(day).date(), time.max, ZoneInfo(visit.rules.zone))
    except ValueError:
        return body | {"respond_by": day}
    return body | {"respond_by": ends.astimezone(visit.now.tzinfo).strftime("%Y-%m-%dT%H:%M:%SZ")}


def _offered(visit: Visit, record: Record, body: Body) -> Body:
    named = [center for center in body.pop("then", ()) if center]
    return _respond_by(visit, record, body) | ({"then": named} if named else {})


def _leaves_a_gap(visit: Visit, record: Record, typed: Body) -> list[FieldError]:
    """Whoever is named stands directly after the one before."""
    named = typed.get("then") or ()
    return [
        FieldError(f"/then/{place}", "gap", "Choose this one first.") for place, each in enumerate(named) if not each
    ]


def _specialists(visit: Visit, record: Record) -> tuple[Group, ...]:
    found = members_in(visit.session, visit.person.home.id, (Role.SPECIALIST,))
    return reviewer_groups(people(found), tuple(Option(str(each.id), each.name) for each in found))


def _reviewers(record: Record, visit: Visit) -> dict[str, Any]:
    standing = record.standing_offer
    if standing is None or standing.specialist is None:
        return {}
    return {"specialist": str(standing.specialist.id), "panel": [each["id"] for each in standing.offer.panel]}


def _without_signer(visit: Visit, record: Record, body: Body) -> Body:
    """Whoever signs is not named twice."""
    panel = [each for each in body.get("panel") or () if each != body.get("specialist")]
    return body | {"panel": panel}


def _joining(visit: Visit, record: Record, form: Form) -> Form:
    """Colleagues, and the clinicians of those whose duplicate was ended in favor of this referral."""
    homes = [record.referral.organization_id, *_senders_of_duplicates(visit, record.referral)]
    found = [person for home in homes for person in members_in(visit.session, home, (Role.CLINICIAN,))]
    return with_field(form, "user", options=people(found))


def _senders_of_duplicates(visit: Visit, referral: Referral) -> list[Any]:
    query = (
        select(Organization.id)
        .where(
            Organization.id.in_(select(Referral.organization_id).where(Referral.duplicate_of_id == referral.id)),
            Organization.id != referral.organization_id,
        )
        .order_by(Organization.name)
    )
    return list(visit.session.scalars(query))


CENTER_SIDE: Mapping[str, Asking] = {
    "offer": Asking(groups=_centers, body=_offered, lacks=_leaves_a_gap),
    "accept": Asking(),
    "decline-offer": Asking(),
    "withdraw-offer": Asking(),
    "start-review": Asking(groups=_specialists, body=_without_signer, shows=_reviewers),
    "change-specialist": Asking(groups=_specialists, body=_without_signer, shows=_reviewers),
    "return": Asking(),
    "recall": Asking(),
    "interim-advice": Asking(),
    "request-withdrawal": Asking(),
    "join": Asking(form=_joining),
    "mark-error": Asking(),
}
