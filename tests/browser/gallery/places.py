"""The capacity board in the gallery: every state of a week, centers that are paused, and one center's form."""

from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

from referrals.domain.centers import Service, weeks_from
from referrals.domain.errors import FieldError
from referrals.domain.people import Kind, Role
from referrals.domain.tumor_family import family_labels
from referrals.pathway.places import Limited, Week
from referrals.web.forms.bind import with_errors
from referrals.web.forms.capacity import capacity_form
from referrals.web.presenters.capacity import CapacityPage, board_filters, center_row, week_heads
from referrals.web.presenters.form_page import Difference, conflict_with
from referrals.web.presenters.frame import frame_for
from tests.browser.gallery.frames import Shown, coordinator
from tests.browser.gallery.people import MOMENT, hours

WEEKS = weeks_from(date(2026, 11, 23), 8)
CHILDREN = (Limited(Service.PEDIATRICS, 3, reserved=1, used=1), Limited(Service.MULTIDISCIPLINARY_TEAM, 1, used=1))
STATES = (
    Week(WEEKS[0], 5, reserved=2, used=1),
    Week(WEEKS[1], 5, reserved=5),
    Week(WEEKS[2], 0, used=1, stated=True, reason="congress in San Antonio"),
    Week(WEEKS[3], 5, used=6),
    Week(WEEKS[4], 10, reserved=2, used=1, limits=CHILDREN),
    Week(WEEKS[5], 0, stated=True),
    Week(WEEKS[6], 0),
    Week(WEEKS[7], 5, stated=True),
)
NAMES = (("Alderney Institute", "Portland, OR"), ("Marienberg University Hospital", "Chicago, IL"), ("Sundholm Cancer Center", ""))  # fmt: skip
REASONS = {WEEKS[3]: ["The only expert for this sarcoma; agreed with Dr Lindgren by phone."]}


def center(number: int) -> Any:
    paused = (
        {"paused_at": None, "paused_because": None, "paused_for": None},
        {"paused_at": hours(-50), "paused_because": "Two offers in a row lapsed without an answer.", "paused_for": "silent"},
        {"paused_at": hours(-2), "paused_because": "Nobody there can answer: no person with a role at the center is active.", "paused_for": "nobody"},
    )[number]  # fmt: skip
    city, _, region = NAMES[number][1].partition(", ")
    return SimpleNamespace(organization_id=f"c{number}", city=city, region=region, version=4, places=5, **paused)


def row(number: int) -> Any:
    weeks = [replace(STATES[(place + number * 3) % 8], week=week) for place, week in enumerate(WEEKS)]
    home = SimpleNamespace(id=f"c{number}", name=NAMES[number][0])
    reasons = {week.week: REASONS[WEEKS[3]] for week in weeks if week.over and week.places}
    return SimpleNamespace(organization=home, center=center(number), weeks=weeks, reasons=reasons)


def board(*numbers: int, is_network: bool = True) -> CapacityPage:
    rows = tuple(center_row(row(number), MOMENT, is_network=is_network, may_end=is_network) for number in numbers)
    return CapacityPage(
        "Places by week", week_heads(WEEKS, WEEKS[0]), rows, "", "/capacity?from=2026-09-28", "/capacity"
    )


def capacity(*numbers: int) -> Shown:
    page = replace(board(*numbers), filters=board_filters("", False, family_labels()), next_href="/capacity")
    return Shown("capacity.html", page, coordinator("/capacity"))


def own_capacity(*errors: FieldError) -> Shown:
    stated = SimpleNamespace(profile=row(0), usual={Service.PEDIATRICS: 3}, weeks=row(0).weeks)
    form = with_errors(capacity_form(stated, "/capacity/c0", "Save these weeks"), errors)
    differences = (Difference("Places in a usual week", "5", "4"),)
    conflict = conflict_with("", MOMENT.on(hours(-1)), differences, "this center")
    page = replace(board(0, is_network=False), title="Places by week: Alderney Institute", form=form, conflict=conflict)
    frame = frame_for("Priya Venkat", Kind.CENTER, [Role.CENTER_COORDINATOR], "Alderney Institute", "/capacity")
    return Shown("capacity.html", page, frame)


CAPACITY_PAGES = {
    "capacity": lambda: capacity(0, 1, 2),
    "capacity-own-errors": lambda: own_capacity(FieldError("/weeks/1/reason", "not_closed", "Only a closed week, one of 0 places, says why.")),
}  # fmt: skip
