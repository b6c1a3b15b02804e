"""Where the days went: one bar, the same in figures, and what each segment took of what it was meant to take."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from referrals.domain.deadlines import Segment
from referrals.domain.elapsed import Spent
from referrals.domain.vocabulary import WaitingOn
from referrals.pathway.elapsed import Elapsed, Target
from referrals.web.presenters.times import span_words
from referrals.web.words import Look, sentence_list

PARTY: Mapping[WaitingOn | None, str] = {
    WaitingOn.REFERRER: "Referrer",
    WaitingOn.COORDINATOR: "Network",
    WaitingOn.CENTER: "Center",
    WaitingOn.THIRD_PARTY: "Somebody else",
    None: "Nobody: it had ended",
}
SEGMENT: Mapping[Segment, str] = {
    Segment.TRIAGE: "Triage",
    Segment.OFFER: "Finding a center",
    Segment.REVIEW: "Review",
    Segment.ACKNOWLEDGEMENT: "Reading the opinion",
}
WITHIN, LONGER = Look("Within it", "ok", "check"), Look("Longer", "wait", "clock")
# A word fits into a part of the bar that is at least so wide, on the smallest screen, too.
FITS_A_WORD = 30.0


@dataclass(frozen=True)
class Part:
    """One party. `x`, `width` and `label_x` are places in the bar; `inside` is the word in it, where it fits."""

    kind: str
    party: str
    days: str
    time: str
    share: str
    x: str
    width: str
    label_x: str
    inside: str


@dataclass(frozen=True)
class SegmentRow:
    name: str
    target: str
    used: str
    look: Look


@dataclass(frozen=True)
class WhereDaysWent:
    """`aloud` says what the bar shows. Days are working days, so the parts of the bar are hours."""

    parts: tuple[Part, ...]
    segments: tuple[SegmentRow, ...]
    days: str
    time: str
    aloud: str


def where_days_went(elapsed: Elapsed) -> WhereDaysWent | None:
    """None for a draft, and in the very moment of submission."""
    whole = sum(elapsed.parties.values(), Spent())
    if not whole.time:
        return None
    parts = tuple(_parts(elapsed.parties, whole.time))
    return WhereDaysWent(
        parts=parts,
        segments=tuple(_segment(name, *elapsed.segments[name]) for name in Segment if name in elapsed.segments),
        days=f"{whole.days:.1f}",
        time=span_words(whole.time),
        aloud=sentence_list([f"{part.party} {part.share}" for part in parts]),
    )


def _parts(parties: Mapping[WaitingOn | None, Spent], whole: timedelta) -> Iterator[Part]:
    begun = 0.0
    for party, spent in parties.items():
        width = 100 * (spent.time / whole)
        yield Part(
            kind=party or "nobody",
            party=PARTY[party],
            days=f"{spent.days:.1f}",
            time=span_words(spent.time),
            share=f"{width:.0f}%",
            x=f"{begun:.2f}%",
            width=f"{width:.2f}%",
            label_x=f"{begun + 1.5:.2f}%",
            inside=PARTY[party].split(" ")[0].strip(":") if width >= FITS_A_WORD else "",
        )
        begun += width


def _segment(name: Segment, target: Target, spent: Spent) -> SegmentRow:
    used = spent.time / timedelta(days=1) if target.all_days else spent.days
    unit = "day" if target.all_days else "working day"
    return SegmentRow(
        name=SEGMENT[name],
        target=f"{target.days} {unit}{'' if target.days == 1 else 's'}",
        used=f"{used:.1f}",
        look=WITHIN if used <= target.days else LONGER,
    )
