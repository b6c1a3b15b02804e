"""Which centers were asked about a referral, what each said, and what the one that stands must know."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from referrals.domain.centers import OfferStatus
from referrals.web.forms.reasons import OFFER_REASON
from referrals.web.presenters.notices import Notice
from referrals.web.presenters.recorded import recorded_words
from referrals.web.presenters.times import Moment, date_words, parse_date
from referrals.web.words import Look, words_for

OFFER_LOOK: Mapping[str, Look] = {
    OfferStatus.LIVE: Look("Asked", "wait", "clock"),
    OfferStatus.ACCEPTED: Look("Accepted", "ok", "check"),
    OfferStatus.DECLINED: Look("Declined", "bad", "x"),
    OfferStatus.LAPSED: Look("No answer", "bad", "clock"),
    OfferStatus.WITHDRAWN: Look("Taken back", "wait", "x"),
    OfferStatus.RETURNED: Look("Given back", "bad", "x"),
    OfferStatus.RECALLED: Look("Recalled", "bad", "x"),
}


@dataclass(frozen=True)
class OfferRow:
    center: str
    look: Look
    when: str
    said: tuple[str, ...]


def offer_rows(offers: Iterable[Mapping[str, Any]], moment: Moment) -> tuple[OfferRow, ...]:
    """Newest first."""
    return tuple(
        OfferRow(offer["center"]["name"], OFFER_LOOK[offer["status"]], _when(offer, moment), tuple(_said(offer)))
        for offer in reversed(list(offers))
    )


def _when(offer: Mapping[str, Any], moment: Moment) -> str:
    if offer["status"] == OfferStatus.LIVE:
        return f"Asked {moment.at(offer['offered_at'])}, answer by {moment.at(offer['respond_by'])}"
    ended = offer["answered_at"] or offer["ended_at"]
    return f"Asked {moment.at(offer['offered_at'])}, {moment.at(ended)}" if ended else ""


def _said(offer: Mapping[str, Any]) -> Iterator[str]:
    if offer["expected_on"]:
        yield f"Answer expected {date_words(parse_date(offer['expected_on']))}"
    if offer["reason"]:
        yield words_for(OFFER_REASON, offer["reason"])
    told = (offer["text"], recorded_words(offer.get("recorded")), offer["because"])
    yield from (text for text in told if text)


def offer_notice(offer: Mapping[str, Any], is_center: bool, moment: Moment) -> Iterator[Notice]:
    if is_center and offer["status"] == OfferStatus.LIVE:
        title = f"The network asks your center: answer by {moment.at(offer['respond_by'])}"
        yield Notice("info", title, " ".join(offer["findings"]))
    if offer["reconfirm"]:
        who = "Look again whether it still fits you" if is_center else "The center has still to confirm it"
        yield Notice("warn", f"The facts have changed since. {who}", ". ".join(offer["reconfirm"]))
