"""What happened since somebody left: a box on the page where they begin, and a page with everything."""

from flask import Blueprint, request
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from referrals.boundary.schemas.fields import uuid_of
from referrals.pathway.notifications import mark_all_read, notifications_of
from referrals.web import paths
from referrals.web.at_the_door import own_path
from referrals.web.pages import Seen, Shown, frame_of, go, notices
from referrals.web.presenters.notifications import IN_THE_BOX, SinceYouLeft, notifications_page, since_you_left
from referrals.web.visit import Visit, act, page

notifications = Blueprint("notifications", __name__)

ENTITY = "notification"


def since(visit: Visit, back: str) -> SinceYouLeft | None:
    """For the pages on which people begin."""
    rows = notifications_of(visit.session, visit.actor, limit=IN_THE_BOX + 1, only_unread=True)
    return since_you_left(rows, visit.moment, back)


@notifications.get(paths.NOTIFICATIONS)
@page
def show(visit: Visit) -> Shown:
    rows = notifications_of(visit.session, visit.actor)
    shown = notifications_page(rows, visit.moment, frame_of(visit.person).home, notices())
    return Shown("notifications.html", shown, Seen(ENTITY, [row.id for row in rows], "list"))


@notifications.post(paths.NOTIFICATIONS)
@act()
def mark(visit: Visit) -> Response:
    newest = uuid_of(request.form.get("newest", ""))
    if newest is None:
        raise BadRequest
    visit.note("mark-read", mark_all_read(visit.session, visit.actor, newest, visit.now), ENTITY)
    return go(own_path(request.form.get("back")), "Marked as read")
