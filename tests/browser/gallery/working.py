"""What somebody has to do, and letters that were given up."""

from datetime import date
from types import SimpleNamespace
from typing import Any

from referrals.domain.tasks import TASKS, TaskKind
from referrals.web.presenters import work
from tests.browser.gallery.frames import Shown, administrator, coordinator
from tests.browser.gallery.people import ILSE, MOMENT, hours

ME: Any = SimpleNamespace(id="u1", name="Nadia Kowal")
AWAY: Any = SimpleNamespace(id="u2", name="Jonas Lind", away_from=date(2026, 11, 20), away_to=date(2026, 12, 3))


def tasks(*due: int) -> Shown:
    kinds = (TaskKind.PHONE_REFERRER, TaskKind.CHASE_CENTER, TaskKind.CENTER_SILENT)
    rows = [
        (
            SimpleNamespace(
                id=kind,
                words=TASKS[kind].words,
                due_at=hours(at),
                created_at=hours(at - 30),
                referral_id=None if kind == TaskKind.CENTER_SILENT else ILSE,
                center_id="c1",
            ),
            None if kind == TaskKind.CENTER_SILENT else "SO-26-0004711-K",
            AWAY if kind == TaskKind.CHASE_CENTER else ME,
        )
        for kind, at in zip(kinds, due, strict=False)
    ]
    return Shown("tasks.html", work.tasks_page(rows, ME, MOMENT, "/worklist"), coordinator("/tasks"))


def dead_letters(*faults: str, is_mail_on: bool = True) -> Shown:
    rows = [
        SimpleNamespace(
            Delivery=SimpleNamespace(
                id=fault,
                topic="reminder due_passed opinion_issued",
                last_error=fault,
                attempts=15,
                created_at=hours(-40),
            ),
            recipient="Dr Tomás Rey",
            email="tomas.rey.of.the.department.of.oncology@lakeside-hospital.example",
            reference="SO-26-0004711-K",
        )
        for fault in faults
    ]
    page = work.dead_letters_page(rows, MOMENT, is_mail_on)
    return Shown("dead_letters.html", page, administrator("/admin/deliveries"))
