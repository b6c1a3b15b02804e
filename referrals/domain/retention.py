"""How long a patient's data is kept after their last referral ended, and who may say that it has to be kept longer."""

from datetime import date

from referrals.domain.people import Actor, Kind, Role

SHORTEST_REASON, LONGEST_REASON = 20, 1000
HOLD, LIFT, ERASE = "set-hold", "lift-hold", "erase"
LEGAL_HOLD = "legal_hold"


def may_hold(actor: Actor) -> bool:
    """A person who administers the network; never a partner system."""
    return (
        actor.is_person and actor.client_id is None and actor.kind is Kind.NETWORK and Role.ADMINISTRATOR in actor.roles
    )


def may_see_holds(actor: Actor) -> bool:
    """Also those who look whether everything is done as it should be."""
    readers = {Role.ADMINISTRATOR, Role.AUDITOR}
    return actor.client_id is None and actor.kind is Kind.NETWORK and bool(actor.roles & readers)


def years_before(day: date, years: int) -> date:
    """The same day so many years ago; of February 29 the day before it, where there was none: nobody is erased a day early."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return date(day.year - years, 2, 28)


def erased_words(day: date) -> str:
    """What stands in the place of a name."""
    return f"Erased on {day.isoformat()}"
