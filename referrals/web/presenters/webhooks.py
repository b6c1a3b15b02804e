"""Webhooks of the network's partner systems: whose they are, how their endpoints are, what was delivered."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from referrals.domain.webhook_topics import EVERY, TEST
from referrals.domain.webhooks import FAULTS, Stopped, WebhookState, is_open
from referrals.web import paths
from referrals.web.presenters.notices import Notice
from referrals.web.presenters.partner_systems import system_tabs
from referrals.web.presenters.report import Tab
from referrals.web.presenters.times import Moment, Stamp
from referrals.web.words import Look, counted, sentence_list

STOPPED: Mapping[str, str] = MappingProxyType(
    {
        Stopped.SWITCHED_OFF: "Somebody switched it off.",
        Stopped.GONE: "The endpoint said that it is gone for good.",
        Stopped.CLIENT_REVOKED: "The client was revoked, or lost the scope.",
    }
)
STATES: Mapping[str, Look] = MappingProxyType(
    {
        WebhookState.WAITING: Look("Waiting", "wait", "clock"),
        WebhookState.LEASED: Look("Being sent", "go", "send"),
        WebhookState.DONE: Look("Delivered", "ok", "check"),
        WebhookState.DEAD: Look("Given up", "bad", "late"),
    }
)
VIEWS = (
    ("", "All"),
    (WebhookState.WAITING, "Waiting"),
    (WebhookState.DONE, "Delivered"),
    (WebhookState.DEAD, "Given up"),
)


class Term(NamedTuple):
    term: str
    words: str
    id: str = ""


@dataclass(frozen=True)
class SubscriptionRow:
    href: str
    title: str
    where: str
    look: Look
    health: str
    backlog: str


@dataclass(frozen=True)
class WebhooksPage:
    rows: tuple[SubscriptionRow, ...]
    notices: tuple[Notice, ...] = ()
    tabs: tuple[Tab, ...] = system_tabs(paths.WEBHOOKS)


@dataclass(frozen=True)
class DeliveryRow:
    title: str
    webhook_id: str
    look: Look
    told: str
    stamp: Stamp
    retry_href: str


@dataclass(frozen=True)
class View:
    words: str
    href: str
    is_current: bool


@dataclass(frozen=True)
class Steering:
    """Where the buttons of one subscription lead. `redrive` is empty where nothing was given up."""

    test: str
    switch: str
    switch_words: str
    redrive: str
    replay: str
    rotate: str


@dataclass(frozen=True)
class SubscriptionPage:
    row: SubscriptionRow
    facts: tuple[Term, ...]
    steering: Steering
    end: int
    views: tuple[View, ...]
    deliveries: tuple[DeliveryRow, ...]
    next_href: str
    first_href: str
    secret: str = ""
    notices: tuple[Notice, ...] = ()

    @property
    def has_errors(self) -> bool:
        return any(notice.kind == "bad" for notice in self.notices)


def shortened(url: str) -> str:
    """Who is called; the rest of an address may hold a token."""
    parts = urlsplit(url)
    is_more = parts.path not in ("", "/") or parts.query
    return f"{parts.scheme}://{parts.netloc}/{'…' if is_more else ''}"


def webhooks_page(found: Iterable[Any], moment: Moment, told: tuple[Notice, ...] = ()) -> WebhooksPage:
    return WebhooksPage(tuple(_row(each, moment) for each in found), told)


def _row(looked: Any, moment: Moment) -> SubscriptionRow:
    row = looked.subscription
    return SubscriptionRow(
        href=paths.webhook(row.id),
        title=f"{looked.organization}: {looked.client}",
        where=shortened(row.url),
        look=_look(row),
        health=_health(row, moment),
        backlog=_backlog(looked),
    )


def _look(row: Any) -> Look:
    if not row.active:
        return Look("Stopped", "unknown", "x")
    if is_open(row.failures):
        return Look("Not reached", "bad", "late")
    if row.failures:
        return Look("Failing", "wait", "clock")
    return Look("Working", "ok", "check") if row.succeeded_at else Look("Nothing sent yet", "new", "new")


def _health(row: Any, moment: Moment) -> str:
    said = [STOPPED[row.stopped]] if row.stopped else []
    if row.succeeded_at:
        said.append(f"Last success {moment.on(row.succeeded_at)}.")
    if row.failures:
        said.append(f"{counted(row.failures, 'failure')} in a row, the last {moment.on(row.failed_at)}.")
    return " ".join(said)


def _backlog(looked: Any) -> str:
    said = [f"{looked.waiting:,} waiting"] if looked.waiting else []
    said += [f"{looked.dead:,} given up"] if looked.dead else []
    return ", ".join(said) or "Nothing waits"


@dataclass(frozen=True)
class Log:
    """One page of what was delivered; `more_after` is its last one where there is more, `is_first` where it begins."""

    rows: Sequence[Any]
    state: str = ""
    is_first: bool = True
    more_after: str = ""


def subscription_page(
    looked: Any, log: Log, end: int, moment: Moment, told: tuple[Notice, ...] = ()
) -> SubscriptionPage:
    """`end` is the last number of the network's feed."""
    row = looked.subscription

    def page_of_log(before: str = "") -> str:
        return paths.webhook(row.id, state=log.state, before=before)

    return SubscriptionPage(
        row=_row(looked, moment),
        facts=_facts(row, moment),
        steering=_steering(looked),
        end=end,
        views=tuple(View(words, paths.webhook(row.id, state=word), word == log.state) for word, words in VIEWS),
        deliveries=tuple(_delivery(each, moment) for each in log.rows),
        next_href=page_of_log(log.more_after) if log.more_after else "",
        first_href="" if log.is_first else page_of_log(),
        notices=told,
    )


def _facts(row: Any, moment: Moment) -> tuple[Term, ...]:
    topics = "Everything that happens" if EVERY in row.topics else sentence_list(row.topics)
    filters = "; ".join(f"{name}: {', '.join(values)}" for name, values in row.filters.items())
    overlaps = row.previous_until and row.previous_until > moment.now
    overlap = [Term("Former secret", f"valid until {moment.at(row.previous_until)}")] if overlaps else []
    return (
        Term("Told of", topics),
        *([Term("Only", filters)] if filters else []),
        Term("Looked at up to event", f"{row.position:,}"),
        Term("Since", moment.at(row.created_at)),
        *overlap,
    )


def _steering(looked: Any) -> Steering:
    row = looked.subscription

    def to(part: str) -> str:
        return paths.webhook(row.id, part)

    return Steering(
        test=to("test") if row.active else "",
        switch=to("switch"),
        switch_words="Switch off" if row.active else "Switch on again",
        redrive=to("redrive") if looked.dead else "",
        replay=to("replay"),
        rotate=to("rotate-secret"),
    )


def _delivery(row: Any, moment: Moment) -> DeliveryRow:
    return DeliveryRow(
        title="Test" if row.topic == TEST else f"{row.sequence:,} {row.topic}",
        webhook_id=row.webhook_id,
        look=STATES[row.state],
        told=_told(row, moment),
        stamp=moment.stamp(row.created_at),
        retry_href="" if row.state == WebhookState.LEASED else paths.sending(row.id),
    )


def _told(row: Any, moment: Moment) -> str:
    said = [counted(row.attempts, "try", "tries")] if row.attempts else []
    if row.last_status:
        said.append(f"status {row.last_status}")
    if row.last_ms is not None:
        said.append(f"{row.last_ms:,} ms")
    if row.state == WebhookState.WAITING and row.attempts:
        said.append(f"next {moment.on(row.next_at)}")
    fault = f"{FAULTS[row.last_fault]}. " if row.last_fault and row.state != WebhookState.DONE else ""
    return f"{fault}{', '.join(said)}"
