"""The patient's letter, to print; and the clinician's word that the summary may be read."""

from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, request
from werkzeug.wrappers import Response

from referrals.domain.errors import Refusal
from referrals.domain.letters import Language, Letter, language_of
from referrals.domain.people import Party
from referrals.pathway.letters import Correspondence, NoLetterNow, correspondence, release_summary
from referrals.web import paths
from referrals.web.not_done import not_done
from referrals.web.pages import Seen, Shown, go, notices
from referrals.web.presenters.letter import RELEASE, letter_page, no_letter_page
from referrals.web.tongues import tongue
from referrals.web.visit import Visit, act, page, version_meant

letters = Blueprint("letters", __name__, url_prefix=f"{paths.MY_REFERRALS}/<referral_id>")


@letters.get("/letter")
@page
def show(visit: Visit, referral_id: UUID) -> Shown:
    try:
        told = correspondence(visit.session, visit.actor, referral_id, visit.moment.today)
    except NoLetterNow as refusal:
        return none(refusal, referral_id)
    words = tongue(_language(told), ZoneInfo(visit.rules.zone))
    shown = letter_page(_letter(told), told, words, visit.now, Party.R in visit.actor.parties, notices())
    return Shown("letter.html", shown, Seen("referral", [referral_id], "read-letter"))


def none(refusal: NoLetterNow, referral_id: UUID) -> Shown:
    """It names nobody."""
    return Shown("problem.html", no_letter_page(refusal.why, referral_id), status=409)


def _language(told: Correspondence) -> Language:
    asked = request.args.get("language", "")
    return language_of(asked if asked in list(Language) else told.record.patient.language)


def _letter(told: Correspondence) -> Letter:
    """The newest that may be read, or the one that is asked for."""
    may_be_answer = told.release is not None and request.args.get("letter") != Letter.REQUEST
    return Letter.ANSWER if may_be_answer else Letter.REQUEST


def again(visit: Visit, refusal: Refusal, referral_id: UUID) -> Shown:
    return none(refusal, referral_id) if isinstance(refusal, NoLetterNow) else not_done(visit, refusal, referral_id)


@letters.post(f"/{RELEASE}")
@act(again=again)
def release(visit: Visit, referral_id: UUID) -> Response:
    release_summary(visit.session, visit.actor, referral_id, visit.now, version_meant())
    visit.note(RELEASE, [referral_id])
    return go(paths.letter(referral_id), "Released: the letter tells the answer now")
