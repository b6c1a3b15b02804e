"""Which centers fit a referral, in words: why each, when it would answer, why the first is first, and who comes next."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from referrals.domain.compared import TERM_WORDS, why_first
from referrals.domain.matching import Fit, Weight
from referrals.pathway.fallbacks import Link as Approved
from referrals.web import paths
from referrals.web.presenters.notices import Link
from referrals.web.presenters.referral import Banner
from referrals.web.presenters.times import Moment, date_words, span_words
from referrals.web.words import counted

BEST = 5


@dataclass(frozen=True)
class TermRow:
    name: str
    points: str


@dataclass(frozen=True)
class FittingCenter:
    """`asks` is what an offer to it must acknowledge."""

    rank: int
    name: str
    href: str
    fits: str
    place: str
    answers: str
    why_first: str
    asks: tuple[str, ...]
    terms: tuple[TermRow, ...]


@dataclass(frozen=True)
class ExcludedCenter:
    name: str
    href: str
    because: tuple[str, ...]


@dataclass(frozen=True)
class Fitting:
    """`asked` says who is asked already, and so is none of these. `all_words` link the page with all of them."""

    centers: tuple[FittingCenter, ...]
    excluded: tuple[ExcludedCenter, ...]
    excluded_words: str
    asked: str
    all_words: str
    all_href: str

    @property
    def none(self) -> str:
        if self.asked:
            return "No other center can be asked now."
        return "No center can be asked now. Look at what stands against each, or speak with the referrer."

    @property
    def best(self) -> tuple[FittingCenter, ...]:
        return self.centers[:BEST]

    @property
    def more(self) -> str:
        """How many come after the best."""
        rest = len(self.centers) - BEST
        return f"And {rest} more" if rest > 0 else ""


@dataclass(frozen=True)
class Chain:
    """Who is asked next. `end_href` is "" where there is nothing to end, or not for this reader."""

    sentence: str
    approved: str
    skipped: tuple[str, ...]
    end_href: str


@dataclass(frozen=True)
class CentersPage:
    banner: Banner
    back: Link
    fitting: Fitting
    none: str = "No center of the network can be asked now. Each says below what stands against it."


@dataclass(frozen=True)
class About:
    """The referral that centers are compared for."""

    id: UUID
    due_at: datetime | None
    family: str
    asked: UUID | None = None


def fitting(ranked: Sequence[Fit], excluded: Sequence[Fit], about: About, moment: Moment) -> Fitting:
    """All of them. Whoever is asked already is no alternative to itself."""
    others = [fit for fit in ranked if fit.center.id != about.asked]
    unable = [fit for fit in excluded if fit.center.id != about.asked]
    name = next((fit.center.name for fit in (*ranked, *excluded) if fit.center.id == about.asked), "")
    why = why_first(others, about.family)
    return Fitting(
        centers=tuple(_row(place, fit, why, about, moment) for place, fit in enumerate(others, 1)),
        excluded=tuple(_excluded(fit) for fit in unable),
        excluded_words=f"{counted(len(unable), 'center')} cannot be asked now" if unable else "",
        asked=f"Beside {name}, which is asked already." if name else "",
        all_words=f"Compare all {len(others) + len(unable)}",
        all_href=paths.centers_that_fit(about.id),
    )


def _row(place: int, fit: Fit, why: str, about: About, moment: Moment) -> FittingCenter:
    center = fit.center
    return FittingCenter(
        rank=place,
        name=center.name,
        href=paths.center(center.id),
        fits=fit.because,
        place=f"First free place: week of {date_words(center.free_week)}" if center.free_week else "No free place",
        answers=answer_words(center.expected_at, about.due_at, moment),
        why_first=why if place == 1 else "",
        asks=tuple(finding.because for finding in fit.of(Weight.UNKNOWN)),
        terms=_terms(fit),
    )


def _terms(fit: Fit) -> tuple[TermRow, ...]:
    """What adds nothing and takes nothing away is not shown; the sum is."""
    rows = [TermRow(TERM_WORDS[term].name, _signed(points)) for term, points in fit.terms.items() if points]
    return (*rows, TermRow("Together", str(fit.score)))


def _signed(points: int) -> str:
    return f"+{points}" if points > 0 else f"−{-points}"


def _excluded(fit: Fit) -> ExcludedCenter:
    because = tuple(finding.because for finding in fit.of(Weight.EXCLUDES))
    return ExcludedCenter(fit.center.name, paths.center(fit.center.id), because)


def answer_words(expected: datetime | None, due: datetime | None, moment: Moment) -> str:
    """ "Answers by Tue 24 Nov 2026, 2 days before the promise"."""
    if expected is None:
        return ""
    local = moment.local(expected)
    said = f"Answers by {local:%a} {date_words(local.date())}"
    return f"{said}, {_apart(expected, due, moment)} the promise" if due else said


def _apart(expected: datetime, due: datetime, moment: Moment) -> str:
    days = (moment.local(due).date() - moment.local(expected).date()).days
    span = counted(abs(days), "day") if days else span_words(abs(due - expected))
    return f"{span} {'after' if expected > due else 'before'}"


def chain(links: Iterable[Approved], respond_by: datetime | None, end_href: str, moment: Moment) -> Chain | None:
    """None where nobody is to be asked next and nobody was passed over."""
    found = list(links)
    waiting = [link for link in found if link.is_waiting]
    skipped = tuple(
        f"{link.center.name} was passed over: {link.row.skipped_because}" for link in found if link.row.skipped_because
    )
    if not waiting and not skipped:
        return None
    approver = f"Approved by {found[0].row.approved_by}, {moment.at(found[0].row.approved_at)}."
    return Chain(_next_words(waiting, respond_by, moment), approver, skipped, end_href if waiting else "")


def _next_words(waiting: Sequence[Approved], respond_by: datetime | None, moment: Moment) -> str:
    if not waiting:
        return "Nobody is left who was approved to be asked next."
    names = ", then ".join(link.center.name for link in waiting)
    if respond_by is None:
        return f"Asked next, once the answer cannot be undone: {names}."
    return f"If they decline or do not answer by {moment.at(respond_by)}, then {names}."
