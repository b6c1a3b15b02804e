"""Who reads a referral, as its presenters need to know: from where they came, and what they may do."""

from referrals.domain.lifecycle import STEPS
from referrals.domain.people import Kind
from referrals.knowledge import icd10cm, icdo3
from referrals.pathway.record import Record
from referrals.web import paths
from referrals.web.presenters.notices import Link
from referrals.web.presenters.referral import Reader
from referrals.web.visit import Visit


def reader(visit: Visit, record: Record) -> Reader:
    return Reader(
        moment=visit.moment,
        tiers=visit.tiers,
        back=back_of(visit),
        steps=[STEPS[step] for step in record.open_steps],
        is_coordination=is_coordination(visit),
        name_of=icd10cm.display,
        name_of_morphology=icdo3.morphology_label,
    )


def is_coordination(visit: Visit) -> bool:
    return visit.actor.kind is Kind.NETWORK


def back_of(visit: Visit) -> Link:
    if is_coordination(visit):
        return Link("Worklist", paths.WORKLIST)
    return Link("My referrals", paths.MY_REFERRALS) if visit.actor.kind is Kind.PROVIDER else Link("Start", paths.HOME)
