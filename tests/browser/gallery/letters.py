"""Letters to the patient: in both languages, before and after the answer is released."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from referrals.domain.letters import Addressee, Language, Letter
from referrals.pathway.letters import Correspondence
from referrals.web.presenters.letter import letter_page
from referrals.web.tongues import tongue
from tests.browser.gallery.frames import Shown, clinician
from tests.browser.gallery.people import ILSE, MOMENT, NOW

HOUR = timedelta(hours=1)
SUMMARY = (
    "The cells in the biopsy are what your hospital said they are.\n\n"
    "The cancer can still be slowed down with another medicine. First, one more test should be made."
)
REQUEST = SimpleNamespace(
    id=ILSE,
    reference="SO-26-0004711-K",
    submitted_at=NOW - 48 * HOUR,
    due_at=NOW + 200 * HOUR,
    purposes=["confirm_diagnosis", "treatment_options"],
    questions=["Is there a second-line option or a trial?", "Should surgery be tried?"],
    version=7,
)
RECORD = SimpleNamespace(
    referral=REQUEST,
    patient=SimpleNamespace(given_name="Ilse", family_name="Brandt"),
    organization=SimpleNamespace(name="Lakeside Hospital"),
    clinician=SimpleNamespace(name="Dr Tomás Rey"),
)
ANSWER = SimpleNamespace(version=2, signed_at=NOW - 20 * HOUR, content={"plain_summary": SUMMARY})
RELEASE = SimpleNamespace(user_name="Dr Tomás Rey", at=NOW - 2 * HOUR)


def letter(
    kind: Letter = Letter.REQUEST,
    language: Language = Language.ENGLISH,
    to: Addressee = Addressee.PATIENT,
    **told: Any,
) -> Shown:
    known = Correspondence(
        record=RECORD,
        network="Second Opinion Network",
        center="Harbor Cancer Center",
        addressee=to,
        opinion=told.get("opinion"),
        release=told.get("release"),
    )
    page = letter_page(kind, known, tongue(language, MOMENT.zone), MOMENT.now, may_release=True)
    return Shown("letter.html", page, clinician(f"/referrals/{ILSE}/letter"))


LETTER_PAGES = {
    "letter": letter,
    "letter-spanish-guardian": lambda: letter(language=Language.SPANISH, to=Addressee.PARENT),
    "letter-to-release": lambda: letter(opinion=ANSWER),
    "letter-answer": lambda: letter(Letter.ANSWER, opinion=ANSWER, release=RELEASE),
}
