"""The rules in force for one network: its active policy and its working days."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from referrals.domain.calendar import WorkingCalendar
from referrals.domain.policy import Policy as PolicyDocument, parse_policy
from referrals.knowledge.code_files import SITE_HISTOLOGY
from referrals.knowledge.icdo3 import SiteHistology
from referrals.models.assessment import Policy
from referrals.models.door import CodeTable, LoadedCode
from referrals.models.organization import Network


@dataclass(frozen=True, slots=True)
class Rules:
    policy: PolicyDocument
    calendar: WorkingCalendar
    site_histology: SiteHistology | None = None

    @property
    def zone(self) -> str:
        return self.calendar.zone


def rules_of(session: Session, network_id: UUID) -> Rules:
    """One small statement; the document itself is read and checked once a process for each version."""
    found = session.connection().execute(_IN_FORCE, {"network_id": network_id})
    zone, holidays, policy_id, table_id = found.one()
    pairs = _site_histology(session, table_id) if table_id else None
    return Rules(_document(session, policy_id), _calendar(zone, tuple(holidays)), pairs)


def policy_version(session: Session, network_id: UUID, version: str) -> PolicyDocument | None:
    """Any version that the network keeps, whatever its status."""
    query = select(Policy.id).where(Policy.network_id == network_id, Policy.version == version)
    policy_id = session.scalar(query)
    return None if policy_id is None else _document(session, policy_id)


# Which morphology is known at which site, where somebody has loaded such a table: the newest counts.
_NEWEST_PAIRS = (
    select(CodeTable.id)
    .where(CodeTable.system == SITE_HISTOLOGY)
    .order_by(CodeTable.loaded_at.desc(), CodeTable.id.desc())
    .limit(1)
    .scalar_subquery()
)

_IN_FORCE = (
    select(Network.zone, Network.holidays, Policy.id, _NEWEST_PAIRS)
    .join(Policy, Policy.network_id == Network.id)
    .where(Network.id == bindparam("network_id"), Policy.status == "active")
)

_documents: dict[UUID, PolicyDocument] = {}
_tables: dict[UUID, SiteHistology] = {}


def _site_histology(session: Session, table_id: UUID) -> SiteHistology:
    if table_id not in _tables:
        rows = session.scalars(select(LoadedCode.extra).where(LoadedCode.table_id == table_id))
        _tables[table_id] = SiteHistology((row["sites"], row["morphology"]) for row in rows)
    return _tables[table_id]


def _document(session: Session, policy_id: UUID) -> PolicyDocument:
    # A document is immutable under its id, so that a process may keep what it has parsed.
    if policy_id not in _documents:
        content = session.scalars(select(Policy.document).where(Policy.id == policy_id)).one()
        _documents[policy_id] = parse_policy(content)
    return _documents[policy_id]


@lru_cache(maxsize=64)
def _calendar(zone: str, holidays: tuple[str, ...]) -> WorkingCalendar:
    return WorkingCalendar(zone, frozenset(date.fromisoformat(day) for day in holidays))
