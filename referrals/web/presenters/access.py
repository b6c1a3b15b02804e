"""Who can see what: each person in each role, each partner system, as a page and as a table to keep."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from referrals.domain import access
from referrals.domain.people import Kind
from referrals.models.organization import ApiClient, Organization
from referrals.pathway.people_list import PersonSeen, RoleHeld
from referrals.web import paths
from referrals.web.forms.accounts import STATES
from referrals.web.presenters.accounts import account_tabs
from referrals.web.presenters.report import Tab
from referrals.web.presenters.times import Moment
from referrals.web.words import ROLE, counted

Row = tuple[str, ...]
PEOPLE_HEAD = ("Person", "Organization", "Role", "Reads", "Steps", "Last seen", "State")
SYSTEMS_HEAD = ("System", "Organization", "Reads", "Scopes", "Steps by itself", "Last token", "State")
SHEET_HEAD = ("who", "email_or_client_id", "organization", "role_or_scopes", "reads", "steps", "last_seen", "state")
NO_ROLE = "No role"
NOTHING = "None"


@dataclass(frozen=True)
class AccessPage:
    people: tuple[Row, ...]
    systems: tuple[Row, ...]
    shown: str
    first_href: str
    next_href: str
    tabs: tuple[Tab, ...]
    people_head: Row = PEOPLE_HEAD
    systems_head: Row = SYSTEMS_HEAD
    sheet_href: str = paths.ACCESS_CSV


def access_page(
    found: Sequence[PersonSeen],
    systems: Iterable[tuple[ApiClient, Organization]],
    pages: tuple[str, str],
    is_administrator: bool,
    moment: Moment,
) -> AccessPage:
    return AccessPage(
        people=tuple(row for each in found for row in _person(each, moment)),
        systems=tuple(_system(*each, moment) for each in systems),
        shown=counted(len(found), "person", "people"),
        first_href=pages[0],
        next_href=pages[1],
        tabs=account_tabs(paths.ACCESS) if is_administrator else (),
    )


def _person(person: PersonSeen, moment: Moment) -> list[Row]:
    seen = moment.at(person.last_seen) if person.last_seen else "Not lately"
    ends = (seen, STATES[person.state])
    return [(person.user.name, *_role(each), *ends) for each in person.roles] or [
        (person.user.name, "", NO_ROLE, NOTHING, NOTHING, *ends)
    ]


def _role(held: RoleHeld) -> Row:
    return held.organization, ROLE[held.role], access.role_reads(held.kind, held.role), _steps(held)


def _steps(held: RoleHeld) -> str:
    return "; ".join(access.role_steps(held.kind, held.role)) or NOTHING


def _system(client: ApiClient, home: Organization, moment: Moment) -> Row:
    kind = Kind(home.kind)
    return (
        client.name,
        home.name,
        access.system_reads(kind, client.scopes),
        access.scope_words(client.scopes) or NOTHING,
        "; ".join(access.system_steps(kind, client.scopes)) or NOTHING,
        moment.at(client.last_used_at) if client.last_used_at else "Never",
        "Active" if client.active else "Switched off",
    )


def sheet_rows(
    found: Iterable[PersonSeen], systems: Iterable[tuple[ApiClient, Organization]], moment: Moment
) -> list[Row]:
    """The same, one line for each person in each role, then one for each partner system."""
    people = [(name, person.user.email, *rest) for person in found for name, *rest in _person(person, moment)]
    return [*people, *(_sheet_system(client, home, moment) for client, home in systems)]


def _sheet_system(client: ApiClient, home: Organization, moment: Moment) -> Row:
    name, organization, reads, scopes, steps, used, state = _system(client, home, moment)
    return name, client.client_id, organization, scopes, reads, steps, used, state
