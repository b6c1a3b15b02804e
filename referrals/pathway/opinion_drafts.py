"""An opinion while it is written: one draft a referral, shared by all who write it, never over a colleague's unseen."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from referrals.domain.errors import Stale
from referrals.models.opinion import OpinionDraft
from referrals.models.referral import Referral
from referrals.models.user import User
from referrals.pathway.opinions import latest_opinion
from referrals.pathway.steps import Act


def draft_of(session: Session, referral: Referral) -> OpinionDraft | None:
    return session.get(OpinionDraft, referral.id)


def save_draft(act: Act, referral: Referral, content: Mapping[str, Any], meant: int) -> OpinionDraft:
    """Keep what was typed. `meant` is the version that the writer has seen, 0 where there was none."""
    author = act.session.get_one(User, act.actor.user_id)
    draft = draft_of(act.session, referral)
    if (draft.version if draft else 0) != meant:
        raise Stale
    if draft is None:
        draft = OpinionDraft(referral_id=referral.id, network_id=referral.network_id, version=0)
        act.session.add(draft)
    draft.content = dict(content)
    draft.version += 1
    draft.saved_by_id, draft.saved_by_name = author.id, author.name
    draft.saved_at = act.now
    act.session.flush()
    return draft


def begun_from(session: Session, referral: Referral) -> dict[str, Any]:
    """What stands in the editor at first: the opinion that is amended, or nothing."""
    opinion = latest_opinion(session, referral)
    if opinion is None:
        return {}
    content = opinion.content
    kept = ("short_answer", "plain_summary", "dissent")
    return {name: content[name] for name in kept if content[name]} | {
        "answers": [{"text": each["text"]} for each in content["answers"]],
        "findings": [_without(each, "axis") for each in content["findings"]],
        "recommendations": [_without(each, "id") for each in content["recommendations"]],
    }


def _without(part: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in part.items() if key != name and value is not None}
