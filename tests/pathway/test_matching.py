"""What the directory knows beside a profile reaches the rules of matching: distance, trials and conflicts."""

import pytest
from sqlalchemy import update

from referrals.domain.distance import Point
from referrals.models.patient import Patient
from referrals.pathway import journeys, matching
from referrals.pathway.matching import Ask, matches
from referrals.pathway.rules import rules_of
from tests.pathway.conftest import Desk
from tests.pathway.test_offers import COORDINATOR


def test_distance_trials_and_conflicts_of_each_center_count(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    summit, harbor = (desk.world.organizations[code].id for code in ("summit", "harbor"))
    referral = desk.receive(1)
    desk.take("claim", referral, COORDINATOR)
    desk.session.execute(update(Patient).values(country="US", postal_code="94110"))
    monkeypatch.setattr(journeys, "points_of", lambda session, centers: {summit: Point(1, 0), harbor: Point(0, 0)})
    monkeypatch.setattr(journeys, "home_of", lambda session, patient: Point(0, 0))
    monkeypatch.setattr(matching, "open_trials", lambda session, network, family, day: {summit: 2})
    monkeypatch.setattr(matching, "conflicts_in_force", lambda session, named, day: {(harbor, *named)})
    ranked, excluded = matches(Ask(desk.session, referral, rules_of(desk.session, referral.network_id), desk.now))
    assert [(fit.center.code, round(fit.center.km or 0), fit.center.open_trials) for fit in ranked] == [
        ("summit", 111, 2)
    ]
    assert ranked[0].terms["distance"] == 28
    assert [finding.code for finding in excluded[0].findings if finding.code == "conflict"] == ["conflict"]
