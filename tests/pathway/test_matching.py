"""What the directory knows beside a profile reaches the rules of matching: distance, trials and conflicts."""

from datetime import date, timedelta

from sqlalchemy import update

from referrals.knowledge.postal_codes import SYSTEM
from referrals.models.base import new_id
from referrals.models.center import Center
from referrals.models.door import CodeTable, LoadedCode
from referrals.models.known_center import CenterConflict, Trial
from referrals.models.patient import Patient
from referrals.pathway.matching import Ask, candidates, matches, needs_of
from referrals.pathway.ready_queue import centers_for, needs_of_all
from referrals.pathway.rules import rules_of
from tests.pathway.conftest import Desk
from tests.pathway.test_offers import ready

JUNE = date(2026, 6, 1)


def know(desk: Desk, against: str = "lakeside") -> None:
    """Summit lies a degree from the patient and has a trial; Harbor has one in another family, and a conflict."""
    summit, harbor = (desk.world.organizations[code] for code in ("summit", "harbor"))
    network_id, session = desk.world.network_id, desk.session
    session.execute(update(Patient).values(country="US", postal_code="94110-1234"))
    for home, lat in ((summit, 1.0), (harbor, 0.0)):
        session.execute(update(Center).where(Center.organization_id == home.id).values(lat=lat, lon=0.0))
    table = CodeTable(id=new_id(), system=SYSTEM, version="1", rows=1, loaded_at=desk.now)
    session.add_all([table, LoadedCode(id=new_id(), table_id=table.id, code="US 94110", display="0 0", extra={})])
    for home, family in ((summit, "hepatobiliary_pancreatic"), (harbor, "sarcoma")):
        session.add(
            Trial(
                id=new_id(), network_id=network_id, center_id=home.id, registry_id="NCT1", title="Second line",
                families=[family], opened_on=JUNE,
            )
        )  # fmt: skip
    session.add(
        CenterConflict(
            id=new_id(), network_id=network_id, center_id=harbor.id, reason="Same owner.", from_day=JUNE,
            organization_id=desk.world.organizations[against].id,
        )
    )  # fmt: skip
    session.flush()


def test_distance_trials_and_conflicts_count_for_one_referral_and_for_the_whole_queue_alike(desk: Desk) -> None:
    referral = ready(desk)
    know(desk)
    rules = rules_of(desk.session, referral.network_id)
    ask = Ask(desk.session, referral, rules, desk.now)
    (first,), (excluded,) = matches(ask)
    assert (first.center.code, round(first.center.km or 0), first.terms["distance"]) == ("summit", 111, 28)
    assert first.center.open_trials == 1
    assert excluded.center.open_trials == 0
    assert "conflict" in [finding.code for finding in excluded.findings]
    (waiting,) = needs_of_all(desk.session, referral.network_id, rules, desk.now, limit=9)
    centers = centers_for(desk.session, referral.network_id, rules, desk.now, [waiting])
    assert list(centers.candidates_for(waiting)) == candidates(ask, needs_of(ask))


def test_a_center_in_conflict_with_the_one_that_the_referrer_prefers_is_excluded_alone_and_in_the_queue(
    desk: Desk,
) -> None:
    referral = ready(desk, preferences={"center": "summit"})
    know(desk, "summit")
    rules = rules_of(desk.session, referral.network_id)
    ask = Ask(desk.session, referral, rules, desk.now)
    assert {each.code: each.in_conflict for each in candidates(ask, needs_of(ask))} == {"summit": False, "harbor": True}
    (waiting,) = needs_of_all(desk.session, referral.network_id, rules, desk.now, limit=9)
    centers = centers_for(desk.session, referral.network_id, rules, desk.now, [waiting])
    assert list(centers.candidates_for(waiting)) == candidates(ask, needs_of(ask))


def test_a_conflict_that_has_ended_excludes_nobody(desk: Desk) -> None:
    referral = ready(desk)
    know(desk)
    yesterday = desk.now.date() - timedelta(days=1)
    desk.session.execute(update(CenterConflict).values(until_day=yesterday))
    _, excluded = matches(Ask(desk.session, referral, rules_of(desk.session, referral.network_id), desk.now))
    assert "conflict" not in [finding.code for fit in excluded for finding in fit.findings]
