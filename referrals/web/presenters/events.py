"""What a step changed, in sentences under its line of the timeline."""

from collections.abc import Callable, Mapping
from typing import Any

from referrals.domain.opinion_words import OUTCOME, PLAN
from referrals.web.forms.reasons import CANCEL_REASON, DECLINE_REASON, OFFER_REASON, WITHDRAW_REASON
from referrals.web.presenters.pointers import fact_name
from referrals.web.presenters.questions import item_words
from referrals.web.presenters.recorded import recorded_words
from referrals.web.question_words import ASKED
from referrals.web.words import OVERRIDE_REASON, counted, sentence_list, words_for

Data = Mapping[str, Any]


def _reason(reasons: Mapping[str, str]) -> Callable[[Data], list[str]]:
    def details(data: Data) -> list[str]:
        texts = (data.get("text"), data.get("advice"))
        return [words_for(reasons, data.get("reason"), ""), *(text for text in texts if text)]

    return details


def _override(data: Data) -> list[str]:
    moved = f"{data.get('from')} → {data.get('tier')}" if data.get("from") != data.get("tier") else ""
    return [moved, words_for(OVERRIDE_REASON, data.get("reason"), ""), data.get("text") or ""]


def _named(key: str, words: str) -> Callable[[Data], list[str]]:
    return lambda data: [f"{words} {data[key]}" if data.get(key) else ""]


def _asked(data: Data) -> list[str]:
    items = [
        *({"field": field} for field in data.get("fields") or ()),
        *({"document": kind} for kind in data.get("documents") or ()),
    ]
    words = [item_words(item) for item in items] + (
        [counted(data["texts"], "question in words", "questions in words")] if data.get("texts") else []
    )
    return [f"{words_for(ASKED, data.get('asked'))}: {sentence_list(words)}"]


def _answered(data: Data) -> list[str]:
    without = counted(data["unobtainable"], "item") + " cannot be had" if data.get("unobtainable") else ""
    return [*(data.get("changes") or ()), without]


def _fields(data: Data) -> list[str]:
    names = [fact_name(f"/{field}").lower() for field in data.get("fields") or ()]
    return [f"Changed: {sentence_list(names)}"] if names else []


def _closed(data: Data) -> list[str]:
    results = [f"{words_for(OUTCOME, result)}: {count}" for result, count in (data.get("results") or {}).items()]
    return [*results, data.get("text") or ""]


def _center(reasons: Mapping[str, str]) -> Callable[[Data], list[str]]:
    """Which center, its coded reason, and what was written beside it."""

    def details(data: Data) -> list[str]:
        paused = "The center is paused: two offers in a row lapsed." if data.get("center_paused") else ""
        return [
            data.get("center_name") or "",
            words_for(reasons, data.get("reason"), ""),
            data.get("text") or "",
            paused,
        ]

    return details


def _offered(data: Data) -> list[str]:
    """To whom; in whose name, where the clock went on; and who would come next."""
    to, approved_by, names = data.get("center_name") or "", data.get("approved_by"), list(data.get("then") or ())
    then = f"If they do not take it, then {', then '.join(names)}" if names else ""
    if approved_by:
        return [f"Offered to {to} next, as {approved_by} had approved"]
    return [f"To {to}" if to else "", then]


def _reviewers(data: Data) -> list[str]:
    panel = sentence_list(list(data.get("panel") or ()))
    return [data.get("specialist") or "", f"With {panel}" if panel else ""]


DETAILS: Mapping[str, Callable[[Data], list[str]]] = {
    "create": _named("follows", "Follows"),
    "edit": _fields,
    "override": _override,
    "assign-owner": _named("owner", "To"),
    "change-clinician": _named("clinician", "To"),
    "update-facts": lambda data: list(data.get("changes") or ()),
    "request-information": _asked,
    "answer-information": _answered,
    "proceed-without": lambda data: list(data.get("changes") or ()),
    "extend": _named("reason", ""),
    "decline": _reason(DECLINE_REASON),
    "cancel": _reason(CANCEL_REASON),
    "withdraw": _reason(WITHDRAW_REASON),
    "contest": _named("text", ""),
    "amend-opinion": _named("text", ""),
    "acknowledge": lambda data: [words_for(PLAN, data.get("plan"), ""), data.get("text") or ""],
    "close": _closed,
    "offer": _offered,
    "accept": _named("center_name", "By"),
    "decline-offer": _center(OFFER_REASON),
    "withdraw-offer": _center({}),
    "lapse": _center({}),
    "return": _center(OFFER_REASON),
    "recall": _center({}),
    "start-review": _reviewers,
    "change-specialist": _reviewers,
    "interim-advice": _named("text", ""),
    "request-withdrawal": _reason(WITHDRAW_REASON),
    "join": _named("clinician", "Told from now on:"),
    "mark-error": _named("text", ""),
}


def event_details(step: str, data: Data) -> tuple[str, ...]:
    """Sentences that are true for whoever may read the referral."""
    found = [*DETAILS.get(step, lambda _: [])(data), recorded_words(data.get("recorded"))]
    return tuple(text.strip() for text in found if text.strip())
