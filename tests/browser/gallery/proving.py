"""Certificates of the nights: one that holds, one that names rows."""

from types import SimpleNamespace
from typing import Any

from referrals.pathway.integrity.check import INVARIANTS
from referrals.web.presenters.integrity import integrity_page
from tests.browser.gallery.frames import Shown, administrator
from tests.browser.gallery.people import MOMENT, hours

DAYS = [["2026-11-20", 41, 30, 11], ["2026-11-21", 38, 33, 5], ["2026-11-22", 12, 12, 0]]
BREAKS = [
    {"row": "SO-26-0004711-K", "why": "cancel (version 7) was not told to its referrer"},
    {"row": "SO-26-0004712-M", "why": "sign-opinion (version 12) was not told to its referrer"},
]


def proofs(*broken: int) -> Shown:
    """One for each count of rows that break rule 3."""
    found = [
        SimpleNamespace(certificate=certificate(30 - place, -8 - 24 * place, count), is_untouched=not count)
        for place, count in enumerate(broken)
    ]
    page = integrity_page(found, {BREAKS[1]["row"]}, MOMENT)
    return Shown("integrity.html", page, administrator("/admin/integrity"))


def certificate(number: int, at: int, broken: int) -> Any:
    findings = [
        {
            "name": each.title,
            "claim": each.claim,
            "looked_at": 104_211,
            "broken": broken * 40 if each.name == "3" else 0,
            "breaks": BREAKS[:broken] if each.name == "3" else [],
            "figures": {"total": [91, 75, 16], "days": DAYS} if each.figures else {},
        }
        for each in INVARIANTS
    ]
    return SimpleNamespace(
        number=number, at=hours(at), took_ms=83_400 if broken else 400, by="worker", findings=findings, digest="3f" * 32
    )
