"""What the page of a referral shows whoever records for a center outside the network."""

from collections.abc import Iterator
from dataclasses import dataclass

from referrals.domain.centers import HOLDING
from referrals.domain.lifecycle import ANSWERED
from referrals.models.organization import Organization
from referrals.models.outside import OutsideOpinion
from referrals.models.trail import Event
from referrals.pathway.opinion_drafts import draft_of
from referrals.pathway.outside_answers import RECORDERS, may_take_back, outside_center
from referrals.pathway.outside_opinions import is_waiting, transcript_of, writers_of
from referrals.pathway.record import Record
from referrals.web import paths
from referrals.web.presenters.notices import Notice
from referrals.web.presenters.outside import record_buttons, sent_back_notice, undo_notice, waiting_notice
from referrals.web.presenters.steps import StepButton
from referrals.web.visit import Visit


@dataclass(frozen=True)
class Recording:
    """Nothing where this person records nothing here."""

    steps: tuple[StepButton, ...] = ()
    notices: tuple[Notice, ...] = ()


def recording(visit: Visit, record: Record, last: Event) -> Recording:
    if not visit.actor.parties & RECORDERS or not record.offers:
        return Recording()
    taken_back = tuple(_may_undo(visit, record, last))
    if record.standing_offer is None or outside_center(visit.session, record.referral.center_id) is None:
        return Recording(notices=taken_back)
    row = transcript_of(visit.session, record.referral)
    waits = is_waiting(row, draft_of(visit.session, record.referral))
    is_begun = row is not None and row.opinion_id is None
    steps = record_buttons(record.referral.status, record.referral.id, is_waiting=waits, is_begun=is_begun)
    return Recording(tuple(steps), (*taken_back, *_of_the_opinion(visit, record, row, waits=waits)))


def _may_undo(visit: Visit, record: Record, last: Event) -> Iterator[Notice]:
    if may_take_back(visit.session, visit.actor, last, visit.now):
        yield undo_notice(_center_of(record).name, record.referral.id)


def _center_of(record: Record) -> Organization:
    held = [seen for seen in record.offers if seen.offer.status in HOLDING]
    return (held or record.offers)[-1].center


def _of_the_opinion(visit: Visit, record: Record, row: OutsideOpinion | None, *, waits: bool) -> Iterator[Notice]:
    if row is None or row.opinion_id is not None:
        return
    if waits:
        may_compare = str(visit.actor.user_id) not in writers_of(row)
        yield waiting_notice(row.recorded_by, record.referral.id, may_compare=may_compare)
    elif row.note:
        part = paths.RECORD_AMENDMENT if record.referral.status in ANSWERED else paths.RECORD_OPINION
        yield sent_back_notice(row.sent_back_by or "", row.note, paths.referral(record.referral.id, part))
