"""An operator sees which letters were given up, and has them sent again."""

import pytest
from sqlalchemy import select, update

from referrals.models.delivery import Delivery
from referrals.pathway.mail import Occasion, Stationery, queue_letters
from tests.small_network import NOW, settle_down


@pytest.fixture
def given_up(app, database):
    with database.writing() as session:
        people = settle_down(session)
        mail = Stationery("mail@network.example", "https://network.example", "secret")
        for number in range(2):
            occasion = Occasion(f"event:{number}", "event claim", people.network.network_id, None, NOW)
            queue_letters(session, mail, occasion, [people.clinician.user_id])
        session.execute(update(Delivery).values(state="dead", last_error="recipient_refused", attempts=1))
        return session.scalars(select(Delivery.id).order_by(Delivery.id)).all()


def run(app, *words):
    return app.test_cli_runner().invoke(args=["deliveries", *words])


def states(database):
    with database.reading() as session:
        return sorted(tuple(row) for row in session.execute(select(Delivery.state, Delivery.attempts)))


def test_dead_letters_are_listed_with_their_reason_and_an_alarm(app, database, given_up):
    told = run(app, "dead")
    assert told.exit_code == 1
    assert [str(each) in told.output for each in given_up] == [True, True]
    assert told.output.count("clinician@lakeside.example  The address does not exist") == 2
    assert run(app, "retry", "--all").output == "2 will be sent again.\n"
    assert states(database) == [("waiting", 0)] * 2
    assert (run(app, "dead").exit_code, run(app, "dead").output) == (0, "No letter was given up.\n")


def test_one_letter_is_sent_again_by_its_id(app, database, given_up):
    assert run(app, "retry", str(given_up[0])).output == "1 will be sent again.\n"
    assert states(database) == [("dead", 1), ("waiting", 0)]
    again = run(app, "retry", str(given_up[0]))
    assert (again.exit_code, states(database)) == (1, [("dead", 1), ("waiting", 0)])


@pytest.mark.parametrize("words", [[], ["--all", "01a214ca-4372-748b-8819-1c4ff6b641b8"], ["x"]])
def test_wrong_use_is_told_apart(app, given_up, words):
    assert run(app, "retry", *words).exit_code == 2
