"""What a page says when it cannot do what was asked: what happened, that nothing is lost, what to do next."""

from collections.abc import Mapping
from dataclasses import dataclass

from referrals.web import paths


@dataclass(frozen=True)
class ProblemPage:
    """`code` is quoted to support; it is the id of the call and says nothing about a patient."""

    status: int
    title: str
    sentences: tuple[str, ...]
    action: str
    href: str
    icon: str
    code: str = ""


@dataclass(frozen=True)
class _Words:
    title: str
    sentences: tuple[str, ...]
    action: str = "Go to the start page"
    icon: str = "info"


PROBLEMS: Mapping[int, _Words] = {
    400: _Words(
        "We could not read that",
        ("The page was open for a long time, or it was changed on its way. Nothing was saved.", "Go back, load the page again and repeat the last step."),
    ),
    403: _Words(
        "You may not do this",
        ("Your role does not include it. If you need it for your work, ask your administrator.", "This visit was noted."),
        icon="lock",
    ),
    404: _Words(
        "There is no such page",
        ("The address may be cut off, or what it named is not yours to see.",),
        icon="search",
    ),
    405: _Words(
        "This address opens no page",
        ("It takes what a button sends. Nothing was changed.", "Go on from the page that has the button."),
    ),
    409: _Words(
        "This step is not open now",
        ("Somebody may have taken it while your page was open. Nothing was changed.", "Open the referral again to see where it stands."),
        icon="late",
    ),
    410: _Words(
        "The patient’s data was erased",
        ("Nothing can be done about this referral any more. Lists and reports still count it.",),
        icon="lock",
    ),
    412: _Words(
        "Somebody else changed this referral first",
        ("Nothing of yours was saved over theirs. Open it again and repeat your step.",),
        icon="late",
    ),
    413: _Words("That is too large", ("Nothing was saved. Send a smaller text or file.",)),
    422: _Words("Something in it needs a change", ("Nothing was saved. Go back and change what is named below.",), icon="late"),
    429: _Words(
        "Too many tries",
        ("Wait a few minutes, then try again.",),
        action="Try again",
        icon="clock",
    ),
    500: _Words(
        "Something went wrong on our side",
        ("What you saved before is safe. What you typed last may not be saved.", "Try again. If it keeps failing, tell support the code below."),
        icon="late",
    ),
    503: _Words(
        "The service is not available",
        ("What you saved before is safe. It should be back in a minute.",),
        action="Try again",
        icon="clock",
    ),
}  # fmt: skip


UNKNOWN_FILTER = _Words(
    "We do not know this filter",
    ("The address asks for a filter, an order or a part of the list that there is not.",),
    action="Clear filters",
    icon="search",
)


def unknown_filter(status: int, href: str, code: str) -> ProblemPage:
    words = UNKNOWN_FILTER
    return ProblemPage(status, words.title, words.sentences, words.action, href, words.icon, code)


def problem_page(
    status: int, *, href: str = paths.HOME, code: str = "", more: tuple[str, ...] = (), action: str = ""
) -> ProblemPage:
    """`more` are sentences of the refusal itself, such as the status that a step is not open from."""
    words = PROBLEMS.get(status) or PROBLEMS[400 if status < 500 else 500]
    return ProblemPage(status, words.title, (*more, *words.sentences), action or words.action, href, words.icon, code)
