"""A referral that has been about: where its days went."""

from dataclasses import replace
from datetime import timedelta

from referrals.domain.deadlines import Segment
from referrals.domain.elapsed import Spent
from referrals.domain.vocabulary import WaitingOn
from referrals.pathway.elapsed import Elapsed, Target
from referrals.web.presenters.elapsed import where_days_went
from tests.browser.gallery.frames import Shown


def spent(days: float, working: float) -> Spent:
    return Spent(timedelta(days=days), working)


def with_days(shown: Shown) -> Shown:
    parties = {
        WaitingOn.COORDINATOR: spent(7.3, 4.2),
        WaitingOn.THIRD_PARTY: spent(2.1, 2.1),
        WaitingOn.REFERRER: spent(0.4, 0.4),
        WaitingOn.CENTER: spent(9.6, 7.1),
        None: spent(0.8, 0.8),
    }
    segments = {
        Segment.TRIAGE: (Target(1, True), spent(1.3, 1.0)),
        Segment.OFFER: (Target(2, False), spent(1.6, 1.6)),
        Segment.REVIEW: (Target(5, False), spent(8.0, 6.2)),
    }
    return shown._replace(page=replace(shown.page, went=where_days_went(Elapsed(parties, segments))))
