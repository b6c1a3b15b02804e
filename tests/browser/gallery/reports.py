"""Reports: a center with a record, a network with gaps and one that has a place for everybody."""

from datetime import timedelta
from uuid import UUID

from referrals.domain.center_record import Answered, Ended, Signed, record_of
from referrals.domain.centers import OfferStatus
from referrals.domain.network_gap import Waits, gaps_in, headline, waited_long
from referrals.domain.vocabulary import DeclineOfferReason, Tier
from referrals.pathway.gaps import Report
from referrals.web.presenters.center_record import RecordPanel, record_panel
from referrals.web.presenters.network_gap import network_gap_page
from tests.browser.gallery.frames import Shown, coordinator
from tests.browser.gallery.people import FAMILIES, MOMENT, NOW

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ENDS = (
    ("breast", OfferStatus.ACCEPTED, None, 41),
    ("breast", OfferStatus.DECLINED, DeclineOfferReason.CAPACITY, 9),
    ("breast", OfferStatus.LAPSED, None, 6),
    ("sarcoma", OfferStatus.ACCEPTED, None, 12),
    ("sarcoma", OfferStatus.DECLINED, DeclineOfferReason.EXPERTISE, 3),
    ("sarcoma", OfferStatus.DECLINED, DeclineOfferReason.INCOMPLETE, 2),
    ("thoracic", OfferStatus.WITHDRAWN, None, 7),
)


def record() -> RecordPanel:
    took = range(40)
    found = record_of(
        [Ended(*each) for each in ENDS],
        [Answered("breast", each * HOUR) for each in took],
        [Signed("breast", Tier.P3, each * DAY / 2, each > 30) for each in took],
    )
    return record_panel(found, MOMENT)


def waits(number: int, family: str, days: float, *, child: bool = False, **against: int) -> Waits:
    region = "Minnesota" if number % 2 else None
    label, since = FAMILIES[family], NOW - days * DAY
    reference = f"SO-26-{4711 + number:07d}-K"
    return Waits(UUID(int=number), reference, "ready", family, label, region, child, since, against or None)


def network_gap(*waiting: Waits, **prices: int) -> Shown:
    centers = [(UUID(int=9), "Harbor Comprehensive Cancer Center"), (UUID(int=8), "Summit Cancer Center")]
    found = Report(
        NOW, headline(waiting, NOW), len(waiting), True, gaps_in(waiting), waited_long(waiting, NOW), prices, centers
    )
    return Shown("network_gap.html", network_gap_page(found, MOMENT), coordinator("/reports/network-gap"))


STUCK = (
    waits(1, "sarcoma", 6.3, child=True, age=61, expertise=40, place_is_left=3),
    waits(3, "sarcoma", 2, child=True, age=61, expertise=38),
    waits(2, "sarcoma", 4.1, expertise=66, answered_before=2),
    waits(4, "thoracic", 0.4, place_is_left=52, center_is_active=7),
    waits(5, "breast", 9),
)
REPORT_PAGES = {
    "network-gap": lambda: network_gap(*STUCK, sarcoma=430),
    "network-gap-none": network_gap,
}
