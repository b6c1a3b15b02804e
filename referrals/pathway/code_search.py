"""Finds codes: in the tables that are shipped, and in the newest of each system that was loaded."""

from collections.abc import Callable, Mapping
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from referrals.domain.errors import NotFound
from referrals.knowledge import icd10cm, icdo3
from referrals.knowledge.code_table import Code, CodeTable
from referrals.knowledge.wording import wording
from referrals.models.door import CodeTable as LoadedTable, LoadedCode

# The rules read this one, so that no loaded table may stand before it, and no statement is spent on it.
FIXED: Mapping[str, Callable[[], CodeTable]] = {"icd10cm": icd10cm.table}
SHIPPED: Mapping[str, Callable[[], CodeTable]] = {
    "icdo3-topography": icdo3.topographies,
    "icdo3-morphology": icdo3.morphologies,
}

_read: dict[str, tuple[UUID, CodeTable]] = {}


def find_codes(session: Session, system: str, query: str, limit: int) -> list[Code]:
    """Best first. `NotFound` where the system is neither shipped nor loaded."""
    return _table(session, system).search(query, limit)


def _table(session: Session, system: str) -> CodeTable:
    if system in FIXED:
        return FIXED[system]()
    newest = session.scalar(
        select(LoadedTable.id)
        .where(LoadedTable.system == system)
        .order_by(LoadedTable.loaded_at.desc(), LoadedTable.id.desc())
        .limit(1)
    )
    if newest is not None:
        return _loaded(session, system, newest)
    if system not in SHIPPED:
        raise NotFound
    return SHIPPED[system]()


def _loaded(session: Session, system: str, table_id: UUID) -> CodeTable:
    """A loaded table never changes under its id, so that a process may keep the newest of each system."""
    kept = _read.get(system)
    if kept is None or kept[0] != table_id:
        rows = session.execute(
            select(LoadedCode.code, LoadedCode.display, LoadedCode.extra).where(LoadedCode.table_id == table_id)
        )
        codes = (Code(code, display, _is_billable(extra)) for code, display, extra in rows)
        table = CodeTable.of(codes, wording(system))
        kept = _read[system] = (table_id, table)
    return kept[1]


def _is_billable(extra: Mapping[str, str]) -> bool:
    return str(extra.get("billable", "Y")).strip().lower() not in {"n", "no", "0", "false"}
