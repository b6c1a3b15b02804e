"""A page that asks: one form with what stands around it."""

from collections.abc import Sequence
from dataclasses import dataclass

from referrals.web import paths
from referrals.web.forms.fields import Form
from referrals.web.forms.topics import CHECK, ORDER, TOPICS
from referrals.web.presenters.notices import Link, Notice
from referrals.web.presenters.opinion import OpinionPanel
from referrals.web.presenters.referral import Banner
from referrals.web.presenters.steps import StepButton


@dataclass(frozen=True)
class TopicTab:
    """One step of the progress line. `href` is "" while the topic cannot be opened yet."""

    title: str
    number: int
    href: str
    is_done: bool
    is_current: bool


@dataclass(frozen=True)
class Difference:
    """One thing that two people changed: what stands there now, and what this person typed."""

    name: str
    now: str
    yours: str


@dataclass(frozen=True)
class Conflict:
    """Somebody else was first. The form below it carries the new version and the text that was typed."""

    title: str
    text: str
    differences: tuple[Difference, ...]

    @property
    def rows(self) -> tuple[tuple[str, str, str], ...]:
        return tuple((one.name, one.now, one.yours) for one in self.differences)


@dataclass(frozen=True)
class FormPage:
    """`explains` are sentences before the form; `topics` is empty outside the referral form.

    `beside` is another way than the form: one button.
    """

    title: str
    form: Form
    back: Link
    intro: str = ""
    explains: tuple[str, ...] = ()
    banner: Banner | None = None
    topics: tuple[TopicTab, ...] = ()
    saved: str = ""
    conflict: Conflict | None = None
    notices: tuple[Notice, ...] = ()
    opinion: OpinionPanel | None = None
    beside: Form | None = None

    @property
    def has_errors(self) -> bool:
        return bool(self.form.errors)


@dataclass(frozen=True)
class EndPage:
    """`choices` are links to the page of each step that could end the referral now, each explained."""

    banner: Banner
    back: Link
    choices: tuple[StepButton, ...]


@dataclass(frozen=True)
class DemoPerson:
    role: str
    email: str


@dataclass(frozen=True)
class SignInPage:
    """`demo` people are shown only where there are demo people, `single_sign_on` where there is a provider.

    Where people sign in there alone, no password is asked for.
    """

    form: Form
    notices: tuple[Notice, ...] = ()
    demo: tuple[DemoPerson, ...] = ()
    demo_password: str = ""
    forgotten_href: str = paths.FORGOTTEN
    single_sign_on: Form | None = None
    asks_password: bool = True


@dataclass(frozen=True)
class SignedOutPage:
    """`elsewhere` ends the session with the provider, which would let the next person at this device in again."""

    text: str = "Close this window if others use this device."
    elsewhere: Link | None = None


@dataclass(frozen=True)
class StartPage:
    """Where somebody begins for whose role there is no work here yet."""

    role: str
    organization: str
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class GoOnPage:
    """Signed in again: `fields` are what was typed before, ready to be sent to `action`; `back` leaves it."""

    action: str
    fields: tuple[tuple[str, str], ...]
    back: str


def topic_tabs(current: str, done: Sequence[str], referral_id: object | None) -> tuple[TopicTab, ...]:
    titles = {**{slug: topic.title for slug, topic in TOPICS.items()}, CHECK: "Check"}
    return tuple(
        TopicTab(
            title=titles[slug],
            number=number,
            href=paths.referral(referral_id, slug) if referral_id and slug != current else "",
            is_done=slug in done,
            is_current=slug == current,
        )
        for number, slug in enumerate(ORDER, start=1)
    )


def topic_page(
    slug: str,
    form: Form,
    done: Sequence[str],
    referral_id: object | None,
    banner: Banner | None = None,
    saved: str = "",
) -> FormPage:
    topic = TOPICS[slug]
    return FormPage(
        title=topic.heading,
        form=form,
        back=Link("My referrals", paths.MY_REFERRALS),
        intro=topic.intro,
        banner=banner,
        topics=topic_tabs(slug, done, referral_id),
        saved=saved,
    )


def conflict_with(who: str, when: str, differences: tuple[Difference, ...], what: str = "this referral") -> Conflict:
    return Conflict(
        f"Somebody else changed {what} first",
        f"{who or 'Somebody'} changed it {when}. What you typed is kept below. Compare, change it if you like, and save again.",
        differences,
    )


def closed_meanwhile(who: str, when: str, why: str) -> Conflict:
    return Conflict("This step is not open now", f"{why} {who} changed it {when}. What you typed is kept below.", ())
