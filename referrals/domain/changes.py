"""What differs between two judgements of one referral, in words."""

from collections.abc import Iterator, Mapping
from typing import Any

from referrals.domain.criteria.verdict import UNKNOWN_SO_FAR

Judgement = Mapping[str, Any]

_VERDICTS = {"met": "met", "not_met": "not met", "unknown": "not known"}
_ITEMS = {
    "/diagnosis/icd10cm": "the diagnosis code",
    "/diagnosis/stage": "the stage",
    "/diagnosis/morphology": "the morphology",
    "/diagnosis/disease_status": "the disease status",
    "/treatments": "the treatments",
    "/diagnosis/certainty": "the certainty",
    "/patient/birth_date": "the birth date",
}


def what_changed(before: Judgement, after: Judgement) -> list[str]:
    """Sentences from two `priority` objects as recorded; none where nothing changed."""
    return [
        *_tier(before, after),
        *_criteria(before, after),
        *_missing(before, after),
        *_flags(before, after),
        *_policy(before, after),
    ]


def _tier(before: Judgement, after: Judgement) -> Iterator[str]:
    if before["tier"] != after["tier"]:
        yield f"The priority changed from {_named(before)} to {_named(after)}."
    if before["provisional"] != after["provisional"]:
        yield "It is provisional now." if after["provisional"] else "It is no longer provisional."


def _named(judgement: Judgement) -> str:
    return f"{judgement['tier']} {judgement['label']}"


def _criteria(before: Judgement, after: Judgement) -> Iterator[str]:
    earlier = {verdict["criterion"]: verdict for verdict in before["criteria"]}
    for now in after["criteria"]:
        then, name = earlier[now["criterion"]], now["criterion"].capitalize()
        if then["verdict"] != now["verdict"]:
            yield f"{name} was {_VERDICTS[then['verdict']]} and is {_VERDICTS[now['verdict']]}{_why(now)}."
        elif then["because"] != now["because"]:
            yield f"{name} is still {_VERDICTS[now['verdict']]}{_why(now)}."


def _why(verdict: Judgement) -> str:
    """The verdict is named before it, so the sentence need not begin with it again."""
    because = verdict["because"].removeprefix(UNKNOWN_SO_FAR)
    return f": {because}" if because else ""


def _missing(before: Judgement, after: Judgement) -> Iterator[str]:
    then, now = _paths(before), _paths(after)
    if told := [path for path in then if path not in now]:
        yield f"No longer asked for: {_items(told)}."
    if wanted := [path for path in now if path not in then]:
        yield f"Now it would help to know {_items(wanted)}."


def _paths(judgement: Judgement) -> list[str]:
    return [item["path"] for item in judgement["missing"]]


def _items(paths: list[str]) -> str:
    return ", ".join(_ITEMS.get(path, path) for path in paths)


def _flags(before: Judgement, after: Judgement) -> Iterator[str]:
    known = {(flag["code"], flag["path"]) for flag in before["flags"]}
    for flag in after["flags"]:
        if (flag["code"], flag["path"]) not in known:
            yield f"To look at: {flag['message']}"


def _policy(before: Judgement, after: Judgement) -> Iterator[str]:
    if before["policy"] != after["policy"]:
        yield f"Judged by policy {after['policy']} instead of {before['policy']}."
