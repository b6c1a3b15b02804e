"""Counts what opinions found, in one statement."""

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from referrals.domain.reports import concordance as figures
from referrals.domain.reports.concordance import Judged
from referrals.models.opinion import Finding, Opinion
from referrals.models.referral import Referral
from referrals.pathway.reports.ask import Ask, Told
from referrals.pathway.reports.scope import reported


def concordance(ask: Ask) -> Told:
    later = aliased(Opinion)
    amended = select(later.id).where(later.referral_id == Opinion.referral_id, later.version > Opinion.version)
    query = (
        select(Referral.tumor_family, Finding.axis, Finding.result, Finding.impact, func.count().label("opinions"))
        .join(Opinion, Opinion.id == Finding.opinion_id)
        .join(Referral, Referral.id == Opinion.referral_id)
        .where(reported(ask.actor), ask.within(Opinion.signed_at), ~amended.exists())
        .group_by(Referral.tumor_family, Finding.axis, Finding.result, Finding.impact)
    )
    return Told(figures.parts([Judged(*row) for row in ask.session.execute(query)]))
