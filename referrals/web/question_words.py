"""Plain words for questions: who is asked, which document, what a missing fact decides."""

from collections.abc import Mapping

from referrals.domain.questions import RequestStatus
from referrals.domain.vocabulary import AskedParty, Criterion, DocumentKind
from referrals.web.words import Look

ASKED: Mapping[str, str] = {
    AskedParty.REFERRER: "The referrer",
    AskedParty.LABORATORY: "The laboratory",
    AskedParty.PATIENT: "The patient",
    AskedParty.CENTER: "Another center",
    AskedParty.PAYER: "The payer",
}
DOCUMENT: Mapping[str, str] = {
    DocumentKind.PATHOLOGY: "Pathology report",
    DocumentKind.IMAGING: "Imaging report",
    DocumentKind.GENOMICS: "Genomic report",
    DocumentKind.OPERATIVE: "Operative report",
    DocumentKind.DISCHARGE: "Discharge letter",
    DocumentKind.LETTER: "Letter",
    DocumentKind.OTHER: "Another document",
}
QUESTION_STATUS: Mapping[str, Look] = {
    RequestStatus.OPEN: Look("Open", "wait", "ask"),
    RequestStatus.ANSWERED: Look("Answered", "ok", "check"),
    RequestStatus.PROCEEDED: Look("Went on without it", "", "x"),
    RequestStatus.CLOSED: Look("Not needed any more", "", "x"),
}
DECIDES: Mapping[str, str] = {
    Criterion.RARE: "Decides whether an expert center must answer.",
    Criterion.COMPLEX: "Decides whether a multidisciplinary team must answer.",
}


def awaited_from(asked: str) -> str:
    """ "Waiting for your answer", "Waiting for the laboratory": the referrer is who hears it."""
    return "your answer" if asked == AskedParty.REFERRER else ASKED[asked].lower()
