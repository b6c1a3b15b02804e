"""What a view gives back, and how it becomes an answer: a template with its page object inside the frame."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Response, flash, g, get_flashed_messages, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from referrals.domain.people import Kind
from referrals.pathway.mail import MAIL
from referrals.web.headers import PAGE_CACHE, SECURITY_HEADERS
from referrals.web.kept import seal_author
from referrals.web.preferences import Preferences
from referrals.web.presenters.break_glass import open_notice
from referrals.web.presenters.frame import SIGNED_OUT, Frame, Home, frame_for
from referrals.web.presenters.notices import Notice
from referrals.web.presenters.times import Moment
from referrals.web.session import Person, now


@dataclass(frozen=True, slots=True)
class Seen:
    """The rows that a page shows or a step has changed: what the audit will say."""

    entity: str
    ids: Sequence[UUID]
    action: str = "read"


@dataclass(frozen=True, slots=True)
class Shown:
    """A page. `seen` is written into the audit before anybody sees it."""

    template: str
    page: Any
    seen: Seen | None = None
    status: int = 200


def render(shown: Shown, person: Person | None) -> Response:
    frame = frame_of(person)
    g.written_for = seal_author(person.user.id) if person else ""
    return make_response(render_template(shown.template, page=shown.page, frame=frame), shown.status)


def written_for() -> str:
    """For whom the forms of this page are, sealed: their text is given back to nobody else."""
    sealed: str = g.written_for
    return sealed


def dress(answer: Response, cache: str = PAGE_CACHE) -> Response:
    """What a browser may do with it: load from us alone; and whether it may be kept."""
    answer.headers.update(dict(SECURITY_HEADERS))
    answer.headers["Cache-Control"] = cache
    return answer


def frame_of(person: Person | None) -> Frame:
    """Somebody without an organization is signed in, and can only sign out; nobody leads on who is only half in."""
    if person is None or person.lacks:
        return SIGNED_OUT
    if not person.held:
        return Frame(name=person.user.name, preferences=preferences_of(person), is_demo=person.user.is_demo)
    frame = frame_for(
        person.user.name,
        Kind(person.home.kind),
        person.actor.roles,
        person.home.name,
        request.path,
        preferences_of(person),
        is_demo=person.user.is_demo,
    )
    homes = tuple(Home(str(each.id), each.name, each.id == person.home.id) for each in person.homes)
    moment = Moment(now(), ZoneInfo(person.rules.zone))
    return replace(frame, homes=homes, notices=tuple(open_notice(each, moment) for each in person.opened))


def preferences_of(person: Person) -> Preferences:
    kept = person.user.preferences
    return Preferences(
        theme=str(kept.get("theme", "")),
        density=str(kept.get("density", "")),
        shortcuts=bool(kept.get("shortcuts", True)),
        mail=bool(kept.get(MAIL, True)),
    )


def go(address: str, said: str = "", kind: str = "ok") -> AnyResponse:
    """Lead on to a page, with a word on what has happened. The word travels in the cookie: never a patient's name in it."""
    if said:
        flash(said, kind)
    return redirect(address, code=303)


def notices() -> tuple[Notice, ...]:
    said: list[Any] = list(get_flashed_messages(with_categories=True))
    return tuple(Notice(kind, words) for kind, words in said)
