"""The directory from files: the published centers, and a center's trials, whole or not at all."""

import pytest
from sqlalchemy import func, select

from referrals.models.center import Center, Expertise
from referrals.models.known_center import Trial
from referrals.models.organization import Organization

HEAD = "registry_id,title,families,opened_on,closed_on\n"
GOOD = HEAD + "NCT1,First,sarcoma|cns,2026-01-10,\nNCT2,Second,cns,2026-01-10,2026-05-01\n"
FAULTY = HEAD + "NCT1,First,sarcoma,2026-01-10,\n,Second,none,tomorrow,\nNCT1,Third,cns|none,2026-01-10,2025-01-01\n"


@pytest.fixture
def run(app, database):
    def run(*words):
        return app.test_cli_runner().invoke(args=words)

    assert run("organization", "create", "Network", "--code", "network", "--kind", "network").exit_code == 0
    return run


def test_the_published_centers_come_in_once_and_what_they_state_stays(run, database):
    first = run("centers", "seed", "--network", "network")
    assert (first.exit_code, first.output) == (0, "75 centers added, as published: no expertise, no places.\n")
    with database.writing() as session:
        rows = {home.code: (home, center) for home, center in session.execute(
            select(Organization, Center).join(Center, Center.organization_id == Organization.id)
            .where(Organization.code.startswith("nci")))}  # fmt: skip
        assert len(rows) == 75
        assert sum(not home.active for home, _ in rows.values()) == 7
        home, center = rows["nci32"]
        assert (home.name, center.city, center.region, center.lat) == (
            "Masonic Cancer Center (Minnesota)",
            "Minneapolis",
            "MN",
            44.98,
        )
        assert [each.services for _, each in rows.values() if each.services] == [["pediatrics"]]
        assert {(each.places, each.checked_on) for _, each in rows.values()} == {(0, None)}
        assert session.scalar(select(func.count()).select_from(Expertise)) == 0
        center.city = "Saint Paul"
    assert run("centers", "seed", "--network", "network").output.startswith("0 centers added")
    with database.reading() as session:
        assert session.scalars(select(Center.city).where(Center.organization_id == home.id)).one() == "Saint Paul"
    assert run("centers", "seed", "--network", "nowhere").exit_code == 1


def test_trials_come_from_a_file_whole_or_not_at_all(run, database, tmp_path):
    run("organization", "create", "Summit", "--code", "summit", "--kind", "center")

    def take(text):
        file = tmp_path / "trials.csv"
        file.write_text(text, encoding="utf-8")
        return run("trials", "import", str(file), "--organization", "summit")

    refused = take(FAULTY)
    assert refused.exit_code == 1
    for line in (
        "/lines/3/registry_id: ",
        "/lines/3/opened_on: ",
        "/lines/4/families: ",
        "/lines/4/registry_id: ",
        "/lines/4/closed_on: ",
    ):
        assert line in refused.stderr, refused.stderr
    assert "/lines/2" not in refused.stderr
    assert "/lines/1/opened_on: This column is missing." in take("registry_id,title,families\n").stderr
    with database.reading() as session:
        assert session.scalars(select(Trial)).all() == []
    assert take(GOOD).output == "summit: 2 trials in the file, 2 new, 0 changed.\n"
    with database.reading() as session:
        version = session.scalars(select(Center.version)).one()
    assert take(GOOD).output == "summit: 2 trials in the file, 0 new, 0 changed.\n"
    with database.reading() as session:
        assert session.scalars(select(Center.version)).one() == version
    assert take(HEAD + "NCT2,Second,cns,2026-01-10,2026-06-01\n").output.endswith("0 new, 1 changed.\n")
    with database.reading() as session:
        kept = session.execute(select(Trial.registry_id, Trial.families).order_by(Trial.registry_id)).all()
    assert [tuple(each) for each in kept] == [("NCT1", ["sarcoma", "cns"]), ("NCT2", ["cns"])]
