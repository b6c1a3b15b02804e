"""Where somebody is signed in, in words by which they know it again."""

from collections.abc import Sequence
from dataclasses import dataclass

from referrals.models.user import UserSession
from referrals.pathway.sign_in import session_key
from referrals.web.presenters.notices import Link, Notice
from referrals.web.presenters.security import BACK
from referrals.web.presenters.times import Moment


@dataclass(frozen=True)
class SessionRow:
    key: str
    browser: str
    place: str
    since: str
    seen: str
    is_current: bool


@dataclass(frozen=True)
class SessionsPage:
    rows: tuple[SessionRow, ...]
    notices: tuple[Notice, ...] = ()
    back: Link = BACK

    @property
    def has_others(self) -> bool:
        return len(self.rows) > 1


def sessions_page(
    found: Sequence[UserSession], own: str, moment: Moment, said: tuple[Notice, ...] = ()
) -> SessionsPage:
    return SessionsPage(tuple(_row(each, own, moment) for each in found), said)


def _row(row: UserSession, own: str, moment: Moment) -> SessionRow:
    return SessionRow(
        key=str(session_key(row)),
        browser=row.browser or "A browser",
        place=f"From {row.address}" if row.address else "",
        since=f"Signed in {moment.on(row.created_at)}",
        seen=f"Last seen {moment.on(row.last_seen_at)}",
        is_current=row.id_hash == own,
    )
