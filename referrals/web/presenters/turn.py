"""The sentence to read aloud on the phone: where the referral is, who must do what by when, and what follows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from referrals.domain.lifecycle import CONTEST_WITHIN, Status
from referrals.web.presenters.times import Moment, date_words, parse_time


@dataclass(frozen=True)
class Standing:
    """Where a referral stands. `since` is when this status began, `due` when its next action is due."""

    status: str
    since: datetime | str | None = None
    due: datetime | str | None = None
    owner: str = ""
    center: str = ""
    specialist: str = ""
    asked: str = ""


class Sentence(NamedTuple):
    where: str
    must: str
    late: str
    then: str


_ENDED = ("", "", "nothing more is due")
# "You" is the referrer on the phone.
SENTENCES: Mapping[Status, Sentence] = {
    Status.DRAFT: Sentence("Not sent to us yet", "", "", "we see it once you send it"),
    Status.SUBMITTED: Sentence(
        "With us {since}, not yet taken by a coordinator",
        "we must take it by {due}",
        "we should have taken it by {due} and are late",
        "we check it and look for a center",
    ),
    Status.IN_TRIAGE: Sentence(
        "With {owner} {since}",
        "the check must be done by {due}",
        "the check should have been done by {due} and is late",
        "we look for a center",
    ),
    Status.INFORMATION_REQUESTED: Sentence(
        "Waiting for {asked} {since}",
        "the answer must be here by {due}",
        "the answer should have been here by {due} and is late",
        "we go on",
    ),
    Status.READY: Sentence(
        "Checked, and waiting for a center {since}",
        "we must ask one by {due}",
        "we should have asked one by {due} and are late",
        "we tell you which one",
    ),
    Status.OFFERED: Sentence(
        "With {center} {since}",
        "they must answer by {due}",
        "they should have answered by {due} and are late",
        "we phone you",
    ),
    Status.ACCEPTED: Sentence(
        "Accepted by {center} {on}",
        "their specialist must start by {due}",
        "their specialist should have started by {due} and is late",
        "they write the opinion",
    ),
    Status.IN_REVIEW: Sentence(
        "With {specialist} {since}",
        "the opinion must be signed by {due}",
        "the opinion should have been signed by {due} and is late",
        "it comes to you",
    ),
    Status.OPINION_ISSUED: Sentence(
        "The opinion came to you {on}",
        "you must read it and note your plan by {due}",
        "you should have read it by {due} and are late",
        "we ask what came of it",
    ),
    Status.ACKNOWLEDGED: Sentence(
        "You read the opinion {on}",
        "the outcome must be noted by {due}",
        "the outcome should have been noted by {due} and is late",
        "nothing more is due",
    ),
    Status.CLOSED: Sentence("Closed {since}", *_ENDED),
    Status.DECLINED: Sentence("Declined {on}", *_ENDED),
    Status.WITHDRAWN: Sentence("Withdrawn {on}", *_ENDED),
    Status.CANCELLED: Sentence("Canceled {on}", *_ENDED),
    Status.ENTERED_IN_ERROR: Sentence("Marked as a mistake {on}", *_ENDED),
}


def read_aloud(standing: Standing, moment: Moment) -> str:
    """ "With Summit since Tuesday; they must answer by 16:00 today; then we phone you." """
    sentence = SENTENCES[Status(standing.status)]
    where = " ".join(sentence.where.format(**_names(standing, moment)).split()).replace(" ,", ",")
    duty = _duty(sentence, standing.due, moment)
    if until := contest_until(standing.status, standing.since):
        return f"{where}; {contest_words(until, moment)}."
    return "; ".join([where, duty, f"then {sentence.then}"] if duty else [where, sentence.then]) + "."


def contest_until(status: str, since: datetime | str | None) -> datetime | None:
    """The last moment at which a decline can be contested, past or not."""
    return parse_time(since) + CONTEST_WITHIN if status == Status.DECLINED and since else None


def may_contest(status: str, since: datetime | str | None, moment: Moment) -> bool:
    until = contest_until(status, since)
    return until is not None and moment.now <= until


def contest_words(until: datetime, moment: Moment) -> str:
    if moment.now > until:
        return "nothing more is due"
    return f"you can contest this until {date_words(moment.local(until).date())}"


def _names(standing: Standing, moment: Moment) -> dict[str, str]:
    center = standing.center or "the center"
    since = standing.since
    return {
        "since": moment.since(since) if since else "",
        "on": moment.on(since) if since else "",
        "owner": standing.owner or "a coordinator",
        "center": center,
        "specialist": f"{standing.specialist} at {center}" if standing.specialist else center,
        "asked": standing.asked or "your answer",
    }


def _duty(sentence: Sentence, due: datetime | str | None, moment: Moment) -> str:
    if due is None:
        return sentence.must.removesuffix(" by {due}")
    late = parse_time(due) < moment.now
    return (sentence.late if late else sentence.must).format(due=moment.at(due))
