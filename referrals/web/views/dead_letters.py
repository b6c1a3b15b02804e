"""Letters that were given up, for an administrator: what went wrong, and a button to try again."""

from uuid import UUID

from flask import Blueprint
from werkzeug.wrappers import Response

from referrals.pathway.deliveries import dead_letters as found_dead, refuse_other_than_administrator, send_again
from referrals.web import paths
from referrals.web.pages import Seen, Shown, go, notices
from referrals.web.presenters.work import dead_letters_page
from referrals.web.views.account import is_mail_on
from referrals.web.visit import Visit, act, page
from referrals.web.words import counted

dead_letters = Blueprint("dead_letters", __name__)


@dead_letters.get(paths.DEAD_LETTERS)
@page
def given_up(visit: Visit) -> Shown:
    refuse_other_than_administrator(visit.actor)
    rows = found_dead(visit.session, visit.actor.network_id)
    shown = dead_letters_page(rows, visit.moment, is_mail_on(), notices())
    return Shown("dead_letters.html", shown, Seen("delivery", [row.Delivery.id for row in rows], "list"))


@dead_letters.post(paths.DEAD_LETTERS)
@act()
def all_again(visit: Visit) -> Response:
    return _again(visit)


@dead_letters.post(f"{paths.DEAD_LETTERS}/<delivery_id>")
@act()
def one_again(visit: Visit, delivery_id: UUID) -> Response:
    return _again(visit, delivery_id)


def _again(visit: Visit, delivery_id: UUID | None = None) -> Response:
    refuse_other_than_administrator(visit.actor)
    sent = send_again(visit.session, visit.now, network_id=visit.actor.network_id, delivery_id=delivery_id)
    visit.note("retry", sent, "delivery")
    return go(paths.DEAD_LETTERS, f"{counted(len(sent), 'letter')} will be sent again")
