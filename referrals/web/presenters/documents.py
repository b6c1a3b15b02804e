"""Documents on a page: what is there, whether anybody looked at it for harm, what a reader would look for, and what is set aside."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from referrals.domain.documents import HANDED_OUT, ScanState, name_to_save, size_words
from referrals.domain.documents_wanted import Known, documents_wanted
from referrals.web import paths
from referrals.web.forms.fields import Form
from referrals.web.presenters.check_answers import Section
from referrals.web.presenters.notices import Link, Notice
from referrals.web.presenters.referral import Banner, Check, Pair
from referrals.web.presenters.times import Moment, Stamp
from referrals.web.words import DOCUMENT_KIND, Look, counted, words_for

FORM: Mapping[str, str] = {
    "application/pdf": "PDF",
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/tiff": "TIFF",
    "application/dicom": "DICOM",
    "text/plain": "Text",
}
SCAN: Mapping[str, Look] = {
    ScanState.WAITING: Look("Waiting for the scanner", "wait", "clock"),
    ScanState.CLEAN: Look("Scanned: clean", "ok", "check"),
    ScanState.QUARANTINED: Look("Harmful: not handed out", "bad", "lock"),
    ScanState.NOT_SCANNED: Look("Not scanned", "", "info"),
}
DAMAGED = Look("Damaged: send it again", "bad", "late")
HERE, NOT_HERE = Look("Here", "ok", "check"), Look("Not here", "wait", "ask")


@dataclass(frozen=True)
class Paper:
    """One document. `href` is "" while it is not handed out, `aside_href` where this person may not set it aside."""

    name: str
    href: str
    kind: str
    size: str
    who: str
    stamp: Stamp
    look: Look
    aside_href: str = ""


@dataclass(frozen=True)
class DocumentsSection:
    """`add_href` is "" for who may not attach anything."""

    papers: tuple[Paper, ...]
    wanted: tuple[Check, ...]
    found: str
    add_href: str = ""


@dataclass(frozen=True)
class DocumentsPage:
    """All of a referral's documents, with the form that takes one more; `form` is None for who only reads.

    `onward` is where somebody goes on who is still writing the referral.
    """

    banner: Banner
    back: Link
    section: DocumentsSection
    form: Form | None
    notices: tuple[Notice, ...] = ()
    onward: Link | None = None

    @property
    def has_errors(self) -> bool:
        return bool(self.form and self.form.errors)


@dataclass(frozen=True)
class May:
    """What this person may do with documents."""

    add: bool = False
    set_aside: bool = False


def paper(row: Any, home: str, moment: Moment, may: May) -> Paper:
    """`home` is the organization that attached it."""
    place = paths.document(row.referral_id, row.id)
    by = ", ".join(dict.fromkeys(part for part in (row.attached_by, home) if part))
    return Paper(
        name=name_to_save(row.name, row.media_type),
        href=place if row.scan in HANDED_OUT else "",
        kind=words_for(DOCUMENT_KIND, row.kind),
        size=f"{FORM[row.media_type]}, {size_words(row.size)}",
        who=f"{by}, with the opinion" if row.is_of_opinion else by,
        stamp=moment.stamp(row.attached_at),
        look=DAMAGED if row.damaged_at else SCAN[row.scan],
        aside_href=f"{place}/wrong-person" if may.set_aside else "",
    )


def wanted(known: Known, there: Collection[str]) -> tuple[Check, ...]:
    """What is missing never stops a referral."""
    return tuple(
        Check(
            DOCUMENT_KIND[each.kind],
            HERE if each.kind in there else NOT_HERE,
            "" if each.kind in there else each.because,
            "",
        )
        for each in documents_wanted(known)
    )


def documents_section(
    rows: Sequence[tuple[Any, str]], known: Known, moment: Moment, may: May, referral_id: object
) -> DocumentsSection:
    """`rows` are documents, each with the name of the organization that attached it."""
    return DocumentsSection(
        papers=tuple(paper(row, home, moment, may) for row, home in rows),
        wanted=wanted(known, {row.kind for row, _ in rows}),
        found=counted(len(rows), "document"),
        add_href=paths.documents(referral_id) if may.add else "",
    )


def attached_section(section: DocumentsSection) -> Section:
    """What goes with a referral, among the answers that are checked before it is sent."""
    rows = tuple(Pair(each.kind, each.name) for each in section.papers)
    return Section("Documents", section.add_href, rows, "" if rows else "None yet. You may attach them later, too.")


@dataclass(frozen=True)
class SealedPaper:
    """One document that nobody is handed any more: why, and who was handed it before."""

    title: str
    reference: str
    href: str
    attached: str
    why: str
    told: str
    opened: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class SealedPage:
    papers: tuple[SealedPaper, ...]


def sealed_page(found: Iterable[Any], moment: Moment) -> SealedPage:
    return SealedPage(tuple(sealed_paper(each, moment) for each in found))


def sealed_paper(found: Any, moment: Moment) -> SealedPaper:
    row = found.document
    return SealedPaper(
        title=f"{words_for(DOCUMENT_KIND, row.kind)}, {FORM[row.media_type]}, {size_words(row.size)}",
        reference=found.referral.reference,
        href=paths.referral(row.referral_id),
        attached=f"{row.attached_by}, {moment.at(row.attached_at)}",
        why=_why(found, moment),
        told=row.misfiled_why or "",
        opened=tuple((each.name, each.organization, moment.at(each.at)) for each in found.opened),
    )


def _why(found: Any, moment: Moment) -> str:
    row = found.document
    if row.misfiled_at:
        return f"Wrong person, set aside by {found.by}, {moment.at(row.misfiled_at)}"
    if row.scan == ScanState.QUARANTINED:
        return f"The scanner found: {row.finding}"
    return f"Damaged in the storage, noticed {moment.at(row.damaged_at)}"
