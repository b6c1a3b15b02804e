"""Imports on a page: which files came, how far each is read, and what is wrong with the lines that were refused."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from referrals.boundary.import_answers import lines_done, percent_read
from referrals.domain.documents import size_words
from referrals.domain.imports import UNFINISHED, ImportFault, ImportForm, ImportStatus, LineOutcome
from referrals.web import paths
from referrals.web.forms.fields import Form
from referrals.web.presenters.lists import reason_words
from referrals.web.presenters.notices import Link, Notice
from referrals.web.presenters.referral import Pair
from referrals.web.presenters.times import Moment
from referrals.web.words import Look

STATUS: Mapping[str, Look] = {
    ImportStatus.QUEUED: Look("Waiting for the worker", "", "clock"),
    ImportStatus.RUNNING: Look("Being read", "", "clock"),
    ImportStatus.DONE: Look("Read to its end", "ok", "check"),
    ImportStatus.FAILED: Look("Ended too early", "bad", "late"),
    ImportStatus.CANCELLED: Look("Called off", "", "x"),
}
FORM: Mapping[str, str] = {ImportForm.NDJSON: "NDJSON", ImportForm.CSV: "CSV"}
OUTCOME: Mapping[str, str] = {
    LineOutcome.ACCEPTED: "Accepted",
    LineOutcome.CHECKED: "Accepted, with an identity check",
    LineOutcome.HERE: "Here already",
    LineOutcome.REFUSED: "Refused",
}
FAULT: Mapping[str, str] = {
    ImportFault.FILE_GONE: "The file is not where it was kept. Send it again: what is in stays in and comes in once.",
    ImportFault.NOT_ALLOWED: "Whoever sent the file may not write referrals any more. Somebody else can send it again.",
    ImportFault.GIVEN_UP: "It was begun three times and got no further. Tell whoever runs the service; what is in stays in.",
}
# A line without a number of its own goes by a print of its bytes, which says nothing to anybody.
PRINT = "line:"


@dataclass(frozen=True)
class ImportRow:
    href: str
    title: str
    told: str
    counts: str
    look: Look


@dataclass(frozen=True)
class ImportsPage:
    rows: tuple[ImportRow, ...]
    form: Form
    template_href: str
    columns: tuple[tuple[str, str], ...]
    first_href: str = ""
    next_href: str = ""
    notices: tuple[Notice, ...] = ()

    @property
    def has_errors(self) -> bool:
        return bool(self.form.errors)


@dataclass(frozen=True)
class RefusedLine:
    title: str
    reference: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class ImportPage:
    """`percent` while it is being read; `cancel_href` as long as there is something to call off."""

    title: str
    told: str
    look: Look
    headline: str
    percent: int | None
    here: str
    counts: tuple[Pair, ...]
    refused: tuple[RefusedLine, ...]
    next_href: str
    downloads: tuple[Link, ...]
    cancel_href: str
    notices: tuple[Notice, ...] = ()


def import_row(run: Any, moment: Moment) -> ImportRow:
    told = f"{FORM[run.form]}, {size_words(run.size)}, {_lines(run.lines)}; sent by {run.actor_name}."
    return ImportRow(paths.an_import(run.id), _title(run, moment), told, _counts(run), STATUS[run.status])


def _title(run: Any, moment: Moment) -> str:
    return f"File of {moment.at(run.asked_at)}"


def _lines(count: int) -> str:
    return f"{count:,} {'line' if count == 1 else 'lines'}"


def _counts(run: Any) -> str:
    """The outcomes that there are, in a line."""
    found = [
        f"{getattr(run, outcome):,} {words.lower()}" for outcome, words in OUTCOME.items() if getattr(run, outcome)
    ]
    return "; ".join(found)


def imports_page(
    runs: Iterable[Any],
    form: Form,
    columns: Iterable[tuple[str, str]],
    moment: Moment,
    hrefs: tuple[str, str] = ("", ""),
    notices: tuple[Notice, ...] = (),
) -> ImportsPage:
    rows = tuple(import_row(run, moment) for run in runs)
    return ImportsPage(rows, form, paths.IMPORT_TEMPLATE, tuple(columns), *hrefs, notices=notices)


def import_page(
    run: Any, refused: Sequence[Any], next_href: str, moment: Moment, notices: tuple[Notice, ...] = ()
) -> ImportPage:
    """`refused` are the first receipts of lines that were refused, or the next ones."""
    is_open = run.status in UNFINISHED
    return ImportPage(
        title=_title(run, moment),
        told=import_row(run, moment).told,
        look=STATUS[run.status],
        headline=_headline(run, moment),
        percent=percent_read(run) if is_open else None,
        here=paths.an_import(run.id),
        counts=tuple(Pair(words, f"{getattr(run, outcome):,}") for outcome, words in OUTCOME.items()),
        refused=tuple(_refused(row) for row in refused),
        next_href=next_href,
        downloads=tuple(_downloads(run)),
        cancel_href=paths.an_import(run.id, "cancel") if is_open else "",
        notices=notices,
    )


def _headline(run: Any, moment: Moment) -> str:
    done = lines_done(run)
    if run.status == ImportStatus.FAILED:
        return f"{done:,} of {_lines(run.lines)} were read. {FAULT[run.fault]}"
    if run.status == ImportStatus.CANCELLED:
        return f"Called off {moment.at(run.finished_at)} after {done:,} of {_lines(run.lines)}. What is in stays in."
    if run.status == ImportStatus.DONE:
        return f"All {_lines(done)} were read, {moment.at(run.finished_at)}. {_advice(run)}"
    return f"{done:,} of {_lines(run.lines)} are read."


def _advice(run: Any) -> str:
    if not run.refused:
        return "None was refused."
    return f"{run.refused:,} refused: correct those and send them again, alone or with the others."


def _downloads(run: Any) -> Iterable[Link]:
    whole = paths.an_import(run.id, "receipts.csv")
    if lines_done(run):
        yield Link("All receipts as CSV", whole)
    if run.refused:
        yield Link("Refused lines as CSV", f"{whole}?outcome={LineOutcome.REFUSED}")


def _refused(row: Any) -> RefusedLine:
    has_number = not row.external_reference.startswith(PRINT)
    return RefusedLine(
        f"Line {row.line:,}",
        row.external_reference if has_number else "No number of its own",
        tuple(reason_words(reason) if reason["pointer"] else reason["message"] for reason in row.reasons),
    )
