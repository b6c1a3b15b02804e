"""The six reports as the record of real steps tells them, the same on both databases, for each kind of reader."""

from collections.abc import Iterable
from typing import Any

from referrals.domain.reports.names import REPORTS
from referrals.domain.reports.parts import Line, Report, period_of
from referrals.models.engine import Database
from referrals.pathway.reports.ask import Ask
from referrals.pathway.reports.report import report
from referrals.pathway.rules import rules_of
from tests.factories import client_actor, diagnosis
from tests.opinions import opinion
from tests.pathway.conftest import Desk
from tests.pathway.test_offers import COORDINATOR, KEEPER, SPECIALIST, in_review, offered
from tests.statements import statements

CLINICIAN = "clinician@lakeside"


def told(desk: Desk, code: str = "network", ceiling: int | None = None) -> dict[str, Report]:
    rules = rules_of(desk.session, desk.world.network_id)
    period = period_of(None, None, rules.calendar.local_date(desk.now), rules.zone)
    ask = Ask(desk.session, client_actor(desk.world, code), period, rules, desk.now, ceiling)
    return {name: report(name, ask) for name in REPORTS}


def lines(found: Report, part: str) -> dict[Any, Line]:
    (whole,) = [each for each in found.parts if each.name == part]
    return {line["group"]: line for line in whole.lines}


def figures(line: Line, names: Iterable[str]) -> list[Any]:
    return [line[name] for name in names]


def a_week_at_the_desk(desk: Desk) -> None:
    """Two opinions, one read; an offer declined; one that waits; one in words; a draft that nobody counts."""
    reviewed = [in_review(desk, number) for number in (1, 2)]
    declined = offered(desk, 3)
    desk.wait(hours=4)
    desk.take("decline-offer", declined, KEEPER, {"reason": "capacity"})
    desk.wait(hours=20)
    for referral in reviewed:
        desk.take("sign-opinion", referral, SPECIALIST, opinion())
    desk.wait(hours=2)
    desk.take("acknowledge", reviewed[0], CLINICIAN, {"version": 1, "plan": "follow"})
    desk.receive(4, diagnosis={"uncoded": True, "description": "A tumor of the pancreas"})
    desk.receive(5, "hillcrest", referring_clinician={"email": "clinician@hillcrest.example"})
    desk.receive(6, submit=False)
    asked = {"asked": "laboratory", "blocking": True, "items": [{"field": "/diagnosis/disease_status"}]}
    question = desk.receive(7, diagnosis=diagnosis(disease_status=None), treatments=None)
    desk.take("claim", question, COORDINATOR)
    desk.take("request-information", question, COORDINATOR, asked)
    desk.session.flush()


def test_a_week_at_the_desk_is_told_in_figures(desk: Desk, database: Database) -> None:
    with statements(database) as few:
        told(desk)
    a_week_at_the_desk(desk)
    with statements(database) as many:
        found = told(desk, ceiling=10)
    # Where patients live is looked up only where any of them has said so.
    assert len(many) - len(few) in (0, 1)
    assert {part: figures(each["all"], ("party", "turns", "in_target")) for part, each in turns(found).items() if each} == {
        "to_opinion": [None, 2, 2], "triage": ["coordinator", 3, 3], "placing": ["coordinator", 3, 3],
        "answer": ["center", 3, 3], "review": ["center", 2, 2], "acknowledgement": ["referrer", 1, 1],
    }  # fmt: skip
    backlog = {part.name: lines(found["backlog"], part.name) for part in found["backlog"].parts}
    assert found["backlog"].headline == "6 referrals are open; none is late."
    assert {name: line["referrals"] for name, line in backlog["by_waiting_on"].items()} == {
        "referrer": 2, "coordinator": 3, "center": 0, "third_party": 1,
    }  # fmt: skip
    assert (backlog["by_status"]["submitted"]["referrals"], backlog["by_age"]["0"]["referrals"]) == (2, 6)
    assert sum(int(line["referrals"] or 0) for line in backlog["tiers"].values()) == 6
    assert found["backlog"].alarm is not None
    judged = lines(found["concordance"], "treatment")["all"]
    assert figures(judged, ("opinions", "refined", "minor", "changed_percent")) == [2, 2, 2, 0]
    assert lines(found["centers"], "centers")["summit"]["answered"] is None
    assert {line["referrals"] for line in found["equity"].parts[0].lines} == {None}
    quality = found["quality"]
    lacks = lines(quality, "carried") | lines(quality, "wanting") | lines(quality, "intakes")
    assert {name: lacks[name]["count"] for name in ("uncoded", "unanswered", "morphology", "accepted")} == {
        "uncoded": 1, "unanswered": 1, "morphology": 5, "accepted": 6,
    }  # fmt: skip


def turns(found: dict[str, Report]) -> dict[str, dict[Any, Line]]:
    return {part.name: lines(found["turnaround"], part.name) for part in found["turnaround"].parts}


def test_each_reader_is_told_of_what_they_may_read(desk: Desk, database: Database) -> None:
    a_week_at_the_desk(desk)
    open_ones = {code: told(desk, code)["backlog"].headline.split()[0] for code in ("lakeside", "hillcrest", "harbor")}
    assert open_ones == {"lakeside": "5", "hillcrest": "1", "harbor": "No"}
    summit = told(desk, "summit")
    assert [part.name for part in summit["turnaround"].parts] == ["answer", "review"]
    # The center that declined no longer reads the referral, and so not its turn either.
    assert lines(summit["turnaround"], "answer")["all"]["turns"] == 2
    assert [line["group"] for line in summit["centers"].parts[0].lines] == ["summit"]
    assert not summit["quality"].parts[2].lines
