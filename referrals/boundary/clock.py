"""The one place where a door looks at the clock; every floor below is handed the time."""

from datetime import UTC, datetime


def now() -> datetime:
    return datetime.now(UTC)
