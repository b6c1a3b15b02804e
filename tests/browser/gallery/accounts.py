"""Accounts: a new password, people and what can be done to them, and who can see what."""

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from referrals.domain.accounts import TICKETS, TicketKind, Work
from referrals.domain.errors import FieldError
from referrals.domain.passwords import COMMON
from referrals.domain.people import Kind, Role
from referrals.pathway.hand_over import Holding
from referrals.pathway.people_list import PersonSeen, RoleHeld
from referrals.web.forms import accounts as account_forms, passwords as forms
from referrals.web.forms.bind import with_errors
from referrals.web.forms.fields import Form
from referrals.web.presenters import accounts as presenters
from referrals.web.presenters.access import access_page
from referrals.web.presenters.form_page import FormPage
from referrals.web.presenters.frame import SIGNED_OUT
from referrals.web.presenters.notices import Link
from referrals.web.presenters.said import FORGOTTEN_ASKED, LINK_USED_UP, NO_MAIL_HERE
from referrals.web.presenters.times import parse_time
from referrals.web.views.absence import EXPLAINS
from referrals.web.views.accounts import PARTS, REACHES_FURTHER
from tests.browser.gallery.frames import Shown, administrator, coordinator
from tests.browser.gallery.people import MOMENT, hours

TO_SIGN_IN = Link("Sign in", "/sign-in")


def by_link(*errors: FieldError) -> Shown:
    form = with_errors(forms.link_form("made-up"), errors)
    page = FormPage(TICKETS[TicketKind.INVITE].said, form, TO_SIGN_IN, "For nadia.kowal@network.example")
    return Shown("form.html", page, SIGNED_OUT)


def own_password() -> Shown:
    explains = ("Every session of yours ends, also this one: you sign in again with the new password.",)
    page = FormPage("Change your password", forms.own_form(), Link("Start", "/"), explains=explains)
    return Shown("form.html", page, coordinator("/me/password"))


def forgotten() -> Shown:
    page = FormPage(
        "Forgotten your password?",
        forms.forgotten_form(),
        TO_SIGN_IN,
        "We send a link to the address that you sign in with.",
    )
    return Shown("form.html", page, SIGNED_OUT)


def seen(name: str, email: str, roles: list[RoleHeld], at: float | None, **own: Any) -> PersonSeen:
    usual = {
        "id": "u1",
        "name": name,
        "email": email,
        "active": True,
        "password_hash": "kept",
        "away_from": None,
        "away_to": None,
        "covered_by_id": None,
        "created_at": parse_time(hours(-4000)),
    }
    user: Any = SimpleNamespace(**usual | own)
    return PersonSeen(user, roles, None if at is None else parse_time(hours(at)))


NETWORK, LAKESIDE = ("Regional Second Opinion Network", UUID(int=1), Kind.NETWORK), ("Lakeside Hospital", UUID(int=2), Kind.PROVIDER)  # fmt: skip
NADIA = seen(
    "Nadia Kowal",
    "nadia.kowal@network.example",
    [RoleHeld(*NETWORK, Role.COORDINATOR), RoleHeld(*NETWORK, Role.ADMINISTRATOR), RoleHeld(*LAKESIDE, Role.AUDITOR)],
    -0.2,
    away_from=date(2026, 11, 20),
    away_to=date(2026, 12, 3),
    covered_by_id="u2",
)
COVERED: Any = SimpleNamespace(id=UUID(int=4), name="Dr Tomás Rey")
FOUND = (
    NADIA,
    seen("Dr Tomás Rey", "clinician@lakeside.example", [RoleHeld(*LAKESIDE, Role.CLINICIAN)], None, password_hash=None),
    seen("Henrik Dahl", "henrik.dahl.of.the.department.of.oncology@lakeside.example", [], -900, active=False),
)


def people(found: tuple[PersonSeen, ...] = FOUND) -> Shown:
    homes = (("o1", NETWORK[0]), ("o2", LAKESIDE[0]))
    chosen = {} if found else {"role": "auditor"}
    page = presenters.people_page(found, chosen, homes, ("", "/admin/users?cursor=x" if found else ""), MOMENT)
    return Shown("people.html", page, administrator("/admin/users"))


def person(is_ours: bool = True) -> Shown:
    roles = [(presenters.role_words(each), str(place)) for place, each in enumerate(NADIA.roles)]
    parts = [
        ("send-link", "Send a link for the password"),
        ("rename", "Change the name"),
        ("lock", "Lock the account"),
        ("deactivate", "Switch off"),
    ]
    page = presenters.person_page(
        NADIA,
        roles if is_ours else [],
        parts if is_ours else [],
        "Jonas Lind",
        "" if is_ours else REACHES_FURTHER,
        MOMENT,
    )
    return Shown("person.html", page, administrator("/admin/users/u1"))


def switched_off(*errors: FieldError) -> Shown:
    team = [SimpleNamespace(id="u2", name="Jonas Lind"), SimpleNamespace(id="u3", name="Amara Osei")]
    held = [Holding(work, UUID(int=1), (UUID(int=1),) * count) for work, count in ((Work.OWNED, 12), (Work.TASKS, 1))]
    covers = [(UUID(int=2), "Jonas Lind"), (UUID(int=3), "Amara Osei")]
    groups = (
        *account_forms.receiver_groups((each, team) for each in held),
        *account_forms.cover_groups([(COVERED, covers)], {COVERED.id}),
    )
    form = with_errors(account_forms.care_form("u1", "deactivate", "Switch this person off", groups), errors)
    page = FormPage(
        "Switch off", form, Link("Nadia Kowal", "/admin/users/u1"), "Nadia Kowal", PARTS["deactivate"].explains
    )
    return Shown("form.html", page, administrator("/admin/users/u1"))


def who_sees_what() -> Shown:
    client: Any = SimpleNamespace(
        name="Epic",
        client_id="lakeside-x",
        scopes=["referrals:read", "referrals:write"],
        active=True,
        last_used_at=None,
    )
    home: Any = SimpleNamespace(name="Lakeside Hospital", kind="provider")
    return Shown(
        "access.html", access_page(FOUND, [(client, home)], ("", ""), True, MOMENT), administrator("/admin/access")
    )


def away() -> Shown:
    groups = account_forms.away_groups([(UUID(int=2), "Jonas Lind"), (UUID(int=3), "Amara Osei")])
    form = Form("/me/away", "Save", groups)
    return Shown(
        "form.html", FormPage("When you are away", form, Link("Start", "/"), explains=EXPLAINS), coordinator("/me/away")
    )


def link_once() -> Shown:
    link = "https://second-opinions.example/password/kq3T0mWZ5sJrX8vB1nYdLh7cPfGuE2aViO9wRzKtQxM"
    sentence = TICKETS[TicketKind.INVITE].sentence
    page = presenters.LinkPage("Hand over the link", "Nadia Kowal", link, sentence, "/admin/users/u1")
    return Shown("link_once.html", page, administrator("/admin/users/u1"))


ACCOUNT_PAGES: dict[str, Callable[[], Shown]] = {
    "people": people,
    "people-nobody": lambda: people(()),
    "person": person,
    "person-elsewhere": lambda: person(is_ours=False),
    "person-off": switched_off,
    "person-off-errors": lambda: switched_off(
        FieldError(
            f"/owned-{UUID(int=1)}", "required", "Choose who takes this over: somebody active there in a fitting role."
        )
    ),
    "link-once": link_once,
    "access": who_sees_what,
    "away": away,
    "password-link": by_link,
    "password-link-errors": lambda: by_link(COMMON, forms.DIFFERS),
    "own-password": own_password,
    "forgotten": forgotten,
    "forgotten-asked": lambda: Shown("said.html", FORGOTTEN_ASKED, SIGNED_OUT),
    "link-used-up": lambda: Shown("said.html", LINK_USED_UP, SIGNED_OUT),
    "no-mail-here": lambda: Shown("said.html", NO_MAIL_HERE, SIGNED_OUT),
}
