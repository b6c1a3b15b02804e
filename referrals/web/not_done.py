"""Why a button did nothing, and who was first if somebody was."""

from uuid import UUID

from referrals.domain.errors import Invalid, NotAllowedNow, Refusal, Stale
from referrals.domain.lifecycle import STEPS
from referrals.pathway.record import Record, events_of, read_referral
from referrals.web import paths
from referrals.web.errors import not_open_words
from referrals.web.pages import Seen, Shown
from referrals.web.presenters.problems import problem_page
from referrals.web.typed import status_of
from referrals.web.visit import Visit


def not_done(visit: Visit, refusal: Refusal, referral_id: UUID) -> Shown:
    """Why the button did nothing, and who was first if somebody was."""
    record = read_referral(visit.session, visit.actor, referral_id)
    words = problem_page(
        412 if isinstance(refusal, Stale) else status_of(refusal),
        href=paths.referral(referral_id),
        action="Open the referral",
        more=_why_not(visit, record, refusal),
    )
    return Shown("problem.html", words, Seen("referral", [referral_id]), status_of(refusal))


def _why_not(visit: Visit, record: Record, refusal: Refusal) -> tuple[str, ...]:
    if isinstance(refusal, Invalid):
        return tuple(error.message for error in refusal.errors)
    last = events_of(visit.session, record.referral.id)[-1]
    happened = STEPS[last.step].happened if last.step in STEPS else "Changed"
    said = f"{happened} by {last.actor_name} {visit.moment.on(last.at)}."
    return (not_open_words(refusal), said) if isinstance(refusal, NotAllowedNow) else (said,)
