"""What the person who is signed in has to do."""

from uuid import UUID

from flask import Blueprint
from werkzeug.wrappers import Response

from referrals.pathway.tasks import finish_task, tasks_of
from referrals.web import paths
from referrals.web.away import away_notice
from referrals.web.pages import Seen, Shown, frame_of, go, notices
from referrals.web.presenters.work import tasks_page
from referrals.web.visit import Visit, act, page

tasks = Blueprint("tasks", __name__)


@tasks.get(paths.TASKS)
@page
def my_tasks(visit: Visit) -> Shown:
    me = visit.person.user
    rows = tasks_of(visit.session, visit.actor, visit.moment.today)
    said = (*notices(), *away_notice(visit, me))
    shown = tasks_page(rows, me, visit.moment, frame_of(visit.person).home, said)
    return Shown("tasks.html", shown, Seen("task", [row.Task.id for row in rows], "list"))


@tasks.post(f"{paths.TASKS}/<task_id>")
@act()
def done(visit: Visit, task_id: UUID) -> Response:
    finish_task(visit.session, visit.actor, task_id, visit.now, visit.moment.today)
    visit.note("done", [task_id], "task")
    return go(paths.TASKS, "Noted: done")
