"""Who reads a referral, as its presenters need to know: from where they came, and what they may do."""

from referrals.domain.lifecycle import STEPS
from referrals.domain.people import Kind
from referrals.knowledge import icd10cm, icdo3
from referrals.models.trail import Event
from referrals.pathway.offers import may_undo
from referrals.pathway.record import Record
from referrals.web import paths
from referrals.web.presenters.notices import Link
from referrals.web.presenters.referral import Reader
from referrals.web.questioning import may_answer
from referrals.web.visit import Visit


def reader(visit: Visit, record: Record, last: Event | None = None) -> Reader:
    """`last` is the newest event: only with it is it known whether it can be undone."""
    return Reader(
        moment=visit.moment,
        tiers=visit.tiers,
        back=back_of(visit),
        steps=[STEPS[step] for step in record.open_steps if makes_sense(visit, record, step, last)],
        is_coordination=is_coordination(visit),
        name_of=icd10cm.display,
        name_of_morphology=icdo3.morphology_label,
    )


def makes_sense(visit: Visit, record: Record, step: str, last: Event | None) -> bool:
    """The table opens these two in every status in which they could be taken; a page knows whether they can."""
    if step == "undo":
        return last is not None and may_undo(visit.actor, last, visit.now)
    return step != "answer-information" or may_answer(record)


def is_coordination(visit: Visit) -> bool:
    return visit.actor.kind is Kind.NETWORK


def back_of(visit: Visit) -> Link:
    if is_coordination(visit):
        return Link("Worklist", paths.WORKLIST)
    return Link("My referrals", paths.MY_REFERRALS) if visit.actor.kind is Kind.PROVIDER else Link("Inbox", paths.INBOX)
