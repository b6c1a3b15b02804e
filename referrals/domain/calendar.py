"""Working days of one network or center: its zone, its weekend, its holidays."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)


def moment(day: date, clock: time, zone: str) -> datetime:
    """That clock time on that day, in UTC.

    A time that the autumn change repeats is the first of the two; one that the spring change skips moves as far
    beyond the gap as it lay inside it (02:30 becomes 03:30), so every answer exists and is always the same.
    """
    return datetime.combine(day, clock.replace(tzinfo=None, fold=0), ZoneInfo(zone)).astimezone(UTC)


def midnight(day: date, zone: str) -> datetime:
    return moment(day, time(), zone)


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    zone: str
    holidays: frozenset[date] = frozenset()
    working_weekdays: frozenset[int] = frozenset({0, 1, 2, 3, 4})

    def __post_init__(self) -> None:
        if not self.working_weekdays & frozenset(range(7)):
            raise ValueError("a calendar needs at least one working weekday")

    def is_working_day(self, day: date) -> bool:
        return day.weekday() in self.working_weekdays and day not in self.holidays

    def local(self, instant: datetime) -> datetime:
        if instant.tzinfo is None:
            raise ValueError("a time without a zone could mean any of them")
        return instant.astimezone(ZoneInfo(self.zone))

    def local_date(self, instant: datetime) -> date:
        return self.local(instant).date()

    def start_of(self, day: date) -> datetime:
        return midnight(day, self.zone)

    def first_working_day(self, month: date) -> date:
        return self._working_day_after(month.replace(day=1) - _DAY, 1)

    def add_working_days(self, start: datetime, days: int, all_days: bool = False) -> datetime:
        """The n-th working day after the local date of `start`, at the same local clock time.

        On all days it is n × 24 hours, weekends and holidays included.
        """
        if days < 0:
            raise ValueError("working days are counted forward")
        here = self.local(start)
        if all_days or days == 0:
            return start.astimezone(UTC) + days * _DAY
        return moment(self._working_day_after(here.date(), days), here.time(), self.zone)

    def elapsed_working_days(self, start: datetime, end: datetime) -> int:
        """How many working days have passed whole: the largest n that `add_working_days` puts at or before `end`."""
        first, last = self.local_date(start), self.local_date(end)
        count = sum(self.is_working_day(day) for day in _days_between(first, last))
        if count and self.add_working_days(start, count) > end:
            return count - 1
        return count

    def working_time(self, start: datetime, end: datetime) -> float:
        """Working days from one instant to another, in parts of a day: each counts 1 in all, with 23, 24 or 25 hours."""
        first, last = self.local_date(start), self.local_date(end)
        days = (day for day in (first, *_days_between(first, last)) if self.is_working_day(day))
        return sum(self._share_of(day, start, end) for day in days)

    def _share_of(self, day: date, start: datetime, end: datetime) -> float:
        begins, ends = self.start_of(day), self.start_of(day + _DAY)
        # Two times of one zone differ by the wall clock, which hides the hour of a change.
        return (min(end.astimezone(UTC), ends) - max(start.astimezone(UTC), begins)) / (ends - begins)

    def _working_day_after(self, day: date, count: int) -> date:
        while count:
            day += _DAY
            count -= self.is_working_day(day)
        return day


def _days_between(first: date, last: date) -> Iterator[date]:
    """Every day after the first, the last included."""
    return (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
