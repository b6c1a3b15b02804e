"""The smaller lists of the coordination: what a search found, whose identity is in doubt, what was refused."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from referrals.web import paths
from referrals.web.forms.fields import Form
from referrals.web.presenters.notices import Notice
from referrals.web.presenters.pointers import fact_name
from referrals.web.presenters.tags import full_name
from referrals.web.presenters.times import Moment, Stamp, partial_date_words
from referrals.web.presenters.worklist import Row
from referrals.web.words import SEX, counted, words_for

DOORS: Mapping[str, str] = {
    "form": "The form",
    "json": "A partner system (JSON)",
    "import": "An import",
    "fhir": "A partner system (FHIR)",
    "desk": "The front desk",
}


@dataclass(frozen=True)
class SearchPage:
    """`rows` are worklist rows. Before a search `found` is "" and there are no rows."""

    form: Form
    found: str
    rows: tuple[Row, ...]
    next_href: str = ""


@dataclass(frozen=True)
class KnownAs:
    """A patient as one organization knows them."""

    organization: str
    name: str
    born: str
    sex: str
    numbers: tuple[str, ...]
    differs: tuple[str, ...]


@dataclass(frozen=True)
class IdentityCheck:
    href: str
    sides: tuple[KnownAs, KnownAs]
    referral_href: str
    reference: str
    since: str


@dataclass(frozen=True)
class IdentityChecksPage:
    checks: tuple[IdentityCheck, ...]
    next_href: str = ""
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class Refusal:
    """An intake that was refused, with the fields that were wrong; never with what stood in them."""

    href: str
    organization: str
    door: str
    external_reference: str
    reasons: tuple[str, ...]
    stamp: Stamp
    seen: str


@dataclass(frozen=True)
class RefusedPage:
    refusals: tuple[Refusal, ...]
    next_href: str = ""
    notices: tuple[Notice, ...] = ()


def found_words(rows: Sequence[Row], has_more: bool) -> str:
    if not rows:
        return "Nothing was found. Try fewer letters, or the number only."
    return f"{counted(len(rows), 'referral')} found{', and there are more' if has_more else ''}."


def known_as(patient: Mapping[str, Any], other: Mapping[str, Any]) -> KnownAs:
    fields = {"Name": full_name, "Born": lambda one: one.get("birth_date"), "Sex": lambda one: one.get("sex")}
    return KnownAs(
        organization=patient["organization"]["name"],
        name=full_name(patient),
        born=partial_date_words(patient.get("birth_date")) or "Not known",
        sex=words_for(SEX, patient.get("sex"), "Not known").capitalize(),
        numbers=tuple(number["value"] for number in patient.get("identifiers") or ()),
        differs=tuple(name for name, read in fields.items() if read(patient) != read(other)),
    )


def identity_check(check: Mapping[str, Any], moment: Moment) -> IdentityCheck:
    """`check`: id, patient, other_patient (each with organization and identifiers), referral, created_at."""
    first, second = check["patient"], check["other_patient"]
    referral = check.get("referral") or {}
    return IdentityCheck(
        href=paths.identity_check(check["id"]),
        sides=(known_as(first, second), known_as(second, first)),
        referral_href=paths.referral(referral["id"]) if referral else "",
        reference=referral.get("reference") or "",
        since=moment.since(check["created_at"]),
    )


def reason_words(reason: Mapping[str, Any]) -> str:
    """ "Birth date: future_date" in words, and the whole of it where no field is named."""
    pointer = reason.get("pointer") or ""
    what = reason.get("message") or str(reason.get("code") or "").replace("_", " ")
    return f"{fact_name(pointer)}: {what}" if pointer else what.capitalize()


def refusal(receipt: Mapping[str, Any], moment: Moment) -> Refusal:
    """`receipt`: id, organization, door, external_reference, reasons, at, and seen (name, at) or None."""
    seen = receipt.get("seen")
    return Refusal(
        href=paths.refused(receipt["id"]),
        organization=receipt["organization"]["name"],
        door=words_for(DOORS, receipt["door"]),
        external_reference=receipt.get("external_reference") or "",
        reasons=tuple(reason_words(reason) for reason in receipt.get("reasons") or ()),
        stamp=moment.stamp(receipt["at"]),
        seen=f"Seen by {seen['name']} {moment.on(seen['at'])}" if seen else "",
    )


def refused_page(receipts: Iterable[Mapping[str, Any]], moment: Moment, next_href: str = "") -> RefusedPage:
    return RefusedPage(tuple(refusal(receipt, moment) for receipt in receipts), next_href)
