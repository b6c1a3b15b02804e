"""The forms of one center: its profile, expertise, trials and conflicts, each saved whole by those who keep it true."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from flask import Blueprint, request
from werkzeug.wrappers import Response

from referrals.boundary.center_answers import center_answer
from referrals.boundary.schemas import centers as schemas
from referrals.boundary.schemas.fields import load
from referrals.boundary.trial_files import LARGEST, read_trials
from referrals.domain.errors import FieldError, Invalid, NotFound, Refusal, Stale, refuse
from referrals.domain.people import Kind
from referrals.domain.tumor_family import family_labels
from referrals.pathway.centers import Profile, change_center, find_center, refuse_stranger, state_expertise
from referrals.pathway.centers_known import add_trials, organizations_to_name, state_conflicts, state_trials
from referrals.web import paths
from referrals.web.forms import centers as forms
from referrals.web.forms.bind import fill
from referrals.web.forms.fields import Form
from referrals.web.pages import Seen, Shown, go
from referrals.web.presenters.form_page import Conflict, FormPage
from referrals.web.presenters.notices import Link
from referrals.web.typed import differences, status_of, wants_more, with_refusal, with_version
from referrals.web.views.centers import ENTITY, to_change
from referrals.web.visit import Visit, act, page, version_meant

center_forms = Blueprint("center_forms", __name__)

ADDRESS = f"{paths.CENTERS}/<center_id>/<part>"
Sent = Any
# What the form on expertise asks of each family, as its faults call it.
ASKED: Mapping[str, str] = {"level": "level", "yearly_volume": "patients a year", "evidence": "what speaks for it"}


@dataclass(frozen=True)
class Part:
    """One form. `blank` makes it, `packet` fills it from what stands or was typed, `typed` reads it, `read` checks that, `state` writes it."""

    title: str
    blank: Callable[[Visit, Profile], Form]
    packet: Callable[[Mapping[str, Any]], Mapping[str, Any]]
    typed: Callable[[Form], Sent]
    read: Callable[[Sent], Sent]
    state: Callable[[Visit, Profile, Sent], Any]
    explains: tuple[str, ...] = ()


def profile_blank(visit: Visit, profile: Profile) -> Form:
    by_network = visit.actor.kind is Kind.NETWORK
    return forms.profile_form(profile.organization.id, profile.center.version, by_network=by_network)


def conflicts_blank(visit: Visit, profile: Profile) -> Form:
    named = [(str(each.id), each.name) for each in organizations_to_name(visit.session, profile)]
    return forms.conflicts_form(profile.organization.id, profile.center.version, named)


def read_expertise(sent: Sent) -> Sent:
    """Each fault at the field of its family."""
    try:
        return load(schemas.Expertise(), sent)["expertise"]
    except Invalid as refusal:
        raise Invalid(_at_family(error, sent["expertise"]) for error in refusal.errors) from None


def _at_family(error: FieldError, stated: list[Mapping[str, Any]]) -> FieldError:
    _, _, place, name = error.pointer.split("/", 3)
    family = stated[int(place)]["family"]
    said = error.message[:1].lower() + error.message[1:]
    return replace(error, pointer=f"/{family}/{name}", message=f"{family_labels()[family]}, {ASKED[name]}: {said}")


def file_sent(form: Form) -> bytes:
    file = request.files.get("file")
    return file.stream.read(LARGEST + 1) if file and file.filename else b""


def read_file(content: bytes) -> Sent:
    if not content:
        refuse("/file", "required", "Choose a file.")
    try:
        return read_trials(content)
    except Invalid as refusal:
        raise Invalid(_in_line(error) for error in refusal.errors) from None


def _in_line(error: FieldError) -> FieldError:
    _, _, line, column = error.pointer.split("/", 3) if error.pointer else ("", "", "", "")
    return FieldError("", error.code, f"Line {line}, {column}: {error.message}" if line else error.message)


PARTS: Mapping[str, Part] = {
    "profile": Part(
        "Change the profile",
        profile_blank,
        forms.profile_packet,
        lambda form: forms.profile_sent(form, request.form),
        lambda sent: load(schemas.Center(), sent, partial=True),
        lambda visit, profile, sent: change_center(visit.session, visit.actor, profile, sent, visit.now),
    ),
    "expertise": Part(
        "Change the expertise",
        lambda visit, profile: forms.expertise_form(profile.organization.id, profile.center.version, family_labels()),
        forms.expertise_packet,
        lambda form: forms.expertise_sent(form, request.form),
        read_expertise,
        lambda visit, profile, sent: state_expertise(visit.session, visit.actor, profile, sent, visit.now),
        ("A level from 0 to 1: an expert has 0.6 or more, 0.3 is needed to be asked at all.", "A family that is left empty is not stated."),
    ),
    "trials": Part(
        "Change the trials",
        lambda visit, profile: forms.trials_form(profile.organization.id, profile.center.version, family_labels()),
        dict,
        lambda form: forms.list_sent(form, request.form),
        lambda sent: load(schemas.Trials(), sent)["trials"],
        lambda visit, profile, sent: state_trials(visit.session, visit.actor, profile, sent, visit.now),
    ),
    "conflicts": Part(
        "Change the conflicts",
        conflicts_blank,
        forms.conflicts_packet,
        lambda form: forms.list_sent(form, request.form),
        lambda sent: load(schemas.Conflicts(), sent)["conflicts"],
        lambda visit, profile, sent: state_conflicts(visit.session, visit.actor, profile, sent, visit.now),
        ("While a conflict is in force the center is not asked about referrals of that organization.",),
    ),
    "trials-file": Part(
        "Add trials from a file",
        lambda visit, profile: forms.trials_file_form(profile.organization.id, profile.center.version),
        lambda center: {},
        file_sent,
        read_file,
        lambda visit, profile, sent: add_trials(visit.session, visit.actor, profile, sent, visit.now),
        (
            "The first line names the columns: registry_id, title, families (| between several) and opened_on; phase, closed_on, contact and source may be left out. Days are written 2026-11-18.",
            "Trials that the file does not name stay. When a line is faulty nothing is changed.",
        ),
    ),
}  # fmt: skip


def part_of(name: str) -> Part:
    if name not in PARTS:
        raise NotFound
    return PARTS[name]


@center_forms.get(ADDRESS)
@page
def ask(visit: Visit, center_id: UUID, part: str) -> Shown:
    profile = kept_by(visit, center_id)
    return drawn(visit, profile, part_of(part), standing(visit, profile, part_of(part)))


def kept_by(visit: Visit, center_id: UUID) -> Profile:
    profile = find_center(visit.session, visit.actor.network_id, center_id)
    refuse_stranger(visit.actor, center_id)
    return profile


def standing(visit: Visit, profile: Profile, part: Part) -> Form:
    return fill(part.blank(visit, profile), part.packet(center_answer(profile, visit.actor)))


def typed(visit: Visit, profile: Profile, part: Part) -> Form:
    """The form as it was sent, with one more row where one was asked for."""
    blank = part.blank(visit, profile)
    return fill(blank, part.packet(part.typed(blank)), request.form.get("add", ""))


def drawn(
    visit: Visit, profile: Profile, part: Part, form: Form, status: int = 200, conflict: Conflict | None = None
) -> Shown:
    name = profile.organization.name
    shown = FormPage(
        part.title,
        form,
        Link(name, paths.center(profile.organization.id)),
        intro=name,
        explains=part.explains,
        conflict=conflict,
    )
    return Shown("form.html", shown, Seen(ENTITY, [profile.organization.id]), status)


def typed_again(visit: Visit, refusal: Refusal, center_id: UUID, part: str) -> Shown:
    profile, asked = kept_by(visit, center_id), part_of(part)
    form = typed(visit, profile, asked)
    if not isinstance(refusal, Stale):
        refused = with_version(with_refusal(form, refusal), version_meant())
        return drawn(visit, profile, asked, refused, status_of(refusal))
    clash = Conflict(
        "Somebody else changed this entry first",
        f"It was changed {visit.moment.on(profile.center.updated_at)}. What you typed is kept below. Compare, change it if you like, and save again.",
        tuple(differences(standing(visit, profile, asked), form)),
    )
    return drawn(visit, profile, asked, form, 409, clash)


@center_forms.post(ADDRESS)
@act(again=typed_again)
def save(visit: Visit, center_id: UUID, part: str) -> Response | Shown:
    asked = part_of(part)
    if wants_more():
        profile = kept_by(visit, center_id)
        return drawn(visit, profile, asked, with_version(typed(visit, profile, asked), version_meant()))
    profile = to_change(visit, center_id)
    asked.state(visit, profile, asked.read(asked.typed(asked.blank(visit, profile))))
    visit.note(part, [center_id], ENTITY)
    return go(paths.center(center_id), "Saved")
