"""Single sign-on in words: the way to the provider, why nobody was let in, and what somebody has linked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from referrals.domain.single_sign_on import Refused
from referrals.models.single_sign_on import UserIdentity
from referrals.web import paths
from referrals.web.presenters.notices import Link
from referrals.web.presenters.problems import ProblemPage
from referrals.web.presenters.said import SaidPage
from referrals.web.presenters.times import Moment


def on_the_way(there: str) -> SaidPage:
    return SaidPage(
        "On the way to your organization’s sign-in",
        "You come back here by yourself. If nothing happens, use the button.",
        "Go on",
        there,
        "lock",
    )


def signed_out_there_too(there: str) -> Link:
    return Link("Sign out of your organization’s account, too", there)


@dataclass(frozen=True)
class _Words:
    status: int
    title: str
    sentences: tuple[str, ...]


AGAIN = "Start again from the page to sign in on."
TELL = "If it happens again, tell whoever runs this service."
_LOST = _Words(
    400,
    "This sign-in has run out",
    ("It works once, for ten minutes, in the window in which you began.", AGAIN),
)
_UNREACHABLE = _Words(
    503,
    "Your organization’s sign-in does not answer",
    ("Nothing is wrong with your account. Try again in a few minutes.",),
)
_NOT_BELIEVED = _Words(
    403,
    "We could not make sure that it is you",
    ("The answer of your organization’s sign-in does not fit what we asked for, so nobody was signed in.", AGAIN, TELL),
)
_UNKNOWN = _Words(
    403,
    "There is no account for you here",
    ("Your organization’s sign-in knows you, and this service has no active account with your address.", "An administrator of your organization can invite you. Then sign in again."),
)  # fmt: skip
# By reason; whatever is not named here was not believed. Who is unknown and who is switched off read the same.
REFUSALS: Mapping[Refused, _Words] = {
    Refused.LOST: _LOST,
    Refused.DENIED: _Words(403, "Your organization’s sign-in did not let you in", ("It was broken off there, or refused.", AGAIN)),
    Refused.UNREACHABLE: _UNREACHABLE,
    Refused.UNKNOWN_PERSON: _UNKNOWN,
    Refused.SWITCHED_OFF: _UNKNOWN,
    Refused.UNVERIFIED: _Words(
        403,
        "Your address is not confirmed",
        ("Your organization’s sign-in does not say that your email address is yours, so it cannot be matched to an account here.", "Ask the people who look after your organization’s accounts to confirm it."),
    ),
    Refused.OTHER_IDENTITY: _Words(
        403,
        "Your account here is linked to another one",
        ("Your organization’s sign-in named somebody else the last time for this account.", "An administrator of your organization can remove the old link. Then sign in again."),
    ),
    Refused.OTHER_PERSON: _Words(
        403,
        "That is somebody else",
        ("Your organization’s sign-in named another person than the one who is signed in here. Nothing was done.",),
    ),
    Refused.NOT_FRESH: _Words(
        403,
        "We need a fresh proof",
        ("Your organization’s sign-in did not say that you have just shown who you are. Nothing was done.", TELL),
    ),
}  # fmt: skip


def refused_page(reason: Refused, code: str) -> ProblemPage:
    words = REFUSALS.get(reason, _NOT_BELIEVED)
    return ProblemPage(words.status, words.title, words.sentences, "Go on", paths.HOME, "lock", code)


@dataclass(frozen=True)
class IdentityRow:
    id: str
    issuer: str
    since: str


def identity_rows(identities: Sequence[UserIdentity], moment: Moment) -> tuple[IdentityRow, ...]:
    return tuple(IdentityRow(str(each.id), each.issuer, f"Linked {moment.on(each.linked_at)}") for each in identities)
