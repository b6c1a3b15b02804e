"""How many statements a call may cost, beyond the token check: promised in the design, counted here."""

import pytest

from referrals.pathway import clients
from tests.api.partner import if_match
from tests.factories import packet, routine
from tests.opinions import SPECIALIST, opinion
from tests.statements import statements


@pytest.fixture
def costs(db, monkeypatch):
    """`costs(call)`: the statements of a call without those of its token check."""

    def count(call) -> int:
        with statements(db) as before:
            pass
        with statements(db) as sent:
            answer = call()
        assert answer.status_code < 300, answer.text
        token_checks = [each for each in sent if "access_token" in each]
        assert len(token_checks) == 1
        assert before == []
        return len(sent) - len(token_checks)

    return count


@pytest.fixture
def warm(lakeside):
    """The lease of calls, the policy and the tables are read once a process or once a minute, not once a call."""
    first = lakeside.create(packet(1))
    for number in range(2, 6):
        lakeside.create(routine(number))
    lakeside.get("/referrals")
    return first


def test_a_list_costs_at_most_three(lakeside, warm, costs):
    assert costs(lambda: lakeside.get("/referrals")) <= 3
    assert costs(lambda: lakeside.get("/referrals?q=Example&tier=P4&sort=-due_at")) <= 3
    assert costs(lambda: lakeside.post("/referrals/search", {"q": "Example"})) <= 3


def test_a_list_costs_the_same_however_long_it_is(lakeside, warm, costs):
    assert costs(lambda: lakeside.get("/referrals?limit=1")) == costs(lambda: lakeside.get("/referrals?limit=5"))


def test_counts_cost_one(lakeside, warm, costs):
    assert costs(lambda: lakeside.get("/referrals/counts")) == 1


def test_one_referral_costs_at_most_seven(lakeside, warm, costs):
    assert costs(lambda: lakeside.get(f"/referrals/{warm['id']}")) <= 7


def test_an_answered_referral_with_all_that_came_to_it_costs_no_more(
    lakeside, coordinator, partner, warm, costs, world
):
    """One statement each for its offers, its questions and its opinion, and only where it has any."""
    path, specialist = f"/referrals/{warm['id']}", partner("summit", person=SPECIALIST)
    asked = {"asked": "referrer", "blocking": False, "items": [{"text": "Where is she treated?"}]}
    for who, step, body in (
        (coordinator, "claim", {}),
        (coordinator, "request-information", asked),
        (coordinator, "complete-triage", {}),
        (coordinator, "offer", {"center": str(world.organizations["summit"].id), "late_acknowledged": True}),
        (specialist, "accept", {}),
        (specialist, "start-review", {"specialist": world.user_id(SPECIALIST)}),
        (specialist, "sign-opinion", opinion()),
    ):
        assert who.post(f"{path}/{step}", body, headers=if_match("*")).status_code == 200, step
    assert costs(lambda: lakeside.get(path)) <= 7


def test_taking_one_in_and_sending_it_costs_at_most_twenty(lakeside, warm, costs):
    assert costs(lambda: lakeside.post("/referrals", packet(50))) <= 20
    assert costs(lambda: lakeside.post("/referrals", packet(1, external_reference="again"))) <= 20


def test_a_look_up_and_a_judgement_cost_next_to_nothing(lakeside, warm, costs):
    assert costs(lambda: lakeside.get("/codes/icd10cm?q=pancreas")) == 0
    assert costs(lambda: lakeside.post("/assess", {"diagnosis": {"icd10cm": "C25.0"}})) <= 1


def test_a_step_stays_small(coordinator, lakeside, warm, costs):
    referral = lakeside.create(routine(60))
    coordinator.get("/me")
    claim = f"/referrals/{referral['id']}/claim"
    assert costs(lambda: coordinator.post(claim, {}, headers=if_match(2))) <= 20


def test_the_token_check_is_one_statement(db, world):
    with db.reading() as session, statements(db) as sent:
        clients.caller_for_token(session, "nobody's", world.clients["lakeside"].created_at)
    assert len(sent) == 1
