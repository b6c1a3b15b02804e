"""Who looks at the gallery, and what one of its pages is made of."""

from typing import Any, NamedTuple

from referrals.domain.people import Kind, Role
from referrals.web.preferences import Preferences
from referrals.web.presenters.frame import Frame, frame_for
from referrals.web.presenters.notices import Link


class Shown(NamedTuple):
    template: str
    page: Any
    frame: Frame


USUAL, COMPACT = Preferences(), Preferences(density="compact")
PEOPLE = (("u1", "Amara Osei"), ("u2", "Jonas Lind"), ("u3", "Nadia Kowal"))
BACK = Link("Worklist", "/worklist")


def coordinator(current: str, preferences: Preferences = USUAL) -> Frame:
    return frame_for(
        "Nadia Kowal", Kind.NETWORK, [Role.COORDINATOR], "Second Opinion Network", current, preferences, is_demo=True
    )


def clinician(current: str) -> Frame:
    return frame_for("Dr Tomás Rey", Kind.PROVIDER, [Role.CLINICIAN], "Lakeside Hospital", current)


def specialist(current: str) -> Frame:
    return frame_for("Dr Priya Venkat", Kind.CENTER, [Role.SPECIALIST], "Harbor Cancer Center", current)


def administrator(current: str) -> Frame:
    return frame_for("Petra Novak", Kind.NETWORK, [Role.ADMINISTRATOR], "Second Opinion Network", current)
