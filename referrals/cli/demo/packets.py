"""Turns a story and its case into the packet that a clinician would have sent on that day."""

import json
import zlib
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

Story = Mapping[str, Any]

HERE = Path(__file__).parent
NATIONAL = "urn:oid:2.16.840.1.113883.4.1"
POSTAL_CODES = ("60607", "53703", "49503", "46201", "55408", "43215", "60120", "53202", "48104", "61602")
# Numbers of the form 999-… are given to nobody.
NATIONAL_NUMBER = "999-{:02d}-{:04d}"


@cache
def stories() -> tuple[Story, ...]:
    return tuple(json.loads((HERE / "stories.json").read_text(encoding="utf-8")))


@cache
def cases() -> Mapping[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = json.loads((HERE / "cases.json").read_text(encoding="utf-8"))
    return found


@cache
def opinions() -> Mapping[str, Mapping[str, Any]]:
    """Invented, like the people: no advice to anybody."""
    found: dict[str, Mapping[str, Any]] = json.loads((HERE / "opinions.json").read_text(encoding="utf-8"))
    return found


def number_of(story: Story) -> int:
    """One number a person: who stands in two stories has it twice."""
    return zlib.crc32(f"{story['given_name']} {story['family_name']}".encode())


def packet_of(story: Story, sent_at: datetime, now: datetime) -> dict[str, Any]:
    case, day = cases()[story["case"]], sent_at.astimezone(UTC).date()
    packet: dict[str, Any] = {
        "submit": not story.get("draft", False),
        "patient": _patient(story, now.date()) | {"pregnant": case.get("pregnant", False)},
        "diagnosis": _dated(case["diagnosis"], day),
        "purposes": story["purposes"],
        "questions": [question for question in story["questions"] if question],
        "summary": story.get("summary"),
        "consent": _consent(story, day),
        "preferences": {"remote": True, "language": story.get("language", "en")},
    }
    if "treatments" in case:
        packet["treatments"] = [_dated(treatment, day) for treatment in case["treatments"]]
    if status := story.get("performance_status"):
        packet["performance_status"] = {"ecog": status["ecog"], "date": _ago(day, status["days_ago"])}
    if need := story.get("needed_by"):
        packet["needed_by"] = {"date": _ago(now.date(), -need["in_days"]), "kind": need["kind"]}
    if story["organization"] == "hillcrest" and packet["submit"]:
        packet["external_reference"] = f"HC-{number_of(story) % 100_000:05d}-{story['case']}"
    return packet


def _patient(story: Story, today: date) -> dict[str, Any]:
    """Of the age that they have today, whenever they were referred: twice the same person, twice the same birth date."""
    number = number_of(story)
    return {
        "identifiers": _identifiers(story, number),
        "given_name": story["given_name"],
        "family_name": story["family_name"],
        "birth_date": _ago(today, round(story["age"] * 365.25) + 20 + number % 300),
        "sex": story["sex"],
        "language": story.get("language", "en"),
        "interpreter_needed": story.get("interpreter_needed", False),
        "postal_code": POSTAL_CODES[number % len(POSTAL_CODES)],
        "country": "US",
    }


def _identifiers(story: Story, number: int) -> list[dict[str, str]]:
    record = {
        "system": f"https://{story['organization']}.example/demo-record",
        "value": f"DEMO-{number % 1_000_000:06d}",
    }
    if not story.get("national_number"):
        return [record]
    return [record, {"system": NATIONAL, "value": NATIONAL_NUMBER.format(number % 100, number % 10_000)}]


def _consent(story: Story, day: date) -> dict[str, Any] | None:
    """Whoever begins a draft has often not asked yet."""
    if story.get("draft"):
        return None
    named = story.get("consent_centers")
    return {
        "given": True,
        "given_on": _ago(day, number_of(story) % 3),
        "given_by": story.get("consent_by", "patient"),
        "scope": ["share_with_centers"],
        **({"centers": named} if named else {}),
        "interpreter_used": story.get("interpreter_needed", False),
    }


def _dated(part: Mapping[str, Any], day: date) -> dict[str, Any]:
    """`started_days_ago: 40` becomes `started_on`, forty days before the referral was sent."""
    return {
        name.replace("_days_ago", "_on"): _ago(day, value) if name.endswith("_days_ago") else value
        for name, value in part.items()
    }


def _ago(day: date, days: int) -> str:
    return (day - timedelta(days=days)).isoformat()
