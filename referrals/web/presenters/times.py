"""Time in the words of the clinic: relative first, then the clock and the date of the network's zone."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
NEAR_DAYS = {-1: "yesterday", 0: "today", 1: "tomorrow"}


@dataclass(frozen=True)
class Stamp:
    """A point in time on a page: what people read, and what machines read."""

    words: str
    iso: str


@dataclass(frozen=True)
class Due:
    """How a due time is shown. `kind` is late, soon, ok or none; `left` comes first, `by` stands under it."""

    kind: str
    left: str
    by: str
    iso: str = ""

    @property
    def is_late(self) -> bool:
        return self.kind == "late"


NOTHING_DUE = Due("none", "Nothing due", "")
ANSWERED = Due("none", "Answered", "")


def span_words(span: timedelta) -> str:
    """The two largest units that matter, rounded down: "25 min", "3 h 10 min", "1 day 4 h", "12 days"."""
    minutes = max(1, int(span.total_seconds() // 60))
    days, hours = divmod(minutes // 60, 24)
    if minutes < 60:
        return f"{minutes} min"
    if not days:
        return f"{hours} h {minutes % 60} min" if minutes % 60 else f"{hours} h"
    day_words = "1 day" if days == 1 else f"{days} days"
    return f"{day_words} {hours} h" if hours and days < 7 else day_words


def date_words(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def month_words(month: date) -> str:
    return f"{MONTHS[month.month - 1]} {month.year}"


def partial_date_words(text: str | None) -> str:
    """A clinical date that may lack its day or month: "2019" stays, "2019-03" is "Mar 2019"."""
    if not text:
        return ""
    parts = [int(part) for part in text.split("-")]
    month = f"{MONTHS[parts[1] - 1]} " if len(parts) > 1 else ""
    day = f"{parts[2]} " if len(parts) > 2 else ""
    return f"{day}{month}{parts[0]}"


def parse_time(value: datetime | str) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


def parse_date(value: date | str) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


def age_words(birth_date: date | str, on: date) -> str:
    born = parse_date(birth_date)
    months = (on.year - born.year) * 12 + on.month - born.month - (on.day < born.day)
    if months >= 24:
        return str(months // 12)
    if months >= 1:
        return "1 month" if months == 1 else f"{months} months"
    days = max(0, (on - born).days)
    return "1 day" if days == 1 else f"{days} days"


@dataclass(frozen=True)
class Moment:
    """Now, where the network is; every time on a page is told from here."""

    now: datetime
    zone: ZoneInfo

    def local(self, at: datetime | str) -> datetime:
        return parse_time(at).astimezone(self.zone)

    @property
    def today(self) -> date:
        return self.local(self.now).date()

    def clock(self, at: datetime | str) -> str:
        return self.local(at).strftime("%H:%M")

    def days_away(self, day: date) -> int:
        return (day - self.today).days

    def near(self, at: datetime | str) -> str | None:
        return NEAR_DAYS.get(self.days_away(self.local(at).date()))

    def at(self, at: datetime | str) -> str:
        """ "12:15 today", or "24 Nov 2026, 17:00"."""
        near = self.near(at)
        return f"{self.clock(at)} {near}" if near else f"{date_words(self.local(at).date())}, {self.clock(at)}"

    def days(self, first: datetime | str, last: datetime | str) -> str:
        """From one day to another: "12 Nov 2026", "12–13 Nov 2026", "30 Oct 2026 – 2 Nov 2026"."""
        begun, ended = (self.local(at).date() for at in (first, last))
        if begun == ended:
            return date_words(ended)
        is_short = (begun.year, begun.month) == (ended.year, ended.month)
        return f"{begun.day}–{date_words(ended)}" if is_short else f"{date_words(begun)} – {date_words(ended)}"

    @property
    def full(self) -> str:
        """ "Sunday 22 Nov 2026, 10:42"."""
        return f"{self.local(self.now):%A} {date_words(self.today)}, {self.clock(self.now)}"

    def stamp(self, at: datetime | str) -> Stamp:
        """For a timeline: "Today 10:36", "20 Nov 2026, 14:20"."""
        near = self.near(at)
        words = f"{near.capitalize()} {self.clock(at)}" if near else self.at(at)
        return Stamp(words, self.local(at).isoformat(timespec="minutes"))

    def since(self, at: datetime | str) -> str:
        """ "since 08:05 today", "since Tuesday" within the last six days, else the date."""
        local = self.local(at)
        days = -self.days_away(local.date())
        if days == 0:
            return f"since {self.clock(at)} today"
        if days == 1:
            return "since yesterday"
        return f"since {local:%A}" if 1 < days < 7 else f"since {date_words(local.date())}"

    def on(self, at: datetime | str) -> str:
        """ "at 08:05 today", "on Tuesday" within the last six days, else "on 3 Nov 2026"."""
        word = self.since(at).removeprefix("since ")
        if word == "yesterday":
            return word
        return f"at {word}" if word.endswith("today") else f"on {word}"

    def by_day(self, day: date | str) -> str:
        """A day without a clock: "28 Nov 2026 (in 6 days)"."""
        when = parse_date(day)
        away = self.days_away(when)
        near = NEAR_DAYS.get(away) or (f"in {away} days" if away > 0 else f"{-away} days ago")
        return f"{date_words(when)} ({near})"

    def due(self, at: datetime | str | None, soon: timedelta = 4 * HOUR, is_brief: bool = False) -> Due:
        """`is_brief` leaves the clock away from days that are not near."""
        if at is None:
            return NOTHING_DUE
        left = parse_time(at) - self.now
        iso = self.local(at).isoformat(timespec="minutes")
        if left < timedelta(0):
            return Due("late", f"Late by {span_words(-left)}", f"due {self._when(at, is_brief)}", iso)
        return Due("soon" if left < soon else "ok", f"{span_words(left)} left", f"by {self._when(at, is_brief)}", iso)

    def _when(self, at: datetime | str, is_brief: bool) -> str:
        return date_words(self.local(at).date()) if is_brief and not self.near(at) else self.at(at)
