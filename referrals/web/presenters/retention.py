"""Legal holds on pages: which stand, who set them and why, and which were lifted."""

from dataclasses import dataclass
from typing import Any

from referrals.web import paths
from referrals.web.presenters.audit import trust_tabs
from referrals.web.presenters.notices import Link, Notice
from referrals.web.presenters.report import Tab
from referrals.web.presenters.times import Moment, Stamp
from referrals.web.words import Look

STANDS, LIFTED = Look("Stands", "warn", "lock"), Look("Lifted", "", "check")
BACK = Link("Legal holds", paths.LEGAL_HOLDS)
EXPLAINS = (
    "While a hold stands, nothing of this patient is erased, whoever asks and however old it is.",
    "Hold and reason are kept for good.",
)


@dataclass(frozen=True)
class HoldRow:
    """`lift_href` is "" where it was lifted, or where the reader may not lift it."""

    reference: str
    referral_href: str
    who: str
    stamp: Stamp
    reason: str
    look: Look
    lifted: str = ""
    lift_href: str = ""


@dataclass(frozen=True)
class HoldsPage:
    rows: tuple[HoldRow, ...]
    first_href: str = ""
    next_href: str = ""
    notices: tuple[Notice, ...] = ()
    new_href: str = ""
    tabs: tuple[Tab, ...] = trust_tabs(paths.LEGAL_HOLDS, is_network=True)


def hold_row(row: Any, moment: Moment, *, may_lift: bool) -> HoldRow:
    hold = row.LegalHold
    stands = hold.lifted_at is None
    return HoldRow(
        row.reference,
        paths.referral(hold.referral_id),
        hold.set_by,
        moment.stamp(hold.set_at),
        hold.reason,
        STANDS if stands else LIFTED,
        "" if stands else f"Lifted by {hold.lifted_by}, {moment.at(hold.lifted_at)}: {hold.lifted_because}",
        paths.legal_hold(hold.id) if stands and may_lift else "",
    )


def lift_title(row: Any) -> str:
    return f"Lift the hold of {row.reference}"


def lift_words(row: Any, moment: Moment) -> tuple[str, ...]:
    hold = row.LegalHold
    return (
        f"Set by {hold.set_by}, {moment.at(hold.set_at)}: {hold.reason}",
        "Once it is lifted, the patient is erased as soon as their time is over.",
    )
