"""People, for administrators: the list, an invitation, one account and all that can be done to it."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, request
from werkzeug.wrappers import Response

from referrals.boundary.paging import DEFAULT_LIMIT, Place, address_of, seal, unseal
from referrals.boundary.registering import name_handed_in
from referrals.boundary.schemas.fields import uuid_of
from referrals.boundary.stationery import stationery
from referrals.domain.accounts import TICKETS, TicketKind, roles_in
from referrals.domain.addresses import address_like
from referrals.domain.errors import Conflict, FieldError, NotFound, Refusal, refuse_unless_clean
from referrals.domain.people import Kind, Role
from referrals.models.user import User
from referrals.pathway import account_care as care
from referrals.pathway.absence import possible_covers
from referrals.pathway.covering import owners_among
from referrals.pathway.directory import members_in
from referrals.pathway.people_list import PersonSeen, State, Wanted, homes_seen, people_seen, person_seen
from referrals.pathway.second_factor import sign_out_those_without
from referrals.pathway.tickets import make_ticket, secret_of, send_ticket
from referrals.web import paths
from referrals.web.forms import accounts as forms
from referrals.web.forms.bind import fill, packet_from
from referrals.web.forms.fields import Form, Group
from referrals.web.pages import Seen, Shown, go, notices
from referrals.web.presenters import accounts as presenters
from referrals.web.presenters.form_page import FormPage
from referrals.web.presenters.notices import Link
from referrals.web.typed import status_of, with_refusal
from referrals.web.views.absence import EXPLAINS, away_groups, note_away
from referrals.web.views.security import by_setting
from referrals.web.views.sign_on_care import UNLINKING, is_linked_anywhere, unlink
from referrals.web.visit import Visit, act, page
from referrals.web.words import ROLE

accounts = Blueprint("accounts", __name__)

ENTITY = "user"
RESOURCE = "people"
MOST_ORGANIZATIONS = 2000
ADDRESS = paths.user("<user_id>")
ROLE_ADDRESS = f"{ADDRESS}/roles/<membership_id>"
REACHES_FURTHER = "This person belongs to other organizations, too. An administrator of the network changes the account; you give and take roles in yours."  # fmt: skip
Packet = Mapping[str, Any]


@accounts.get(paths.USERS)
@page
def overview(visit: Visit) -> Shown:
    care.refuse_other_than_administrators(visit.actor)
    chosen = {name: value for name in presenters.FILTER_NAMES if (value := request.args.get(name, ""))}
    cursor = request.args.get("cursor", "")
    after = unseal(cursor, RESOURCE, visit.actor.organization_id).after if cursor else None
    found = people_seen(visit.session, visit.actor, wanted(chosen), after, DEFAULT_LIMIT + 1)
    rows, following = found[:DEFAULT_LIMIT], ""
    if len(found) > DEFAULT_LIMIT:
        last = rows[-1].user
        following = seal(Place((last.name, last.id), {}), RESOURCE, visit.actor.organization_id)
    pages = (paths.users(chosen) if cursor else "", paths.users(chosen | {"cursor": following}) if following else "")
    homes = tuple((str(each.id), each.name) for each in homes_seen(visit.session, visit.actor, MOST_ORGANIZATIONS))
    shown = presenters.people_page(rows, chosen, homes, pages, visit.moment, notices())
    return Shown("people.html", shown, Seen(ENTITY, [each.user.id for each in rows], "list"))


def wanted(chosen: Mapping[str, str]) -> Wanted:
    """What is none of those offered is as if it was not chosen."""
    role = state = None
    with suppress(ValueError):
        role = Role(chosen.get("role", ""))
    with suppress(ValueError):
        state = State(chosen.get("state", ""))
    return Wanted(uuid_of(chosen.get("organization", "")), role, state)


def homes(visit: Visit) -> list[tuple[UUID, str]]:
    return [(each.id, each.name) for each in homes_seen(visit.session, visit.actor, MOST_ORGANIZATIONS)]


def roles_here(visit: Visit) -> tuple[Role, ...]:
    """The network's own administrators give every role, any other those of their kind of organization."""
    return tuple(Role) if visit.actor.kind is Kind.NETWORK else roles_in(visit.actor.kind)


def blank(visit: Visit) -> Form:
    return forms.new_form(homes(visit), roles_here(visit))


@accounts.get(paths.NEW_USER)
@page
def ask_new(visit: Visit) -> Shown:
    care.refuse_other_than_administrators(visit.actor)
    return asked_new(blank(visit))


def asked_new(form: Form, status: int = 200) -> Shown:
    explains = ("They get a link by which they choose a password themselves. It works once, for 72 hours.",)
    return Shown("form.html", FormPage("Invite somebody", form, presenters.BACK, explains=explains), status=status)


def new_again(visit: Visit, refusal: Refusal) -> Shown:
    form = blank(visit)
    return asked_new(with_refusal(fill(form, sent(form)), refusal), status_of(refusal))


def sent(form: Form) -> Packet:
    return packet_from(form, request.form, keep_blank=True)


@accounts.post(paths.NEW_USER)
@act(again=new_again)
def let_in(visit: Visit) -> Response | Shown:
    care.refuse_other_than_administrators(visit.actor)
    packet = sent(blank(visit))
    refuse_unless_clean([*name_handed_in(packet["name"]), *_address_faults(packet["email"])])
    home, role = care.find_home(visit.session, visit.actor, uuid_of(packet["organization"] or ""), packet["role"] or "")
    user = care.invite(visit.session, visit.actor, packet["email"], packet["name"], home, role, visit.now)
    ask_for_second_factor(visit, user)
    visit.note("invite", [user.id], ENTITY)
    if user.password_hash or not user.active:
        return go(paths.user(user.id), "This person was known: the role was added", "info")
    return linked(visit, user, TicketKind.INVITE)


def _address_faults(email: str | None) -> list[FieldError]:
    if email and address_like(email) and len(email) <= care.LONGEST_ADDRESS:
        return []
    return [FieldError("/email", "required", "Fill in an email address, such as nadia@lakeside.example.")]


def linked(visit: Visit, user: User, kind: TicketKind) -> Response | Shown:
    """The letter is on its way; or, where the service sends no mail, the link is shown this once."""
    settings = current_app.config["SETTINGS"]
    ticket = make_ticket(visit.session, user, kind, settings.secret_key, visit.now)
    if send_ticket(visit.session, stationery(settings), ticket):
        return go(paths.user(user.id), "A letter with a link is on its way")
    link = address_of(paths.password_link(secret_of(settings.secret_key, ticket.id)))
    rule = TICKETS[kind]
    return Shown("link_once.html", presenters.LinkPage("Hand over the link", user.name, link, rule.sentence, paths.user(user.id)))  # fmt: skip


@dataclass(frozen=True)
class Part:
    """One thing that can be done to an account. What it gives back is shown instead of the person's page."""

    title: str
    submit: str
    carry_out: Callable[[Visit, User, Packet], Response | Shown | None]
    groups: Callable[[Visit, User], tuple[Group, ...]] = lambda visit, user: ()
    explains: tuple[str, ...] = ()
    is_open: Callable[[User], bool] = lambda user: user.active
    said: str = "Saved"
    # Giving a role in one's own organization needs no say over the whole account.
    is_of_account: bool = True
    # What concerns other accounts, too, holds them all itself, in the order that it needs.
    holds_itself: bool = False


def _send_link(visit: Visit, user: User, packet: Packet) -> Response | Shown:
    return linked(visit, user, TicketKind.RESET if user.password_hash else TicketKind.INVITE)


def _give_role(visit: Visit, user: User, packet: Packet) -> None:
    home, role = care.find_home(visit.session, visit.actor, uuid_of(packet["organization"] or ""), packet["role"] or "")
    care.give_role(visit.session, user, home, role)
    ask_for_second_factor(visit, user)


def ask_for_second_factor(visit: Visit, user: User) -> None:
    """Where the new role needs one that is not there, it is asked for at once, and not twelve hours later."""
    sign_out_those_without(visit.session, user.network_id, by_setting(), visit.now, user.id)


def receivers(visit: Visit, user: User, membership_id: UUID | None = None) -> tuple[Group, ...]:
    held = care.what_goes(visit.session, user, membership_id)
    found = [(each, members_in(visit.session, each.organization_id, each.roles)) for each in held]
    covered = care.covers_that_end(visit.session, user, visit.now, membership_id)
    covers = possible_covers(visit.session, covered)
    return (
        *forms.receiver_groups((each, [one for one in people if one.id != user.id]) for each, people in found),
        *forms.cover_groups(
            ((each, [one for one in covers[each.id] if one[0] != user.id]) for each in covered),
            owners_among(visit.session, covered),
        ),
    )


PARTS: Mapping[str, Part] = {
    "send-link": Part(
        "Send a link for the password",
        "Send the link",
        _send_link,
        explains=("Whoever has no password yet is invited again, for 72 hours; anybody else may set a new one, for 30 minutes.", "Every older link ends. The password that they have works until they set a new one."),
        said="A letter is on its way",
    ),
    "rename": Part(
        "Change the name",
        "Save",
        lambda visit, user, packet: care.rename(user, packet["name"]),
        lambda visit, user: (Group((forms.NAME,)),),
    ),
    "give-role": Part(
        "Give a role",
        "Give the role",
        _give_role,
        lambda visit, user: forms.role_groups(homes(visit), roles_here(visit)),
        said="The role was given",
        is_of_account=False,
    ),
    "away": Part("Say when they are away", "Save", note_away, away_groups, EXPLAINS, holds_itself=True),
    "lock": Part(
        "Lock the account",
        "Lock it",
        lambda visit, user, packet: care.lock_out(visit.session, visit.actor, user, visit.now),
        explains=(
            "For an account that may be in other hands. Every session ends at once, and their password, app, passkeys, recovery codes and links open nothing any more. What they look after stays theirs.",
            "They come back by a new link for the password, which whoever reads their mail can ask for. Signing in by an organization’s account is closed there.",
        ),
        said="Locked. Send a link for the password once you have spoken to them",
    ),
    "deactivate": Part(
        "Switch off",
        "Switch this person off",
        lambda visit, user, packet: care.deactivate(visit.session, visit.actor, user, packet, visit.now),
        receivers,
        ("Their sessions end at once, and no partner system speaks for them any more. What they look after goes to colleagues in the same moment.",),
        said="Switched off",
        holds_itself=True,
    ),
    "single-sign-on": Part(
        "Remove the link to the organization’s account",
        "Remove the link",
        unlink,
        explains=UNLINKING,
        is_open=is_linked_anywhere,
        said="The link is removed, and every session of this person has ended",
    ),
    "reactivate": Part(
        "Switch on again",
        "Switch this person on",
        lambda visit, user, packet: care.reactivate(visit.session, user, visit.now),
        explains=("They sign in with the password that they had, in the roles that they hold.",),
        is_open=lambda user: not user.active,
        said="Switched on",
    ),
}  # fmt: skip


@accounts.get(ADDRESS)
@page
def one(visit: Visit, user_id: UUID) -> Shown:
    care.refuse_other_than_administrators(visit.actor)
    user = care.find_person(visit.session, visit.actor, user_id)
    return shown_person(visit, person_seen(visit.session, visit.actor, user))


def shown_person(visit: Visit, person: PersonSeen) -> Shown:
    user = person.user
    is_ours = care.is_wholly_in_reach(visit.session, visit.actor, user)
    held = care.held_in_reach(visit.session, visit.actor, user)
    roles = [(f"{ROLE[row.role]}, {home.name}", str(row.id)) for row, home in held]
    open_parts = [(name, part.title) for name, part in PARTS.items() if part.is_of_account and part.is_open(user)]
    cover = visit.session.get(User, user.covered_by_id) if user.covered_by_id else None
    shown = presenters.person_page(
        person,
        roles,
        open_parts if is_ours else [],
        cover.name if cover else "",
        "" if is_ours else REACHES_FURTHER,
        visit.moment,
        notices(),
    )
    return Shown("person.html", shown, Seen(ENTITY, [user.id]))


def found(visit: Visit, user_id: UUID, name: str, *, lock: bool = False) -> tuple[User, Part]:
    care.refuse_other_than_administrators(visit.actor)
    if name not in PARTS:
        raise NotFound
    lock = lock and not PARTS[name].holds_itself
    user = care.find_person(visit.session, visit.actor, user_id, lock=lock)
    if PARTS[name].is_of_account:
        care.refuse_unless_wholly_in_reach(visit.session, visit.actor, user)
    return user, PARTS[name]


def part_form(visit: Visit, user: User, name: str) -> Form:
    part = PARTS[name]
    return forms.care_form(user.id, name, part.submit, part.groups(visit, user))


@accounts.get(f"{ADDRESS}/<care_of>")
@page
def ask(visit: Visit, user_id: UUID, care_of: str) -> Shown:
    user, _ = found(visit, user_id, care_of)
    return asked(
        user, PARTS[care_of], fill(part_form(visit, user, care_of), {"name": user.name, **forms.away_standing(user)})
    )


def asked(user: User, part: Part, form: Form, status: int = 200) -> Shown:
    back = Link(user.name, paths.user(user.id))
    shown = FormPage(part.title, form, back, user.name, part.explains)
    return Shown("form.html", shown, Seen(ENTITY, [user.id]), status)


def again(visit: Visit, refusal: Refusal, user_id: UUID, care_of: str) -> Shown:
    user, part = found(visit, user_id, care_of)
    form = part_form(visit, user, care_of)
    return asked(user, part, with_refusal(fill(form, sent(form)), refusal), status_of(refusal))


@accounts.post(f"{ADDRESS}/<care_of>")
@act(again=again)
def carry_out(visit: Visit, user_id: UUID, care_of: str) -> Response | Shown:
    user, part = found(visit, user_id, care_of, lock=True)
    if not part.is_open(user):
        raise Conflict("There is nothing to do: this has been done already.")
    shown = part.carry_out(visit, user, sent(part_form(visit, user, care_of)))
    if part.holds_itself:  # it may have waited for whoever gave a role elsewhere
        care.refuse_unless_wholly_in_reach(visit.session, visit.actor, user)
    visit.note(care_of, [user.id], ENTITY)
    return shown or go(paths.user(user.id), part.said)


def role_form(visit: Visit, user: User, membership_id: UUID) -> Form:
    groups = receivers(visit, user, membership_id)
    return forms.care_form(user.id, f"roles/{membership_id}", "Take the role away", groups)


def asked_role(visit: Visit, user: User, membership_id: UUID, form: Form, status: int = 200) -> Shown:
    row, home = care.find_membership(visit.session, visit.actor, user, membership_id)
    explains = (f"{ROLE[row.role]}, {home.name}. What rests on this role alone goes to colleagues in the same moment.",)
    shown = FormPage("Take a role away", form, Link(user.name, paths.user(user.id)), user.name, explains)
    return Shown("form.html", shown, Seen(ENTITY, [user.id]), status)


def person_with_role(visit: Visit, user_id: UUID, membership_id: UUID) -> User:
    care.refuse_other_than_administrators(visit.actor)
    user = care.find_person(visit.session, visit.actor, user_id)
    care.find_membership(visit.session, visit.actor, user, membership_id)
    return user


@accounts.get(ROLE_ADDRESS)
@page
def ask_role(visit: Visit, user_id: UUID, membership_id: UUID) -> Shown:
    user = person_with_role(visit, user_id, membership_id)
    return asked_role(visit, user, membership_id, role_form(visit, user, membership_id))


def role_again(visit: Visit, refusal: Refusal, user_id: UUID, membership_id: UUID) -> Shown:
    user = person_with_role(visit, user_id, membership_id)
    form = role_form(visit, user, membership_id)
    return asked_role(visit, user, membership_id, with_refusal(fill(form, sent(form)), refusal), status_of(refusal))


@accounts.post(ROLE_ADDRESS)
@act(again=role_again)
def take_role(visit: Visit, user_id: UUID, membership_id: UUID) -> Response:
    user = person_with_role(visit, user_id, membership_id)
    packet = sent(role_form(visit, user, membership_id))
    care.take_role(visit.session, visit.actor, user, membership_id, packet, visit.now)
    visit.note("take-role", [user.id], ENTITY)
    return go(paths.user(user.id), "The role was taken away")
