"""Centers, their places, offers and matches as partners are answered."""

from collections.abc import Mapping, Sequence
from typing import Any

from referrals.boundary.schemas.centers import CenterContact, Site
from referrals.boundary.schemas.fields import Body, Flag, ready
from referrals.domain.centers import HOLDING, LINES
from referrals.domain.compared import why_first
from referrals.domain.matching import Fit, Weight
from referrals.domain.people import Actor
from referrals.models.offer import Offer
from referrals.models.organization import Organization
from referrals.pathway.capacity import Capacities
from referrals.pathway.centers import PROFILE, Profile, may_call, may_know_conflicts
from referrals.pathway.centers_known import TRIAL
from referrals.pathway.fallbacks import Link
from referrals.pathway.offered import SeenOffer
from referrals.pathway.places import Week


def named(organization: Organization) -> dict[str, Any]:
    return {"id": organization.id, "code": organization.code, "name": organization.name}


def center_answer(profile: Profile, reader: Actor) -> dict[str, Any]:
    """Contacts are left out for referrers, conflicts for all but the network and the center itself."""
    center, knows = profile.center, may_know_conflicts(reader, profile.organization.id)
    return {
        **named(profile.organization),
        "version": center.version,
        "active": profile.organization.active,
        **{name: getattr(center, name) for name in PROFILE},
        "sites": [_with_all(Site, each) for each in center.sites or ()],
        "contacts": [_with_all(CenterContact, each) for each in center.contacts or ()] if may_call(reader) else [],
        "in_network": center.in_network,
        "checked_on": center.checked_on,
        "checked_by": center.checked_by,
        "paused": center.paused_at is not None,
        "paused_because": center.paused_because,
        "expertise": expertise_answer(profile),
        "trials": trials_answer(profile, reader),
        "conflicts": conflicts_answer(profile) if knows else [],
        "updated_at": center.updated_at,
    }


def _with_all(kind: type[Body], kept: Mapping[str, Any]) -> dict[str, Any]:
    """What was left out is null, a mark that was not set is no."""
    blank = {name: False if isinstance(field, Flag) else None for name, field in ready(kind).fields.items()}
    return blank | dict(kept)


def trials_answer(profile: Profile, reader: Actor) -> list[dict[str, Any]]:
    hidden = {} if may_call(reader) else {"contact": None}
    return [{name: getattr(each, name) for name in TRIAL} | hidden for each in profile.trials]


def conflicts_answer(profile: Profile) -> list[dict[str, Any]]:
    return [
        {
            "organization": named(organization),
            "reason": each.reason,
            "from_day": each.from_day,
            "until_day": each.until_day,
        }
        for each, organization in profile.conflicts
    ]


def expertise_answer(profile: Profile) -> list[dict[str, Any]]:
    return [
        {
            "family": each.family,
            "level": each.level,
            "yearly_volume": each.yearly_volume,
            "evidence": each.evidence,
        }
        for each in profile.expertise
    ]


def capacity_answer(stated: Capacities) -> dict[str, Any]:
    profile = stated.profile
    return {
        "center": named(profile.organization),
        "version": profile.center.version,
        "places": profile.center.places,
        "services": [{"service": line, "places": stated.usual[line]} for line in LINES if line in stated.usual],
        "weeks": [_week(each) for each in stated.weeks],
    }


def _week(week: Week) -> dict[str, Any]:
    return {
        "week": week.week,
        "places": week.places,
        "reserved": week.reserved,
        "used": week.used,
        "free": week.free,
        "reason": week.reason,
        "services": [
            {
                "service": each.service,
                "places": each.places,
                "reserved": each.reserved,
                "used": each.used,
                "free": week.free_for(each.service),
            }
            for each in week.limits
        ],
    }


def offer_answer(offer: Offer, center: Organization) -> dict[str, Any]:
    """An offer of a referral that the reader may read whole."""
    return {
        "id": offer.id,
        "version": offer.version,
        "center": named(center),
        "status": offer.status,
        "week": offer.week,
        "offered_at": offer.offered_at,
        "respond_by": offer.respond_by,
        "answered_at": offer.answered_at,
        "expected_at": offer.expected_at,
        "expected_on": offer.expected_on,
        "reason": offer.reason,
        "text": offer.text,
        "recorded": offer.recorded,
        "because": offer.explanation.get("because"),
        "findings": offer.explanation.get("findings", []),
        "exception_reason": offer.exception_reason,
        "overbook_reason": offer.overbook_reason,
        "reconfirm": offer.reconfirm or [],
        "ended_at": offer.ended_at,
    }


def review_answer(seen: SeenOffer | None) -> dict[str, Any] | None:
    """Who at the center answers; None until somebody is named. One outside the network has a name and no account."""
    if seen is None:
        return None
    outside, inside = seen.offer.outside_specialist, seen.specialist
    if outside is None and inside is None:
        return None
    return {
        "specialist": {"id": inside.id, "name": inside.name} if inside else _name_only(outside or {}),
        "panel": seen.offer.panel,
        "started_at": seen.offer.review_started_at,
    }


def _name_only(outside: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": outside["id"], "name": outside["name"]}


def inbox_item(row: Any) -> dict[str, Any]:
    """One offer of the inbox. Once it has ended without an answer, only that it was made and how it ended."""
    offer, stands = row[0], row[0].status in HOLDING
    answer = offer_answer(offer, row[1])
    if not stands:
        answer |= dict.fromkeys(("because", "exception_reason", "overbook_reason", "expected_at"))
        answer |= {"findings": []}
    return answer | {
        "referral": offer.referral_id,
        "reference": row.reference,
        "referral_status": row.status if stands else None,
        "tier": row.tier if stands else None,
        "due_at": row.due_at if stands else None,
    }


def match_answer(
    ranked: Sequence[Fit], excluded: Sequence[Fit], family: str = "", chain: Sequence[Link] = ()
) -> dict[str, Any]:
    return {
        "items": [
            {
                "rank": place,
                "center": _candidate(fit),
                "score": fit.score,
                "terms": dict(fit.terms),
                "free_places": fit.center.free_places,
                "expected_answer_at": fit.center.expected_at,
                "expected_rests_on": fit.center.expected_rests_on,
                "because": fit.because,
                "why_first": why_first(ranked, family) if place == 1 else None,
                "acknowledge": [finding.because for finding in fit.findings if finding.weight is not Weight.EXCLUDES],
            }
            for place, fit in enumerate(ranked, 1)
        ],
        "excluded": [
            {"center": _candidate(fit), "because": [finding.because for finding in fit.of(Weight.EXCLUDES)]}
            for fit in excluded
        ],
        "then": [_approved(link) for link in chain if link.is_waiting],
    }


def _approved(link: Link) -> dict[str, Any]:
    return {
        "center": named(link.center),
        "approved_by": link.row.approved_by,
        "approved_at": link.row.approved_at,
    }


def _candidate(fit: Fit) -> dict[str, Any]:
    return {"id": fit.center.id, "code": fit.center.code, "name": fit.center.name}
