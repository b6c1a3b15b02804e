"""Partner systems as an administrator sees them: who they are, how they are let in, what they did and were refused."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from referrals.domain.partner_systems import REFUSALS_KEPT_FOR
from referrals.domain.people import SCOPE_WORDS, Scope
from referrals.models.organization import ApiClient
from referrals.pathway.client_care import PartnerSystem
from referrals.pathway.key_sets import names_of
from referrals.web import paths
from referrals.web.partner_words import refusal_words
from referrals.web.presenters.notices import Link, Notice
from referrals.web.presenters.referral import Pair
from referrals.web.presenters.report import Tab
from referrals.web.presenters.times import Moment
from referrals.web.words import Look, counted

BACK = Link("Partner systems", paths.API_CLIENTS)
REFUSED_HEAD = ("When", "Call", "Answer", "Why", "Times", "Request id of the last")
DONE_HEAD = ("When", "What", "Rows", "In the name of", "Request id")
SWITCHED_OFF = Look("Switched off", "bad", "x")
SANDBOX = Look("Sandbox", "", "info")
EXACT = 16  # beyond it, what a flood still adds is written now and then


def system_tabs(current: str) -> tuple[Tab, ...]:
    """Who is let in, and who is told: two sides of the same partners."""
    sides = (("Systems", paths.API_CLIENTS), ("Webhooks", paths.WEBHOOKS))
    return tuple(Tab(label, href, href == current) for label, href in sides)


@dataclass(frozen=True)
class SystemRow:
    name: str
    href: str
    organization: str
    marks: tuple[Look, ...]
    may: str
    proof: str
    used: str


@dataclass(frozen=True)
class SystemsPage:
    rows: tuple[SystemRow, ...]
    shown: str
    new_href: str = f"{paths.API_CLIENTS}/new"
    notices: tuple[Notice, ...] = ()
    tabs: tuple[Tab, ...] = system_tabs(paths.API_CLIENTS)


@dataclass(frozen=True)
class SystemPage:
    """`parts` are links to the forms that can be filled in now."""

    name: str
    organization: str
    marks: tuple[Look, ...]
    facts: tuple[Pair, ...]
    parts: tuple[Link, ...]
    refused: tuple[tuple[str, ...], ...]
    done: tuple[tuple[str, ...], ...]
    kept: str = f"Kept for {REFUSALS_KEPT_FOR.days} days. What was sent is never kept."
    back: Link = BACK
    refused_head: tuple[str, ...] = REFUSED_HEAD
    done_head: tuple[str, ...] = DONE_HEAD
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class SecretPage:
    """The one time that a secret is shown."""

    title: str
    name: str
    client_id: str
    secret: str
    onward: str
    before: str = ""
    back: Link = BACK


def systems_page(found: Sequence[PartnerSystem], moment: Moment, notices: tuple[Notice, ...] = ()) -> SystemsPage:
    rows = tuple(_row(each, moment) for each in found)
    return SystemsPage(rows, counted(len(rows), "system"), notices=notices)


def _row(system: PartnerSystem, moment: Moment) -> SystemRow:
    client = system.client
    return SystemRow(
        name=client.name,
        href=paths.api_client(client.id),
        organization=system.organization.name,
        marks=_marks(system),
        may=_may(client),
        proof=proof_words(client, moment),
        used=f"Last token {moment.on(client.last_used_at)}" if client.last_used_at else "Never used",
    )


def _marks(system: PartnerSystem) -> tuple[Look, ...]:
    off = () if system.client.active else (SWITCHED_OFF,)
    return (*off, SANDBOX) if system.sandbox_of else off


def _may(client: ApiClient) -> str:
    return (
        "Everything" if len(client.scopes) == len(Scope) else "; ".join(SCOPE_WORDS[scope] for scope in client.scopes)
    )


def proof_words(client: ApiClient, moment: Moment) -> str:
    if client.jwks_url:
        return "Keys at an address"
    if client.jwks:
        return counted(len(client.jwks["keys"]), "key")
    return "Two secrets" if old_secret_holds(client, moment) else "A secret"


def old_secret_holds(client: ApiClient, moment: Moment) -> bool:
    return client.old_secret_until is not None and client.old_secret_until > moment.now


def system_page(
    system: PartnerSystem,
    parts: Iterable[tuple[str, str]],
    refused: Iterable[Any],
    done: Iterable[Any],
    usual_limit: int,
    moment: Moment,
    notices: tuple[Notice, ...] = (),
) -> SystemPage:
    return SystemPage(
        name=system.client.name,
        organization=system.organization.name,
        marks=_marks(system),
        facts=(*_facts(system, usual_limit, moment), *_proofs(system.client, moment)),
        parts=tuple(Link(title, paths.api_client(system.client.id, part)) for part, title in parts),
        refused=tuple(_refusal(each, moment) for each in refused),
        done=tuple(_call(each, moment) for each in done),
        notices=notices,
    )


def _facts(system: PartnerSystem, usual_limit: int, moment: Moment) -> tuple[Pair, ...]:
    client = system.client
    own = (
        f"{client.calls_per_minute:,}, its own limit"
        if client.calls_per_minute
        else f"{usual_limit:,}, as every system"
    )
    return (
        Pair("Client id", client.client_id),
        Pair("May", _may(client)),
        Pair("Calls a minute", own),
        Pair("Let in", moment.at(client.created_at)),
        Pair("Last token", _used(client.last_used_at, moment)),
    )


def _used(at: Any, moment: Moment) -> str:
    return moment.at(at) if at else "Never"


def _proofs(client: ApiClient, moment: Moment) -> tuple[Pair, ...]:
    if client.jwks_url:
        return (Pair("Keys at", client.jwks_url),)
    if client.jwks:
        return (Pair("Keys", ", ".join(names_of(client.jwks))),)
    return (Pair("Secret last used", _used(client.secret_used_at, moment)), *_old(client, moment))


def _old(client: ApiClient, moment: Moment) -> tuple[Pair, ...]:
    if client.old_secret_until is None:
        return ()
    ends = "Ends" if old_secret_holds(client, moment) else "Ended"
    used = f"last used {moment.at(client.old_secret_used_at)}" if client.old_secret_used_at else "not used since"
    return (Pair("Old secret", f"{ends} {moment.at(client.old_secret_until)}; {used}"),)


def _refusal(row: Any, moment: Moment) -> tuple[str, ...]:
    times = f"{row.times:,}" if row.times <= EXACT else f"{row.times:,} or more"
    why = refusal_words(row.problem, row.code)
    return moment.stamp(row.last_at).words, f"{row.method} {row.route}", str(row.status), why, times, row.request_id


def _call(row: Any, moment: Moment) -> tuple[str, ...]:
    what = f"{row.action.replace('-', ' ').capitalize()}: {row.entity.replace('_', ' ')}"
    return moment.stamp(row.at).words, what, str(len(row.ids)), row.name or "Nobody", row.request_id or ""


def secret_page(client: ApiClient, secret: str, moment: Moment) -> SecretPage:
    until = client.old_secret_until
    return SecretPage(
        title="The new secret",
        name=client.name,
        client_id=client.client_id,
        secret=secret,
        onward=paths.api_client(client.id),
        before=f"The old secret works until {moment.at(until)}." if until else "",
    )
