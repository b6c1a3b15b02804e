"""One referral from its first page to its last, by four people who have no JavaScript."""

from collections.abc import Callable

from referrals.models.engine import Database
from tests.factories import World
from tests.opinions import SPECIALIST
from tests.web.draft import CONSENT, QUESTION, SAVE, SEND, begin, only
from tests.web.test_opinions import WRITTEN
from tests.web.visitor import Visitor


def test_from_the_first_page_of_the_form_to_the_outcome(
    visitor: Callable[..., Visitor], clinician: Visitor, coordinator: Visitor, db: Database, world: World
) -> None:
    begin(clinician)
    clinician.press(SAVE, **CONSENT)
    clinician.press(SAVE, icd10cm="C25.0", morphology_words="8140/3", certainty="confirmed")
    clinician.press(SAVE, treatments_known="none")
    clinician.press(SAVE, **QUESTION)
    if clinician.at.endswith("/documents"):
        clinician.follow_link("Go on")
    clinician.press(SEND)
    home = f"/referrals/{only(db).id}"

    coordinator.get(home).press("Take it")
    coordinator.follow_link("Complete triage and send to a center")
    summit = {
        "center": str(world.organizations["summit"].id),
        "unknown_acknowledged": "yes",
        "late_acknowledged": "yes",
    }
    coordinator.press("Complete triage and send to a center", **summit)
    assert "Offered to a center" in coordinator.words

    specialist = visitor(SPECIALIST).get("/inbox").follow_link("Grete Lind")
    specialist.follow_link("Accept").press("Accept")
    specialist.follow_link("Start the review").press("Start the review", specialist=world.user_id(SPECIALIST))
    specialist.follow_link("Sign the opinion").press("Check and sign", **WRITTEN)
    specialist.press("Sign the opinion", identity_confirmed="yes")
    assert "Opinion not yet read" in specialist.words

    assert "Waiting for you" in clinician.get("/referrals").words
    clinician.get(home).follow_link("I have read the opinion").press("I have read the opinion", plan="follow")
    clinician.follow_link("Close with the outcome").press("Close with the outcome", **{"result-0": "followed"})
    assert (clinician.at, only(db).status) == (home, "closed"), clinician.words
