"""The referral form: one topic a page, each saved by itself, then a check of all answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from referrals.web import paths
from referrals.web.forms import illness, person, request
from referrals.web.forms.bind import Posted, fill, packet_from, with_field
from referrals.web.forms.fields import Form, Group

CHECK = "check"


@dataclass(frozen=True)
class Topic:
    slug: str
    title: str
    heading: str
    intro: str
    groups: tuple[Group, ...]


TOPICS: Mapping[str, Topic] = {
    topic.slug: topic
    for topic in (
        Topic("patient", "Patient", "Who is the patient?", "Names as in your record.", person.PATIENT),
        Topic("consent", "Consent", "What has the patient agreed to?", "", person.CONSENT),
        Topic("diagnosis", "Diagnosis", "What is the diagnosis?", "What you do not know, leave empty: it is judged as unknown, never as no.", illness.DIAGNOSIS),
        Topic("treatment", "Treatment", "What was done so far?", "", illness.TREATMENT),
        Topic("question", "Question", "What do you want to know?", "", request.QUESTION),
    )
}  # fmt: skip
ORDER: tuple[str, ...] = (*TOPICS, CHECK)


def after(slug: str) -> str:
    return ORDER[ORDER.index(slug) + 1]


def topic_form(slug: str, referral_id: object | None, version: int | None) -> Form:
    """Blank. Without an id it starts a new referral, which needs the patient first."""
    return Form(
        action=paths.referral(referral_id, slug) if referral_id else paths.NEW_REFERRAL,
        submit="Save and continue",
        groups=TOPICS[slug].groups,
        version=version,
        later="Save and finish later",
    )


def topic_packet(slug: str, form: Form, posted: Posted) -> dict[str, Any]:
    """A merge patch of the draft. What was known and is now blank is cleared."""
    packet = packet_from(form, posted, keep_blank=True)
    if slug == "patient":
        packet["patient"] = _with_whole_numbers(packet["patient"] or {})
    return _with_treatments(packet) if slug == "treatment" else packet


def _with_whole_numbers(patient: dict[str, Any]) -> dict[str, Any]:
    """A number is a system and a value; without a value there is none."""
    numbers = [number for number in patient.get("identifiers") or () if number.get("value")]
    return {**patient, "identifiers": numbers}


def _with_treatments(packet: dict[str, Any]) -> dict[str, Any]:
    """What was typed is never thrown away; where nothing was said, the patch says nothing."""
    known, listed = packet.pop("treatments_known"), packet.pop("treatments")
    if listed or known in illness.TOLD:
        packet["treatments"] = listed or illness.TOLD[known]
    return packet


def filled_topic(slug: str, form: Form, packet: Mapping[str, Any], add: str = "") -> Form:
    shown = fill(form, packet, add)
    return with_field(shown, "treatments_known", value=treatments_known(packet)) if slug == "treatment" else shown


def treatments_known(packet: Mapping[str, Any]) -> str:
    sent = packet.get("treatments")
    if sent is None:
        return illness.UNKNOWN if "treatments" in packet else ""
    return illness.LISTED if sent else illness.NONE
