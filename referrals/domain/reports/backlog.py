"""What waits now, where, for how long and how much of it is late; and whether too much is called immediate."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from referrals.domain.deadlines import Times
from referrals.domain.reports.parts import (
    DAY,
    GROUP,
    LABEL,
    Bar,
    Chart,
    Column,
    Labels,
    Line,
    Part,
    Unit,
    counted,
    percent,
)
from referrals.domain.statuses import OPEN_RECEIVED, STATUSES, Status
from referrals.domain.vocabulary import Tier, WaitingOn

COLUMNS = (
    GROUP,
    LABEL,
    Column("referrals", "Referrals", Unit.COUNT, "Open referrals now; in the part `tiers`, those received in the period."),
    Column("late", "Late", Unit.COUNT, "Open, no opinion issued, and the promise has passed."),
    Column("percent", "Share", Unit.PERCENT, "Of all lines of the same part."),
    Column("ceiling_percent", "May be at most", Unit.PERCENT, "The share of P1 beyond which the report raises an alarm; null where the network has set none."),
)  # fmt: skip
PARTY: Labels = {
    WaitingOn.REFERRER.value: "The referrer",
    WaitingOn.COORDINATOR.value: "A coordinator",
    WaitingOn.CENTER.value: "A center",
    WaitingOn.THIRD_PARTY.value: "Somebody else who was asked",
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """So many open referrals that are alike. `band` is the place of their age among `age_limits`."""

    status: str
    tier: str
    waiting_on: str
    band: int
    is_late: bool
    count: int


def age_limits(times: Times) -> list[timedelta]:
    """The promises of the tiers cut the ages: nobody needs to learn other numbers."""
    return sorted({times.target(tier) for tier in Tier})


def band_labels(limits: Sequence[timedelta]) -> Labels:
    days = [0, *(limit // DAY for limit in limits)]
    between = {str(place): f"{low} to {high} days" for place, (low, high) in enumerate(pairwise(days))}
    return between | {str(len(limits)): f"More than {days[-1]} days"}


def since(limits: Sequence[timedelta], now: datetime) -> list[datetime]:
    """Submitted at or after the first of these: the first band; and so on."""
    return [now - limit for limit in limits]


def parts(waiting: Sequence[Waiting], limits: Sequence[timedelta], tiers: Labels) -> list[Part]:
    statuses = {status.value: STATUSES[status].label for status in Status if status in OPEN_RECEIVED}
    return [
        _part("by_status", "Where they stand", waiting, lambda row: row.status, statuses),
        _part("by_tier", "By priority", waiting, lambda row: row.tier, tiers),
        _part("by_waiting_on", "Whose turn it is", waiting, lambda row: row.waiting_on, PARTY),
        _part("by_age", "How long ago they came in", waiting, lambda row: str(row.band), band_labels(limits)),
    ]


def _part(name: str, title: str, waiting: Sequence[Waiting], key: Callable[[Waiting], str], labels: Labels) -> Part:
    total = sum(row.count for row in waiting)
    lines = [
        _line(group, label, [row for row in waiting if key(row) == group], total) for group, label in labels.items()
    ]
    chart = Chart(f"Open referrals: {title.lower()}", Unit.COUNT, [_bar(line) for line in lines])
    shows = ("label", "referrals", "late", "percent")
    return Part(name, title, _most(lines, total), shows, lines if total else (), chart if total else None)


def _line(group: str, label: str, rows: Iterable[Waiting], total: int) -> Line:
    known = list(rows)
    found = sum(row.count for row in known)
    late = sum(row.count for row in known if row.is_late)
    return {"group": group, "label": label, "referrals": found, "late": late, "percent": percent(found, total)}


def _bar(line: Line) -> Bar:
    return Bar(str(line["label"]), float(line["referrals"] or 0))


def _most(lines: Sequence[Line], total: int) -> str:
    if not total:
        return "No referral is open."
    most = max(lines, key=lambda line: int(line["referrals"] or 0))
    late = f"{most['late']:,} of them late" if most["late"] else "none of them late"
    return f"Most are here: {most['label']}, {most['referrals']:,} of {total:,}, {late}."


def headline(waiting: Sequence[Waiting]) -> str:
    total, late = (sum(row.count for row in waiting if row.is_late or not only) for only in (False, True))
    if not total:
        return "No referral is open."
    is_late = "none is late" if not late else f"{late:,} {'is' if late == 1 else 'are'} late"
    return f"{counted(total, 'referral')} {'is' if total == 1 else 'are'} open; {is_late}."


def tier_mix(received: Mapping[str, int], tiers: Labels, ceiling: int | None) -> Part:
    """How the rules and the people who change them divide what comes in."""
    total = sum(received.values())
    lines = [
        {
            "group": tier,
            "label": label,
            "referrals": received.get(tier, 0),
            "percent": percent(received.get(tier, 0), total),
            "ceiling_percent": ceiling if tier == Tier.P1 else None,
        }
        for tier, label in tiers.items()
    ]
    bars = [Bar(str(each["label"]), _share(each), ceiling if each["group"] == Tier.P1 else None) for each in lines]
    chart = Chart(
        "Share of the referrals received, by priority", Unit.PERCENT, bars, "what the network means not to pass"
    )
    shows = ("label", "referrals", "percent", *(("ceiling_percent",) if ceiling is not None else ()))
    said = _mix_words(received, total, ceiling)
    return Part("tiers", "Priorities of what came in", said, shows, lines if total else (), chart if total else None)


def _share(line: Line) -> float:
    return float(line["percent"] or 0)


def _mix_words(received: Mapping[str, int], total: int, ceiling: int | None) -> str:
    if not total:
        return "Nothing came in within the period."
    share = percent(received.get(Tier.P1, 0), total)
    at_most = "" if ceiling is None else f"; the network means it to be {ceiling} percent at most"
    return f"{share} percent of the {total:,} referrals received are {Tier.P1}{at_most}."


def alarm(received: Mapping[str, int], ceiling: int | None) -> str | None:
    """Where everything is immediate nothing is: the places that P1 may use run out. Exact, not of rounded shares."""
    total, soonest = sum(received.values()), received.get(Tier.P1, 0)
    if ceiling is None or soonest * 100 <= ceiling * total:
        return None
    return (
        f"{soonest:,} of {total:,} referrals received are {Tier.P1}, more than the {ceiling} percent that the network"
        " means. Look at the changes of priority by people, and at what the rules find aggressive."
    )
