"""One report for one reader: whoever asks, at whichever door, is told the same figures."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from referrals.domain.errors import Forbidden, NotFound
from referrals.domain.people import Actor
from referrals.domain.permissions import Sees, sees
from referrals.domain.reports.names import REPORTS
from referrals.domain.reports.parts import Report
from referrals.pathway.reports.ask import Ask, Told
from referrals.pathway.reports.backlog import backlog
from referrals.pathway.reports.centers import centers
from referrals.pathway.reports.concordance import concordance
from referrals.pathway.reports.equity import equity
from referrals.pathway.reports.quality import quality
from referrals.pathway.reports.turnaround import turnaround

READ: Mapping[str, Callable[[Ask], Told]] = MappingProxyType(
    {
        "turnaround": turnaround,
        "backlog": backlog,
        "concordance": concordance,
        "centers": centers,
        "equity": equity,
        "quality": quality,
    }
)


def report(name: str, ask: Ask) -> Report:
    refuse_who_reads_nothing(ask.actor)
    if name not in READ:
        raise NotFound
    told = READ[name](ask)
    headline = told.headline or told.parts[0].headline
    return Report(name, ask.now, ask.period, headline, REPORTS[name].basis, told.parts, told.alarm)


def refuse_who_reads_nothing(actor: Actor) -> None:
    if sees(actor) is Sees.NOTHING:
        raise Forbidden("not_this_actor", "Reports are for those who may read referrals.")
