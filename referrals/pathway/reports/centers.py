"""Reads the record of every center side by side: four statements, however many centers there are."""

from sqlalchemy import select

from referrals.domain.people import Kind
from referrals.domain.reports import centers as figures
from referrals.domain.reports.centers import Known
from referrals.domain.small_numbers import TOTAL
from referrals.models.organization import Organization
from referrals.pathway.center_record import Within, records_of
from referrals.pathway.reports.ask import Ask, Told
from referrals.pathway.reports.scope import offers


def centers(ask: Ask) -> Told:
    query = select(Organization.id, Organization.code, Organization.name).where(
        Organization.network_id == ask.actor.network_id, Organization.kind == Kind.CENTER
    )
    if ask.actor.kind is Kind.CENTER:
        query = query.where(Organization.id == ask.actor.organization_id)
    known = ask.session.execute(query).all()
    within = Within(ask.period.since, ask.period.before, offers(ask.actor))
    records = records_of(ask.session, [row.id for row in known], within)
    return Told(figures.parts([Known(row.code, row.name, records[row.id][TOTAL]) for row in known]))
