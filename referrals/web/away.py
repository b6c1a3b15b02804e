"""Who is away until when, and who covers, as pages say it of the person whose something is."""

from collections.abc import Iterator

from referrals.models.user import User
from referrals.web.presenters.accounts import away_of, is_away_now
from referrals.web.presenters.notices import Notice
from referrals.web.visit import Visit


def away_notice(visit: Visit, user: User) -> Iterator[Notice]:
    """Nothing of who is here today."""
    if is_away_now(user, visit.moment.today):
        cover = visit.session.get(User, user.covered_by_id) if user.covered_by_id else None
        yield Notice("info", away_of(user, cover.name if cover else "", visit.moment.today))
