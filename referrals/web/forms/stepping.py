"""The forms of single steps: each asks what the API's step takes, and no more."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from referrals.web import paths
from referrals.web.forms.bind import group_of
from referrals.web.forms.center import CENTER_GROUPS
from referrals.web.forms.fields import Field, Form, Group, Kind, Option, Repeat
from referrals.web.forms.illness import (
    CODE,
    COURSE,
    DESCRIPTION,
    NONE,
    STAGE,
    SURE,
    TISSUE,
    TREATMENTS,
    TREATMENTS_TOLD,
)
from referrals.web.forms.reasons import CANCEL_REASON, DECLINE_REASON, WITHDRAW_REASON
from referrals.web.forms.shared import person_field, reason_field, text_field
from referrals.web.words import OVERRIDE_REASON

LONGEST_OVERRIDE = timedelta(days=28)

FACTS_KIND = (
    Option("correction", "A correction", "What was sent before was wrong."),
    Option("new_event", "Something new", "It happened, or became known, after it was sent."),
)


def tier_options(current: str, labels: Mapping[str, str], allowed: Mapping[str, str]) -> tuple[Option, ...]:
    """The tiers that this person may set, each with what follows from it; the one that stands may be confirmed."""
    order = list(labels)
    return tuple(
        Option(tier, f"{tier} {labels[tier]}", f"{_direction(order.index(tier), order.index(current))} {allowed[tier]}")
        for tier in order
        if tier in allowed
    )


def _direction(there: int, here: int) -> str:
    return "As it stands now." if there == here else ("Sooner." if there < here else "Later.")


def override_groups(options: tuple[Option, ...], today: date) -> tuple[Group, ...]:
    last = (today + LONGEST_OVERRIDE).isoformat()
    return (
        group_of(
            Field("tier", "New priority", Kind.RADIOS, "/tier", options=options, is_required=True),
            reason_field(OVERRIDE_REASON),
            text_field("text", "Why", "Two or three sentences. Everybody who may read the referral sees them."),
            Field(
                "expires_on",
                "Stands until",
                Kind.DATE,
                "/expires_at",
                hint="28 days at the longest. Then the computed priority is back.",
                is_required=True,
                width="m",
                value=last,
            ),
        ),
    )


# What each step asks. Options that only the database knows come from the view.
STEP_GROUPS: Mapping[str, tuple[Group, ...]] = {
    "assign-owner": (group_of(person_field("Who looks after it from now on?")),),
    "change-clinician": (group_of(person_field("Which clinician answers for it from now on?", "They are told at once.")),),
    "update-facts": (
        group_of(
            Field("kind", "What kind of change?", Kind.RADIOS, "/kind", options=FACTS_KIND, is_required=True),
            Field("source", "Where does it come from?", pointer="/source", hint="Such as: pathology report of 20 Nov.", is_required=True),
            text_field("reason", "Why is it changed?"),
        ),
        group_of(CODE, DESCRIPTION, legend="Diagnosis"),
        TISSUE,
        SURE,
        STAGE,
        COURSE,
        group_of(TREATMENTS_TOLD, TREATMENTS, legend="Treatments", hint="Empty a treatment to take it away."),
        group_of(Field("pregnant", "The patient is pregnant", Kind.BOX, "/pregnant"), legend="Pregnancy"),
    ),
    "decline": (
        group_of(
            reason_field(DECLINE_REASON),
            text_field("advice", "Advice to the referrer", "What they can do instead. They may contest within 14 days."),
        ),
    ),
    "contest": (group_of(text_field("text", "Why should somebody else look at it again?")),),
    "cancel": (
        group_of(
            reason_field(CANCEL_REASON),
            Field(
                "duplicate_of",
                "Reference of the other referral",
                pointer="/duplicate_of",
                hint="For a duplicate: the referral that goes on, such as SO-26-0004711-K.",
                width="m",
            ),
            text_field("text", "Note", required=False),
        ),
    ),
    "withdraw": (group_of(reason_field(WITHDRAW_REASON), text_field("text", "Note", required=False)),),
    "reopen": (group_of(text_field("text", "Why is it started again?")),),
    **CENTER_GROUPS,
}  # fmt: skip


def step_form(
    step: str, referral_id: object, version: int, submit: str, groups: tuple[Group, ...] | None = None
) -> Form:
    return Form(
        action=paths.referral(referral_id, step),
        submit=submit,
        groups=STEP_GROUPS[step] if groups is None else groups,
        version=version,
        cancel_href=paths.referral(referral_id),
    )


def changed_facts(before: Mapping[str, Any], packet: Mapping[str, Any]) -> dict[str, Any]:
    """The body of update-facts without what stayed as it was: an untouched blank never turns unknown into none."""
    body = {name: value for name, value in packet.items() if name not in CLINICAL}
    known = before.get("diagnosis") or {}
    diagnosis = {name: value for name, value in (packet.get("diagnosis") or {}).items() if value != known.get(name)}
    if diagnosis:
        body["diagnosis"] = diagnosis
    if not same_treatments(before.get("treatments"), packet):
        body["treatments"] = packet.get("treatments") or []
    if bool(packet.get("pregnant")) != bool(before.get("pregnant")):
        body["pregnant"] = bool(packet.get("pregnant"))
    return body


CLINICAL = frozenset({"diagnosis", "treatments", "treatments_told", "pregnant"})


def same_treatments(standing: list[Any] | None, packet: Mapping[str, Any]) -> bool:
    """No row at all says nothing where nothing was known, unless it is said that there was none."""
    typed = packet.get("treatments") or []
    if standing is None:
        return not typed and packet.get("treatments_told") != NONE
    return [_plain(row) for row in typed] == [_plain(row) for row in standing]


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as the form sends it back when nobody touched it."""
    return {"status": "given"} | {name: value for name, value in row.items() if value is not None}


def supposed(standing: Mapping[str, Any], packet: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed into "what if": rows keep what the short form does not show, and unknown stays unknown."""
    known = standing.get("treatments")
    if known is None and not packet.get("treatments"):
        return {name: value for name, value in packet.items() if name != "treatments"}
    unused = list(known or ())
    rows = []
    for row in packet.get("treatments") or ():
        match: Mapping[str, Any] = next((one for one in unused if _is_same_treatment(one, row)), {})
        unused = [one for one in unused if one is not match]
        rows.append({**match, **{name: None for name in ("best_response",) if name not in row}, **row})
    return {**packet, "treatments": rows}


def _is_same_treatment(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(one.get(key) == other.get(key) for key in ("line", "modality"))


WHAT_IF: tuple[Group, ...] = (
    group_of(CODE, legend="Diagnosis"),
    TISSUE,
    STAGE,
    SURE,
    COURSE,
    group_of(
        Repeat(
            "treatments",
            "Treatment",
            "/treatments",
            tuple(
                field for field in TREATMENTS.fields if field.name in {"line", "modality", "status", "best_response"}
            ),
            add="Add another treatment",
        ),
        legend="Treatments",
    ),
    group_of(Field("pregnant", "The patient is pregnant", Kind.BOX, "/patient/pregnant"), legend="Pregnancy"),
)


def what_if_form(referral_id: object) -> Form:
    """Stores nothing, so it carries no version."""
    return Form(
        action=paths.referral(referral_id, "what-if"),
        submit="Show what it would be",
        groups=WHAT_IF,
        cancel_href=paths.referral(referral_id),
    )
