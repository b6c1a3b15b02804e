"""What the network lacks: referrals that no center can take, which hard constraint stands in the way, and what to do.

Small numbers are shown here: whoever reads this may read each of these referrals anyway.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from uuid import UUID

from referrals.domain.matching import CONSTRAINTS, Candidate, Needs, Weight
from referrals.domain.sentences import counted

# Whoever has waited longer than this without an offer is named, the longest first.
WAITED_LONG = timedelta(days=3)
NAMED_AT_MOST = 20

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A hard constraint as a gap: what there is not, and what a person can do about it."""

    lacks: str
    remedy: str


OBSTACLES: Mapping[str, Obstacle] = MappingProxyType(
    {
        "center_is_active": Obstacle(
            "centers are paused or take no referrals", "Ask the paused centers when they can take referrals again."
        ),
        "expertise": Obstacle(
            "no center is expert enough", "Find a center with this expertise, in the network or outside it."
        ),
        "multidisciplinary_team": Obstacle(
            "no center has a multidisciplinary team", "Find a center with a multidisciplinary team for these cancers."
        ),
        "age": Obstacle("no center treats patients of this age", "Find a center that treats patients of this age."),
        "consent_covers_center": Obstacle(
            "consent does not cover the centers", "Ask the referrers to have the patients' consent renewed or widened."
        ),
        "distance": Obstacle(
            "no center is near enough", "Ask whether the patients would travel, or be seen from afar."
        ),
        "first_opinion": Obstacle(
            "the first opinion came from the center",
            "Find a second center for these cancers, in the network or outside it.",
        ),
        "conflict": Obstacle(
            "a conflict of interest stands against the centers", "Find a center that owes nothing to the referrer."
        ),
        "answered_before": Obstacle(
            "the centers have said no already", "Read why they said no, and send what was missing or ask elsewhere."
        ),
        "place_is_left": Obstacle(
            "no center has a free place in time", "Ask centers for more places, or overbook one with a reason."
        ),
    }
)
OF_CHILDREN = Obstacle("no center treats children", "Find a center that treats children.")
NO_CENTER = Obstacle("there is no center", "Add centers to the network.")


@dataclass(frozen=True, slots=True)
class Waits:
    """One referral without an offer. `against` counts by constraint the centers that cannot take it; None: one can."""

    id: UUID
    reference: str
    status: str
    family: str | None
    label: str
    region: str | None
    is_child: bool
    since: datetime
    against: Mapping[str, int] | None

    @property
    def is_stuck(self) -> bool:
        return self.against is not None


@dataclass(frozen=True, slots=True)
class Gap:
    """The referrals of one family and region that no center can take, the longest waiting first."""

    family: str | None
    label: str
    region: str | None
    stuck: Sequence[Waits]

    @property
    def longest(self) -> Waits:
        return self.stuck[0]

    @property
    def against(self) -> Sequence[tuple[str, int]]:
        """How many centers each constraint has excluded, over all referrals, the most frequent first."""
        counts = Counter[str]()
        for each in self.stuck:
            counts.update(each.against or {})
        order = list(CONSTRAINTS)
        return sorted(counts.items(), key=lambda found: (-found[1], order.index(found[0])))

    @property
    def most_often(self) -> Obstacle:
        if not self.against:
            return NO_CENTER
        return self.obstacle(self.against[0][0])

    def obstacle(self, code: str) -> Obstacle:
        by_age = [each for each in self.stuck if "age" in (each.against or {})]
        if code == "age" and by_age and all(each.is_child for each in by_age):
            return OF_CHILDREN
        return OBSTACLES[code]


def stands_against(centers: Iterable[Candidate], needs: Needs) -> Mapping[str, int] | None:
    """By constraint, how many centers it excludes; None as soon as one of them may be asked."""
    counts = Counter[str]()
    for center in centers:
        found = (constraint(center, needs) for constraint in CONSTRAINTS.values())
        excludes = [finding.code for finding in found if finding and finding.weight is Weight.EXCLUDES]
        if not excludes:
            return None
        counts.update(excludes)
    return counts


def gaps_in(waiting: Iterable[Waits]) -> tuple[Gap, ...]:
    """By family and region: the one with most referrals first, then the one where somebody has waited longest."""
    return _grouped(waiting, lambda each: each.region)


def _grouped(waiting: Iterable[Waits], region_of: Callable[[Waits], str | None]) -> tuple[Gap, ...]:
    found: dict[tuple[str | None, str | None], list[Waits]] = defaultdict(list)
    for each in sorted(waiting, key=lambda each: (each.since, each.reference)):
        if each.is_stuck:
            found[each.family, region_of(each)].append(each)
    gaps = [Gap(family, stuck[0].label, region, stuck) for (family, region), stuck in found.items()]
    return tuple(sorted(gaps, key=lambda gap: (-len(gap.stuck), gap.longest.since, gap.label, gap.region or "")))


def waited_long(waiting: Iterable[Waits], now: datetime) -> tuple[Waits, ...]:
    """Those without an offer for longer than a few days, whether or not a center could take them."""
    long = (each for each in waiting if now - each.since > WAITED_LONG)
    return tuple(sorted(long, key=lambda each: (each.since, each.reference))[:NAMED_AT_MOST])


def headline(waiting: Sequence[Waits], now: datetime) -> str:
    """The worst of it in one sentence, and how much more there is."""
    families = _grouped(waiting, lambda each: None)
    if not waiting:
        return "No referral waits for a center."
    if not families:
        return "Every referral that waits for an offer has a center that can take it."
    worst = families[0]
    said = (
        f"{counted(len(worst.stuck), 'referral')} in {worst.label} {'has' if len(worst.stuck) == 1 else 'have'} nowhere to go; "
        f"the longest has waited {days_words(now - worst.longest.since)}; most often {worst.most_often.lacks}."
    )
    others = sum(len(gap.stuck) for gap in families[1:])
    return f"{said} In other families it is {counted(others, 'referral')}." if others else said


def days_words(span: timedelta) -> str:
    days = span // _DAY
    return "less than a day" if days < 1 else "1 day" if days == 1 else f"{days} days"
