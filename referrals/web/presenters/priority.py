"""Why this priority: four criteria with verdict, sentence, evidence and citation, and what is still unknown."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from referrals.web import paths
from referrals.web.presenters.pointers import fact_name, nearest_anchor
from referrals.web.presenters.tags import TierTag, tier_tag
from referrals.web.presenters.times import Moment
from referrals.web.words import (
    CERTAINTY,
    CRITERION,
    DISEASE_STATUS,
    MODALITY,
    NEVER_USED,
    OVERRIDE_REASON,
    RESPONSE,
    RULES_SENTENCE,
    UNSIGNED_SENTENCE,
    VERDICT,
    Look,
    sentence_list,
    words_for,
)

LONGEST_EVIDENCE = 80


@dataclass(frozen=True)
class Evidence:
    """`href` leads to the fact on the same page, "" where the page does not show it."""

    name: str
    value: str
    href: str


@dataclass(frozen=True)
class CriterionShown:
    name: str
    title: str
    asks: str
    verdict: Look
    because: str
    rule: str
    evidence: tuple[Evidence, ...]
    citation: str


@dataclass(frozen=True)
class Missing:
    name: str
    href: str
    could: str


@dataclass(frozen=True)
class Flag:
    message: str
    href: str


@dataclass(frozen=True)
class OverrideNote:
    """A person's tier stands above the computed one, which stays visible."""

    computed: TierTag | None
    sentence: str
    text: str


@dataclass(frozen=True)
class PriorityPanel:
    tier: TierTag | None
    criteria: tuple[CriterionShown, ...]
    missing: tuple[Missing, ...]
    flags: tuple[Flag, ...]
    range: str
    provisional: str
    override: OverrideNote | None
    worked_out: str
    policy_version: str
    policy_href: str
    order_href: str = ""
    is_stale: bool = False
    rules: str = RULES_SENTENCE
    unsigned: str = UNSIGNED_SENTENCE
    never_used: str = NEVER_USED


# What stands there as a word of ours, by the last part of its place.
EVIDENCE_WORDS: Mapping[str, Mapping[str, str]] = {
    "disease_status": DISEASE_STATUS,
    "best_response": RESPONSE,
    "certainty": CERTAINTY,
    "modality": MODALITY,
}


def evidence_words(path: str, value: Any) -> str:
    known = EVIDENCE_WORDS.get(path.rsplit("/", 1)[-1])
    return words_for(known, value) if known and value else evidence_value(value)


def evidence_value(value: Any) -> str:
    """Free text only as far as one line goes: the link beside it leads to all of it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(evidence_value(item) for item in value) or "none"
    text = "not sent" if value in (None, "") else str(value)
    return text if len(text) <= LONGEST_EVIDENCE else f"{text[: LONGEST_EVIDENCE - 1].rstrip()}…"


def criterion_shown(verdict: Mapping[str, Any], shown: Collection[str]) -> CriterionShown:
    words = CRITERION[verdict["criterion"]]
    evidence = tuple(
        Evidence(
            fact_name(item["path"]),
            evidence_words(item["path"], item.get("value")),
            nearest_anchor(item["path"], shown),
        )
        for item in verdict.get("evidence") or ()
    )
    return CriterionShown(
        name=verdict["criterion"],
        title=words.title,
        asks=words.asks,
        verdict=VERDICT[verdict["verdict"]],
        because=verdict.get("because") or "",
        rule=verdict.get("rule") or "",
        evidence=evidence,
        citation=verdict.get("citation") or "",
    )


def tier_words(tiers: Collection[str], labels: Mapping[str, str]) -> str:
    return sentence_list([f"{tier} {labels.get(tier, '')}".strip() for tier in tiers])


def missing_shown(item: Mapping[str, Any], shown: Collection[str], labels: Mapping[str, str]) -> Missing:
    could = tier_words(item.get("could_change_tier_to") or (), labels)
    words = f"Could make it {could.replace(' and ', ' or ')}." if could else "Would not change the priority."
    return Missing(fact_name(item["path"]), nearest_anchor(item["path"], shown), words)


def range_words(found: Mapping[str, str], labels: Mapping[str, str]) -> str:
    soonest, latest = found["soonest"], found["latest"]
    if soonest == latest:
        return "Nothing that is unknown could change this priority."
    return f"What is unknown could make it {tier_words([soonest], labels)} at the soonest, {tier_words([latest], labels)} at the latest."


def override_note(override: Mapping[str, Any] | None, labels: Mapping[str, str], moment: Moment) -> OverrideNote | None:
    if not override:
        return None
    reason = words_for(OVERRIDE_REASON, override.get("reason"), "").lower()
    who = (override.get("author") or {}).get("name") or "A person"
    until = f" until {moment.at(override['expires_at'])}" if override.get("expires_at") else ""
    computed = tier_tag(override.get("computed_tier"), labels)
    return OverrideNote(computed, f"{who} changed it{until}: {reason}.", override.get("text") or "")


def provisional_words(priority: Mapping[str, Any]) -> str:
    return "Provisional: it stands higher until what is missing is known." if priority.get("provisional") else ""


def priority_panel(
    priority: Mapping[str, Any],
    labels: Mapping[str, str],
    shown: Collection[str],
    moment: Moment,
    worked_out_at: str | None = None,
    order_href: str = "",
    is_stale: bool = False,
) -> PriorityPanel:
    """From the API's `priority`. `shown` are the pointers whose facts stand on the page."""
    return PriorityPanel(
        tier=tier_tag(
            priority["tier"], labels, bool(priority.get("provisional")), override=bool(priority.get("override"))
        ),
        criteria=tuple(criterion_shown(verdict, shown) for verdict in priority["criteria"]),
        missing=tuple(missing_shown(item, shown, labels) for item in priority.get("missing") or ()),
        flags=tuple(
            Flag(flag["message"], nearest_anchor(flag.get("path") or "", shown)) for flag in priority.get("flags") or ()
        ),
        range=range_words(priority["range"], labels),
        provisional=provisional_words(priority),
        override=override_note(priority.get("override"), labels, moment),
        worked_out=f"Worked out {moment.on(worked_out_at)}" if worked_out_at else "",
        policy_version=priority["policy"],
        policy_href=paths.policy(priority["policy"]),
        order_href=order_href,
        is_stale=is_stale,
    )
