"""What is known of a center that may answer: services, offers and what becomes of them, the weeks of its places."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from referrals.domain.vocabulary import DeclineOfferReason, VerdictWord

WEEK = timedelta(days=7)


class Designation(StrEnum):
    """How comprehensive a center is, in the words of the national directory."""

    COMPREHENSIVE = "comprehensive"
    CLINICAL = "clinical"
    BASIC = "basic"


class Service(StrEnum):
    MULTIDISCIPLINARY_TEAM = "multidisciplinary_team"
    TRIALS = "trials"
    PATHOLOGY_REVIEW = "pathology_review"
    MOLECULAR_BOARD = "molecular_board"
    REMOTE = "remote"
    PEDIATRICS = "pediatrics"
    ADULTS = "adults"


# The lines of work in which a center may limit its places; a referral is of one of them, or of none.
LINES = (Service.PEDIATRICS, Service.MULTIDISCIPLINARY_TEAM)


def line_of(under_18: bool | None, is_complex: VerdictWord) -> Service | None:
    """Age comes first: a child with a complex case takes a place for children."""
    if under_18:
        return Service.PEDIATRICS
    return Service.MULTIDISCIPLINARY_TEAM if is_complex == VerdictWord.MET else None


class PauseReason(StrEnum):
    """Why the clock paused a center; a person who pauses one says it in words."""

    SILENT = "silent"
    NOBODY = "nobody"


class OfferStatus(StrEnum):
    LIVE = "live"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"
    RETURNED = "returned"
    RECALLED = "recalled"


# A place is reserved by a live offer, used by an accepted one, and free again after any other.
HOLDING = (OfferStatus.LIVE, OfferStatus.ACCEPTED)
LAPSES_UNTIL_PAUSED = 2
# So many may be approved to be asked next, with one offer.
MOST_FALLBACKS = 3
# An answer can be taken back for so long, and nobody is told of it before.
UNDO_WITHIN = timedelta(minutes=10)


class Bar(StrEnum):
    """For how long an earlier answer keeps a center from being asked about the same referral again."""

    FOR_GOOD = "for good"
    UNTIL_NEXT_WEEK = "until its next free week"
    UNTIL_ITEM_ARRIVES = "until what was missing arrives"


_BY_REASON: Mapping[DeclineOfferReason, Bar] = MappingProxyType(
    {
        DeclineOfferReason.EXPERTISE: Bar.FOR_GOOD,
        DeclineOfferReason.CONFLICT: Bar.FOR_GOOD,
        DeclineOfferReason.CAPACITY: Bar.UNTIL_NEXT_WEEK,
        DeclineOfferReason.INCOMPLETE: Bar.UNTIL_ITEM_ARRIVES,
        DeclineOfferReason.OTHER: Bar.UNTIL_NEXT_WEEK,
    }
)


@dataclass(frozen=True, slots=True)
class EarlierAnswer:
    """How an offer of the same referral to the same center ended. `item_arrived`: something came in since."""

    status: OfferStatus
    reason: DeclineOfferReason | None
    week: date
    item_arrived: bool = False

    @property
    def bar(self) -> Bar | None:
        """None where nothing stands against asking again, such as an offer that the coordinator took back."""
        if self.status in (OfferStatus.DECLINED, OfferStatus.RETURNED):
            return _BY_REASON[self.reason or DeclineOfferReason.OTHER]
        if self.status in (OfferStatus.LAPSED, OfferStatus.RECALLED):
            return Bar.UNTIL_NEXT_WEEK
        return None

    def excludes(self, first_free_week: date | None) -> bool:
        """`first_free_week` is the Monday of the center's next week with a free place."""
        if self.bar is Bar.UNTIL_NEXT_WEEK:
            return first_free_week is None or first_free_week <= self.week
        if self.bar is Bar.UNTIL_ITEM_ARRIVES:
            return not self.item_arrived
        return self.bar is Bar.FOR_GOOD


def monday_of(day: date) -> date:
    """A week is called by its Monday."""
    return day - timedelta(days=day.weekday())


def weeks_from(day: date, count: int) -> tuple[date, ...]:
    first = monday_of(day)
    return tuple(first + number * WEEK for number in range(count))


def weeks_until(day: date, last: datetime | None) -> int:
    """How many weeks lie between this day's and that of `last`, both counted: at least this one."""
    if last is None:
        return 1
    return max(1, (monday_of(last.date()) - monday_of(day)).days // 7 + 1)
