"""The clinician's own referrals: what is not sent, what waits for the clinician, and where the rest is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from referrals.domain.lifecycle import ANSWERED, OPEN, Status
from referrals.domain.statuses import BEFORE_OPINION
from referrals.domain.vocabulary import WaitingOn
from referrals.web import paths
from referrals.web.forms.topics import CHECK
from referrals.web.presenters.codes import NameOfCode, diagnosis_words, no_names
from referrals.web.presenters.notices import Notice
from referrals.web.presenters.notifications import SinceYouLeft
from referrals.web.presenters.referral import standing
from referrals.web.presenters.tags import Person, TierTag, person_of, status_tag, tier_tag
from referrals.web.presenters.times import DAY, NOTHING_DUE, Due, Moment
from referrals.web.presenters.turn import may_contest, read_aloud
from referrals.web.presenters.worklist import View
from referrals.web.words import AWAITED, Look

# How far it has come. A blocking question does not move it back.
STAGES: tuple[tuple[str, frozenset[Status]], ...] = (
    ("Sent", frozenset({Status.SUBMITTED})),
    ("Checked", frozenset({Status.IN_TRIAGE, Status.INFORMATION_REQUESTED})),
    ("Center", frozenset({Status.READY, Status.OFFERED})),
    ("Opinion", frozenset({Status.ACCEPTED, Status.IN_REVIEW})),
    ("Read", frozenset({Status.OPINION_ISSUED})),
    ("Closed", frozenset({Status.ACKNOWLEDGED})),
)
MY_VIEWS: tuple[tuple[str, str], ...] = (("", "Mine"), ("all", "All of us"), ("ended", "Ended"))


@dataclass(frozen=True)
class Stage:
    name: str
    state: str


@dataclass(frozen=True)
class Card:
    """One referral as its clinician sees it. `action` is what is needed from the clinician, "" when nothing is."""

    href: str
    reference: str
    person: Person
    diagnosis: str
    code: str
    status: Look
    tier: TierTag | None
    aloud: str
    promise: Due
    stages: tuple[Stage, ...]
    stage: str
    action: str
    action_href: str
    action_due: Due
    discard_href: str
    condition_href: str = ""


@dataclass(frozen=True)
class MyReferralsPage:
    """`is_empty` when there is none at all in this view."""

    views: tuple[View, ...]
    drafts: tuple[Card, ...]
    needed: tuple[Card, ...]
    others: tuple[Card, ...]
    first_href: str
    next_href: str
    new_href: str
    notices: tuple[Notice, ...] = ()
    since: SinceYouLeft | None = None

    @property
    def is_empty(self) -> bool:
        return not (self.drafts or self.needed or self.others)


def stages(status: str) -> tuple[Stage, ...]:
    """Before, at and after the present stage; all behind once it is closed, none for a draft or another end."""
    here = next((index for index, (_, held) in enumerate(STAGES) if status in held), None)
    if status == Status.CLOSED:
        here = len(STAGES)
    if here is None:
        return ()
    return tuple(Stage(name, _state(index, here)) for index, (name, _) in enumerate(STAGES))


def stage_words(shown: Sequence[Stage]) -> str:
    """The same in a line, for narrow screens: "Step 3 of 6: Center"."""
    now = next((place for place, stage in enumerate(shown) if stage.state == "now"), None)
    return "" if now is None else f"Step {now + 1} of {len(shown)}: {shown[now].name}"


def _state(index: int, here: int) -> str:
    return "done" if index < here else ("now" if index == here else "todo")


def card(item: Mapping[str, Any], moment: Moment, tiers: Mapping[str, str], name_of: NameOfCode = no_names) -> Card:
    """From an item of the API's list, with `status_since` where it is known."""
    status, diagnosis = item["status"], diagnosis_words(item.get("diagnosis"), name_of)
    is_draft = status == Status.DRAFT
    mine = waits_for_referrer(item, moment)
    return Card(
        href=paths.referral(item["id"]),
        reference="" if is_draft else item["reference"],
        person=person_of(item["patient"], moment),
        diagnosis=diagnosis.words if diagnosis.code or not is_draft or item.get("diagnosis") else "",
        code=diagnosis.code,
        status=status_tag(status),
        tier=tier_tag(item.get("tier"), tiers, bool(item.get("provisional")), override=bool(item.get("is_overridden"))),
        aloud="" if is_draft else read_aloud(standing(item), moment),
        promise=moment.due(item.get("due_at"), soon=DAY) if status in OPEN - ANSWERED else NOTHING_DUE,
        stages=stages(status),
        stage=stage_words(stages(status)),
        action=_action(item) if mine else "",
        action_href=paths.referral(item["id"], _action_part(item)),
        action_due=NOTHING_DUE
        if is_draft or not mine
        else moment.due(item.get("asked_until") or item.get("next_action_due_at")),
        discard_href=paths.referral(item["id"], "withdraw") if is_draft else "",
        condition_href=paths.condition_changed(item["id"]) if status in BEFORE_OPINION - {Status.DRAFT} else "",
    )


def waits_for_referrer(item: Mapping[str, Any], moment: Moment) -> bool:
    """Theirs to do, or theirs to answer by the way, or declined and still theirs to contest."""
    may = may_contest(item["status"], item.get("status_since"), moment)
    return may or is_asked(item) or item.get("waiting_on") == WaitingOn.REFERRER


def is_asked(item: Mapping[str, Any]) -> bool:
    """Whether a question to the referrer is open, whatever the referral waits for."""
    return item.get("asked_until") is not None


def _action_part(item: Mapping[str, Any]) -> str:
    if item["status"] == Status.DRAFT:
        return CHECK
    return "answer-information" if is_asked(item) else ""


def _action(item: Mapping[str, Any]) -> str:
    if item["status"] == Status.DECLINED:
        return "Read the reason"
    if is_asked(item):
        return "Answer the question"
    return "Go on with it" if item["status"] == Status.DRAFT else AWAITED[item["next_action"]].capitalize()


def my_referrals_page(
    items: Sequence[Mapping[str, Any]],
    cards: Iterable[Card],
    view: str = "",
    counts: Mapping[str, str] | None = None,
    first_href: str = "",
    next_href: str = "",
    notices: tuple[Notice, ...] = (),
) -> MyReferralsPage:
    paired = list(zip(items, cards, strict=True))
    drafts = tuple(shown for item, shown in paired if item["status"] == Status.DRAFT)
    asked = [(item, shown) for item, shown in paired if shown.action and item["status"] != Status.DRAFT]
    needed = tuple(shown for _, shown in sorted(asked, key=lambda pair: pair[0]["status"] != Status.OPINION_ISSUED))
    known = counts or {}
    views = tuple(View(label, paths.my_referrals(slug), known.get(slug, ""), slug == view) for slug, label in MY_VIEWS)
    return MyReferralsPage(
        views=views,
        drafts=drafts,
        needed=needed,
        others=tuple(shown for _, shown in paired if shown not in drafts and shown not in needed),
        first_href=first_href,
        next_href=next_href,
        new_href=paths.NEW_REFERRAL,
        notices=notices,
    )
