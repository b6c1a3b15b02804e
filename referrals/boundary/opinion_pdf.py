"""A signed opinion as a document to print and keep: the same bytes each time, in any alphabet."""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from flask import Response

from referrals.boundary.conditional import etag
from referrals.boundary.files import DOWNLOAD_POLICY
from referrals.domain.opinion_words import ADVICE_KIND, AXIS, IMPACT, RESULT, STRENGTH, URGENCY
from referrals.knowledge import icd10cm, icdo3
from referrals.models.opinion import Opinion
from referrals.pathway.record import Record

FONTS = Path(__file__).parent / "fonts"
TEXT, BOLD = "DejaVu Sans", "DejaVu Sans Bold"
FILES: Mapping[str, str] = {TEXT: "dejavu-sans-2.37.3.ttf", BOLD: "dejavu-sans-bold-2.37.3.ttf"}
# Alphabets that the font lacks are set in the fonts that every reader of documents brings along.
KOREAN, JAPANESE, CHINESE = "HYSMyeongJo-Medium", "HeiseiMin-W3", "STSong-Light"
MARGIN, HEADING, BODY = 56, 11, 9.5
MEDIA = "application/pdf"


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph: `kind` is title, heading or text."""

    kind: str
    words: str


def pdf_answer(record: Record, opinion: Opinion, zone: str) -> Response:
    """As a file to be saved, never shown inside a page of ours."""
    answer = Response(written(record, opinion, zone), mimetype=MEDIA)
    name = f"{record.referral.reference}-opinion-{opinion.version}.pdf"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Content-Security-Policy"] = DOWNLOAD_POLICY
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["ETag"] = etag(opinion.version)
    return answer


def written(record: Record, opinion: Opinion, zone: str) -> bytes:
    from reportlab.platypus import Paragraph, SimpleDocTemplate

    styles, file = _styles(), io.BytesIO()
    document = SimpleDocTemplate(
        file,
        invariant=1,
        title=f"Second opinion {record.referral.reference}",
        author=opinion.content["authors"][0]["name"],
        lang="en",
        **dict.fromkeys(("leftMargin", "rightMargin", "topMargin", "bottomMargin"), MARGIN),
    )
    footer = f"{record.referral.reference} · version {opinion.version} · SHA-256 {opinion.sha256}"
    paragraphs = [Paragraph(_marked(line.words), styles[line.kind]) for line in lines(record, opinion, zone)]
    document.build(paragraphs, onFirstPage=_footer(footer), onLaterPages=_footer(footer))
    return file.getvalue()


def _footer(words: str) -> Any:
    def draw(canvas: Any, document: Any) -> None:
        canvas.setFont(TEXT, 6.5)
        canvas.drawString(MARGIN, MARGIN / 2, f"{words} · page {document.page}")

    return draw


def lines(record: Record, opinion: Opinion, zone: str) -> Iterator[Line]:
    """Who it is about, who says it, and what they say."""
    content = opinion.content
    yield Line("title", f"Second opinion {record.referral.reference}")
    yield from (Line("text", words) for words in _about(record, opinion, zone) if words)
    yield from _section("In short", [content["short_answer"]])
    for answer in content["answers"]:
        yield from _section(f"{answer['question']}. {answer['asked']}", [answer["text"]])
    for finding in content["findings"]:
        yield from _section(AXIS[finding["axis"]], _finding(record, finding))
    yield from _section("Recommendations", list(_advice(content["recommendations"])))
    if content["dissent"]:
        yield from _section("Another view among the authors", [content["dissent"]])
    yield from _section("In plain words, for the patient", [content["plain_summary"]])


def _section(heading: str, texts: Sequence[str]) -> Iterator[Line]:
    yield Line("heading", heading)
    yield from (Line("text", text) for text in texts)


def _about(record: Record, opinion: Opinion, zone: str) -> Iterator[str]:
    patient, content = record.patient, opinion.content
    born = patient.birth_date.isoformat() if patient.birth_date else "not known"
    numbers = ", ".join(each.number for each in record.identifiers) or "no number"
    yield f"{patient.given_name} {patient.family_name}, born {born}, {numbers}"
    yield f"Asked by {record.organization.name}"
    authors = ", ".join(author["name"] for author in content["authors"])
    signed, recorded = _moment(opinion.signed_at, zone), content.get("recorded")
    when = f"{recorded['signed_on']}; recorded {signed}" if recorded else signed
    yield f"Signed by {authors}{f', {record.center.name}' if record.center else ''}, {when}"
    if recorded:
        yield _recorded(recorded)
    if content["amends"]:
        yield f"Version {opinion.version}, in place of the one before: {content['amends']}"


def _recorded(recorded: Mapping[str, Any]) -> str:
    named = recorded["specialist"]
    who = ", ".join(part for part in (named["name"], named["title"]) if part)
    return (
        f"Recorded from the original of {who}, signed on {recorded['signed_on']}, by {recorded['by']}; compared "
        f"with it by {recorded['checked_by']}. The original is attached and rules "
        f"(SHA-256 {recorded['original']['sha256']})."
    )


def _moment(at: datetime, zone: str) -> str:
    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M %Z")


def _finding(record: Record, finding: Mapping[str, Any]) -> list[str]:
    said = [f"{RESULT[finding['result']]}. {IMPACT[finding['impact']]}.", finding["rationale"]]
    revised = finding["revised"]
    if revised and finding["axis"] == "diagnosis":
        original = record.facts.content.get("diagnosis") or {}
        said += [f"Before: {diagnosis_words(original)}", f"Now: {diagnosis_words({**original, **revised})}"]
    elif revised:
        said.append(f"Now: {_plain(revised)}")
    return said


def diagnosis_words(diagnosis: Mapping[str, Any]) -> str:
    """The codes with their titles, and the diagnosis as it was described."""
    code, tissue = diagnosis.get("icd10cm"), diagnosis.get("morphology")
    parts = (
        f"{code} {icd10cm.display(code) or ''}" if code else "",
        f"{tissue} {icdo3.morphology_label(tissue) or ''}" if tissue else "",
        diagnosis.get("description") or "",
    )
    return "; ".join(part.strip() for part in parts if part.strip()) or "not coded"


def _plain(value: Any) -> str:
    """What was revised, whatever its shape, as words: "t T2, n N0"."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name.replace('_', ' ')} {_plain(each)}" for name, each in value.items() if each is not None)
    return "; ".join(_plain(each) for each in value) if isinstance(value, list) else str(value)


def _advice(recommendations: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for number, each in enumerate(recommendations, start=1):
        marks = (ADVICE_KIND[each["kind"]], STRENGTH[each["strength"]], URGENCY[each["urgency"]])
        yield f"{number}. {each['text']} ({', '.join(mark.lower() for mark in marks)})"
    if not recommendations:
        yield "None."


@cache
def _styles() -> dict[str, Any]:
    from reportlab.lib.styles import ParagraphStyle

    _register()
    text = ParagraphStyle("text", fontName=TEXT, fontSize=BODY, leading=BODY * 1.45, spaceAfter=4)
    heading = ParagraphStyle("heading", text, fontName=BOLD, fontSize=HEADING, leading=HEADING * 1.4, spaceBefore=9)
    title = ParagraphStyle("title", heading, fontSize=16, leading=22)
    return {"text": text, "heading": heading, "title": title}


@cache
def _register() -> frozenset[int]:
    """The characters that the font of texts has."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfbase.ttfonts import TTFont

    for name, file in FILES.items():
        pdfmetrics.registerFont(TTFont(name, FONTS / file))
    for name in (KOREAN, JAPANESE, CHINESE):
        pdfmetrics.registerFont(UnicodeCIDFont(name))
    return frozenset(pdfmetrics.getFont(TEXT).face.charToGlyph)


def _marked(words: str) -> str:
    """The text as a paragraph takes it: lines kept, letters that the font lacks in one that has them."""
    found = []
    for font, letters in groupby(words, key=_font_of):
        run = escape("".join(letters)).replace("\n", "<br/>")
        found.append(f'<font name="{font}">{run}</font>' if font else run)
    return "".join(found)


def _font_of(letter: str) -> str:
    if ord(letter) in _register() or letter.isspace():
        return ""
    if "\u1100" <= letter <= "\u11ff" or "\uac00" <= letter <= "\ud7a3":
        return KOREAN
    return JAPANESE if "\u3040" <= letter <= "\u30ff" else CHINESE
