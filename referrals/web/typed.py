"""What somebody typed into a form, shown again: with what is wrong, with the codes found, or beside what stands now."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from referrals.domain.errors import Conflict, FieldError, Invalid, Refusal
from referrals.domain.people import Actor
from referrals.models.trail import Event
from referrals.web.forms.bind import fill, packet_from, with_errors
from referrals.web.forms.faults import in_words
from referrals.web.forms.fields import Field, Form, Kind
from referrals.web.look_up import CHOOSE, CodeToChoose, Posted, found_codes, titled, told
from referrals.web.presenters.form_page import Conflict as Clash, Difference, conflict_with
from referrals.web.presenters.times import Moment

# Buttons inside a form that ask for more of the form, and change nothing.
MORE = ("find", "more", "add")


def wants_more() -> bool:
    return any(name in request.form for name in MORE)


def shown_again(session: Session, form: Form, posted: Posted, packet: Mapping[str, Any] | None = None) -> Form:
    """The form as it was sent, with one more row where one was asked for."""
    sent = packet_from(form, posted, keep_blank=True) if packet is None else packet
    return titled(found_codes(session, fill(form, sent, posted.get("add", "")), posted))


def with_refusal(form: Form, refusal: Refusal) -> Form:
    """Each fault at its field."""
    errors = faults_of(form, refusal)
    return with_errors(told(form, errors), in_words(form, errors))


def faults_of(form: Form, refusal: Refusal) -> Sequence[FieldError]:
    if isinstance(refusal, Invalid):
        return refusal.errors
    if isinstance(refusal, CodeToChoose):
        pointer = next(field.pointer for field in form.fields if field.name == refusal.field)
        return [FieldError(pointer, CHOOSE, refusal.message)]
    if isinstance(refusal, Conflict) and refusal.fields:
        return [FieldError(pointer, "conflict", refusal.message) for pointer in refusal.fields]
    return [FieldError("", refusal.code, refusal.message)]


def status_of(refusal: Refusal) -> int:
    return 422 if isinstance(refusal, Invalid | CodeToChoose) else 409


def who_changed(last: Event, reader: Actor) -> str:
    """Somebody with two windows open is in their own way."""
    return "You, in another window," if last.user_id == reader.user_id else last.actor_name


def clash_with(last: Event, reader: Actor, moment: Moment, differences: Sequence[Difference]) -> Clash:
    return conflict_with(who_changed(last, reader), moment.on(last.at), tuple(differences))


def differences(now: Form, yours: Form, parts: Container[str] | None = None) -> list[Difference]:
    """Field by field of these parts of the packet, or of all, where what stands now is not what was typed."""
    standing = {field.name: field_words(field) for field in now.fields}
    typed = [(field, field_words(field)) for field in yours.fields if parts is None or _part(field) in parts]
    return [
        Difference(field.label, standing.get(field.name, "") or "Nothing", words or "Nothing")
        for field, words in typed
        if standing.get(field.name, "") != words
    ]


def _part(field: Field) -> str:
    return field.pointer.split("/")[1] if field.pointer else ""


def field_words(field: Field) -> str:
    """The answer as it stands in the field, in words."""
    labels = {option.value: option.label for option in field.options}
    if field.kind is Kind.BOX:
        return "Yes" if field.value else "No"
    if field.kind is Kind.BOXES:
        return ", ".join(labels.get(value, value) for value in field.values)
    if field.kind is Kind.PARTIAL_DATE:
        return " ".join(part for part in field.values if part)
    if field.kind in (Kind.RADIOS, Kind.SELECT):
        return labels.get(field.value, field.value) if field.value else ""
    return field.value


def with_version(form: Form, version: int) -> Form:
    return replace(form, version=version)
