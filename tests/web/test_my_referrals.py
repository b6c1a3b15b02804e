"""The list of a clinician's referrals: whose they are, how far they have come, and who may only read them."""

from collections.abc import Callable

from referrals.models.engine import Database
from tests.factories import patient
from tests.web.conftest import Send
from tests.web.visitor import Visitor


def test_my_referrals_are_mine_or_nobodys_and_all_of_us_is_a_click_away(
    clinician: Visitor, visitor: Callable[..., Visitor], send: Send, db: Database
):
    send(1, patient=patient(1, family_name="Mine"))
    send(2, by="colleague@lakeside.example", patient=patient(2, family_name="Theirs"))
    ended = (("clinician@lakeside.example", "withdraw", {"reason": "patient_choice"}),)
    send(3, patient=patient(3, family_name="Ended"), steps=ended)
    nobodys = send(4, patient=patient(4, family_name="Nobodys"))
    with db.writing() as session:
        session.merge(nobodys).clinician_id = None
    words = clinician.get("/referrals").words
    assert [name in words for name in ("Ada Mine", "Ada Theirs", "Ada Ended", "Ada Nobodys")] == [
        True,
        False,
        False,
        True,
    ]
    words = clinician.follow_link("All of us 3").words
    assert [name in words for name in ("Ada Mine", "Ada Theirs", "Ada Ended")] == [True, True, False]
    words = clinician.follow_link("Ended 1").words
    assert [name in words for name in ("Ada Mine", "Ada Theirs", "Ada Ended")] == [False, False, True]
    assert clinician.get("/referrals?view=other").status == 404


def test_my_referrals_come_in_pages(clinician: Visitor, send: Send):
    for number in range(1, 54):
        send(number, patient=patient(number, family_name=f"Number{number:03}"))
    first = clinician.get("/referrals").words
    second = clinician.follow_link("Next page").words
    shown = [sum(f"Ada Number{number:03}" in words for number in range(1, 54)) for words in (first, second)]
    assert shown == [50, 3]
    assert "Number" not in clinician.at
    assert clinician.page.has_link("First page")


def test_whoever_administers_a_hospital_reads_and_writes_nothing(visitor: Callable[..., Visitor], send: Send):
    send(1, submit=False)
    guest = visitor("admin@lakeside.example").get("/referrals")
    assert "Ada Example" in guest.words
    assert not any(words.startswith(("New referral", "Go on with it", "Discard")) for words, _ in guest.page.links)
    assert guest.get("/referrals/new").status == 403


def test_a_draft_of_a_partner_without_a_name_says_so_and_can_be_gone_on_with(clinician: Visitor, send: Send):
    draft = send(1, submit=False, patient={})
    assert "Name not given" in clinician.get("/referrals").words
    page = clinician.get(f"/referrals/{draft.id}/patient")
    assert page.status == 200
    assert "None" not in page.words
    assert clinician.get(f"/referrals/{draft.id}/check").status == 200
