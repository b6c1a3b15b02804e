"""The forms with which an administrator lets people in and changes their accounts."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from referrals.domain.accounts import NOBODY, WORK
from referrals.domain.errors import refuse
from referrals.domain.people import Role
from referrals.models.user import User
from referrals.pathway.covering import field_of
from referrals.pathway.hand_over import Holding
from referrals.pathway.people_list import State
from referrals.web import paths
from referrals.web.forms.bind import group_of
from referrals.web.forms.fields import Field, Form, Group, Kind, Option, options_of
from referrals.web.words import ROLE, counted

NAME = Field("name", "Name", pointer="/name", hint="As colleagues know them, such as Dr Nadia Kowal.", is_required=True)
EMAIL = Field("email", "Email", Kind.EMAIL, "/email", "They sign in with it, and the invitation goes there.", is_required=True)  # fmt: skip
CHOOSE = Option("", "Choose")
STATES = {State.ACTIVE: "Active", State.INVITED: "No password", State.OFF: "Switched off"}
# By whether they look after open referrals.
NOBODY_FOR = {False: "Nobody", True: "Nobody: the absence ends"}
LAST_DAY = "The last day; empty where nobody knows yet."


def home_field(homes: Iterable[tuple[UUID, str]]) -> Field:
    options = tuple(Option(str(key), name) for key, name in homes)
    only_one = len(options) == 1
    return Field(
        "organization",
        "Organization",
        Kind.SELECT,
        "/organization",
        options=options if only_one else (CHOOSE, *options),
        is_required=True,
        value=options[0].value if only_one else "",
    )


def role_field(roles: Iterable[Role]) -> Field:
    options = (CHOOSE, *options_of(ROLE, [role.value for role in roles]))
    return Field("role", "Role", Kind.SELECT, "/role", options=options, is_required=True)


def new_form(homes: Iterable[tuple[UUID, str]], roles: Iterable[Role]) -> Form:
    groups = (group_of(NAME, EMAIL, home_field(homes), role_field(roles)),)
    return Form(paths.NEW_USER, "Invite", groups, cancel_href=paths.USERS)


def role_groups(homes: Iterable[tuple[UUID, str]], roles: Iterable[Role]) -> tuple[Group, ...]:
    return (group_of(home_field(homes), role_field(roles)),)


def care_form(user_id: object, part: str, submit: str, groups: tuple[Group, ...]) -> Form:
    return Form(paths.user(user_id, part), submit, groups, cancel_href=paths.user(user_id))


def receiver_groups(held: Iterable[tuple[Holding, Iterable[Any]]]) -> tuple[Group, ...]:
    """One choice for each kind of what is handed over; no group where there is nothing."""
    fields = tuple(_receiver(holding, people) for holding, people in held)
    return (group_of(*fields, legend="To whom does it go?"),) if fields else ()


def _receiver(holding: Holding, people: Iterable[Any]) -> Field:
    options = (CHOOSE, *(Option(str(one.id), one.name) for one in people))
    rule = WORK[holding.work]
    label = counted(len(holding.ids), rule.words, rule.many)
    return Field(holding.field, label, Kind.SELECT, f"/{holding.field}", options=options, is_required=True)


def cover_groups(
    covered: Iterable[tuple[User, Iterable[tuple[UUID, str]]]], owners: Collection[UUID]
) -> tuple[Group, ...]:
    """Who covers from now on, for each who is away; no group where there is nobody. Of owners nobody ends the absence."""
    fields = tuple(_cover(person, covers, NOBODY_FOR[person.id in owners]) for person, covers in covered)
    return (group_of(*fields, legend="Who covers from now on?"),) if fields else ()


def _cover(person: User, covers: Iterable[tuple[UUID, str]], nobody: str) -> Field:
    options = (CHOOSE, Option(NOBODY, nobody), *(Option(str(key), name) for key, name in covers))
    name = field_of(person)
    hint = "They are told. Where nobody covers, so are the administrators."
    return Field(name, f"For {person.name}", Kind.SELECT, f"/{name}", hint, options=options, is_required=True)


def away_groups(covers: Iterable[tuple[UUID, str]]) -> tuple[Group, ...]:
    """The days, and who covers: of those who may."""
    options = (Option("", "Nobody"), *(Option(str(key), name) for key, name in covers))
    return (
        group_of(
            Field("away_from", "From", Kind.DATE, "/away_from", "The first day. Empty: not away at all.", width="m"),
            Field("away_to", "To", Kind.DATE, "/away_to", LAST_DAY, width="m"),
            Field(
                "covered_by",
                "Who covers?",
                Kind.SELECT,
                "/covered_by",
                "Only people who hold the same roles.",
                options=options,
            ),
        ),
    )


def days_sent(packet: Mapping[str, Any]) -> tuple[date | None, date | None]:
    return _day(packet, "away_from"), _day(packet, "away_to")


def _day(packet: Mapping[str, Any], name: str) -> date | None:
    try:
        return date.fromisoformat(packet[name]) if packet[name] else None
    except ValueError:
        refuse(f"/{name}", "unreadable", "Use a day such as 2026-12-03.")


def away_standing(user: User) -> dict[str, Any]:
    """What the form shows of what is known."""
    return {
        "away_from": user.away_from,
        "away_to": user.away_to,
        "covered_by": user.covered_by_id,
    }
