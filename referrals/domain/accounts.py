"""Letting people in and back in: which links there are, how long each works, and what the letter says."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from referrals.domain.people import Kind, Role
from referrals.domain.permissions import READERS

# An organization, its kind, and a role that somebody holds there.
Held = tuple[UUID, Kind, Role]


class TicketKind(StrEnum):
    INVITE = "invite"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class TicketRule:
    """`said` stands over the letter and over the page, `sentence` under it."""

    lasts: timedelta
    said: str
    sentence: str


TICKETS: Mapping[TicketKind, TicketRule] = MappingProxyType(
    {
        TicketKind.INVITE: TicketRule(
            timedelta(hours=72),
            "You are invited: choose a password",
            "The link works once, for 72 hours. Whoever has it can sign in as you: pass it on to nobody.",
        ),
        TicketKind.RESET: TicketRule(
            timedelta(minutes=30),
            "Choose a new password",
            "The link works once, for 30 minutes. If you did not ask for it, leave it alone: your password stays as it is.",
        ),
    }
)

# Whoever asks again within this time gets no second letter: nobody fills another person's mailbox.
ASK_AGAIN_AFTER = timedelta(minutes=2)
PASSWORD_CHANGED = "password-changed"  # noqa: S105 - what happened, not a secret
ACCOUNT_NEWS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        PASSWORD_CHANGED: (
            "Your password was changed",
            "Every session has ended. If it was not you, tell an administrator of your organization at once.",
        ),
    }
)


class Work(StrEnum):
    """What is somebody's, and must be somebody else's before they go."""

    OWNED = "owned"
    REFERRING = "referring"
    REVIEWING = "reviewing"
    TASKS = "tasks"


@dataclass(frozen=True, slots=True)
class WorkRule:
    """`kind` and `roles`: on which roles it rests, and who may take it over. `words` and `many` name it."""

    words: str
    many: str
    kind: Kind | None = None
    roles: frozenset[Role] = frozenset()


WORK: Mapping[Work, WorkRule] = MappingProxyType(
    {
        Work.OWNED: WorkRule(
            "referral looked after",
            "referrals looked after",
            Kind.NETWORK,
            frozenset({Role.COORDINATOR, Role.CLINICAL_LEAD}),
        ),
        Work.REFERRING: WorkRule(
            "referral as referring clinician",
            "referrals as referring clinician",
            Kind.PROVIDER,
            frozenset({Role.CLINICIAN}),
        ),
        Work.REVIEWING: WorkRule("review", "reviews", Kind.CENTER, frozenset({Role.SPECIALIST})),
        Work.TASKS: WorkRule("open task", "open tasks"),
    }
)
# In place of whoever covers for somebody away.
NOBODY = "nobody"
# Who may take over what rests on no role: everybody who works there.
WORKERS = frozenset(Role) - {Role.AUDITOR}


def roles_in(kind: Kind) -> tuple[Role, ...]:
    """The roles that somebody can hold in an organization of this kind."""
    return tuple(role for role in Role if (kind, role) in READERS)


def work_lost(held: Iterable[Held], left: Iterable[Held]) -> tuple[tuple[Work, UUID], ...]:
    """What the roles that go had carried, in which organization, and no role that stays carries."""
    carried, carries = ({found for each in roles for found in _carried(each)} for roles in (tuple(held), tuple(left)))
    return tuple(sorted(carried - carries))


def _carried(held: Held) -> Iterator[tuple[Work, UUID]]:
    organization_id, kind, role = held
    yield from ((work, organization_id) for work, rule in WORK.items() if rule.kind == kind and role in rule.roles)
