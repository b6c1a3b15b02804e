"""What happened at a center, and who has nowhere to go, as the record of real steps tells it."""

from datetime import timedelta

from referrals.domain.matching import Candidate
from referrals.domain.small_numbers import TOTAL
from referrals.models.base import new_id
from referrals.models.center import Center
from referrals.models.engine import Database
from referrals.models.known_center import CenterConflict
from referrals.models.organization import Organization
from referrals.pathway.center_record import last_year, records_of
from referrals.pathway.gaps import network_gaps
from referrals.pathway.matching import Ask, candidates, needs_of
from referrals.pathway.ready_queue import centers_for, needs_of_all
from referrals.pathway.rules import rules_of
from tests.factories import diagnosis, patient
from tests.opinions import opinion
from tests.pathway.conftest import Desk
from tests.pathway.test_offers import COORDINATOR, KEEPER, SPECIALIST, in_review, offered, offers, ready
from tests.statements import statements

ROUTINE = {"needed_by": None}


def five_opinions_and_five_declines(desk: Desk) -> None:
    """Of summit, and an offer that waits."""
    reviewed = [in_review(desk, number) for number in range(1, 6)]
    asked = [offered(desk, number) for number in range(6, 12)]
    desk.wait(hours=4)
    for referral in asked[:5]:
        desk.take("decline-offer", referral, KEEPER, {"reason": "capacity"})
    desk.wait(days=6)
    for referral in reviewed:
        desk.take("sign-opinion", referral, SPECIALIST, opinion())
    desk.session.flush()


def as_the_queue_sees_it(desk: Desk, ask: Ask) -> list[Candidate]:
    queue = needs_of_all(desk.session, desk.world.network_id, ask.rules, desk.now, limit=9)
    (alone,) = [each for each in queue if each.referral.id == ask.referral.id]
    centers = centers_for(desk.session, desk.world.network_id, ask.rules, desk.now, queue)
    return list(centers.candidates_for(alone))


def test_a_center_is_known_by_what_it_did_within_the_year(desk: Desk, database: Database) -> None:
    began = desk.now
    five_opinions_and_five_declines(desk)
    ids = [desk.world.organizations[code].id for code in ("summit", "harbor")]
    with statements(database) as sent:
        records = records_of(desk.session, ids, last_year(desk.now))
    assert len(sent) == 3
    line = records[ids[0]][TOTAL]
    assert (line.made, line.answered["accepted"], line.answered["declined_capacity"]) == (None, 5, 5)
    assert (line.accepted_percent, line.otherwise["live"], line.hours_to_answer) == (50, None, 2.0)
    assert (line.signed[TOTAL], line.days_to_opinion, line.days_to_opinion_of_most) == (5, 6.2, 6.2)
    assert records[ids[1]][TOTAL].made == 0

    # Five answers that took twice the policy's time, and more, now speak for the next one.
    next_one = ready(desk, 20)
    ask = Ask(desk.session, next_one, rules_of(desk.session, desk.world.network_id), desk.now)
    alone = candidates(ask, needs_of(ask))
    summit = next(each for each in alone if each.code == "summit")
    assert summit.expected_rests_on == "from 5 answers in Liver, bile ducts, gallbladder, pancreas"
    assert as_the_queue_sees_it(desk, ask) == alone
    desk.take("offer", next_one, COORDINATOR, {"center": str(summit.id), "late_acknowledged": True})
    assert [offer.expected_at for offer in offers(desk, next_one)] == [summit.expected_at]
    later = records_of(desk.session, ids, last_year(began + timedelta(days=380)))
    assert later[ids[0]][TOTAL].answered[TOTAL] == 0


def test_whoever_no_center_can_take_is_counted_with_what_stands_in_the_way(desk: Desk, database: Database) -> None:
    desk.session.get_one(Organization, desk.world.organizations["hillcrest"].id).region = "Wisconsin"
    child = {
        "patient": patient(2, birth_date="2016-04-01"),
        "diagnosis": diagnosis(icd10cm="C49.2", morphology="8890/3"),
    }
    ready(desk, 1, **ROUTINE)
    stuck = desk.receive(2, **ROUTINE, **child)
    desk.take("claim", stuck, COORDINATOR)
    desk.take("complete-triage", stuck, COORDINATOR)
    harbor = desk.session.get_one(Center, desk.world.organizations["harbor"].id)
    harbor.services = ["adults"]
    desk.session.flush()
    desk.wait(days=5)

    with statements(database) as few:
        report = network_gaps(desk.session, desk.world.network_id, desk.now)
    assert (report.looked_at, report.is_whole, report.prices) == (2, True, {})
    (gap,) = report.gaps
    assert (gap.family, gap.region, gap.longest.reference) == ("sarcoma", None, stuck.reference)
    assert ("age", 2) in gap.against
    assert report.headline.startswith("1 referral in Sarcoma of soft tissue and bone, GIST has nowhere to go")
    assert {each.reference: each.is_stuck for each in report.long}[stuck.reference]
    assert set(report.named) == {each.id for each in report.long}

    for number in range(3, 6):
        ready(desk, number, **ROUTINE, **child | {"patient": patient(number, birth_date="2016-04-01")})
    desk.session.flush()
    with statements(database) as many:
        assert len(network_gaps(desk.session, desk.world.network_id, desk.now).gaps[0].stuck) == 4
    assert len(many) == len(few)


def test_of_two_that_ask_alike_only_the_one_whose_organization_no_center_may_judge_for_is_stuck(desk: Desk) -> None:
    hers = {"referring_clinician": {"email": "clinician@hillcrest.example"}}
    others = [desk.receive(1, **ROUTINE), desk.receive(2, "hillcrest", **ROUTINE, **hers)]
    for referral in others:
        desk.take("claim", referral, COORDINATOR)
    organizations, yesterday = desk.world.organizations, desk.now.date() - timedelta(days=1)
    desk.session.add_all(
        CenterConflict(
            id=new_id(), network_id=desk.world.network_id, center_id=organizations[center].id,
            organization_id=organizations["hillcrest"].id, reason="Same owner.", from_day=yesterday,
        )
        for center in ("summit", "harbor")
    )  # fmt: skip
    (gap,) = network_gaps(desk.session, desk.world.network_id, desk.now).gaps
    assert [each.reference for each in gap.stuck] == [others[1].reference]
