"""The invariant of what lies locked: a number opens in its own row, and its index finds it."""

from collections.abc import Iterator

from sqlalchemy import select

from referrals.models.patient import NUMBER, PatientIdentifier
from referrals.models.vault import Locked, Vault, vault_of
from referrals.pathway.integrity.finding import Break, Found, Invariant, Look


def numbers_that_are_lost(look: Look) -> Iterator[Break]:
    """Swapped, cut or locked with a key that is gone; or found under a number that it is not."""
    vault = vault_of(look.session)
    columns = (PatientIdentifier.id, PatientIdentifier.network_id, PatientIdentifier.locked, PatientIdentifier.blind)
    for row in look.rows(select(*columns).where(PatientIdentifier.locked.is_not(None))):
        if why := _lost(row, vault):
            yield Break(f"patient_identifier {row.id}", why)


def _lost(row: Found, vault: Vault) -> str | None:
    try:
        number = vault.open(row.locked, NUMBER, row.id).decode()
    except Locked:
        return "does not open with any key that is here"
    return None if row.blind in vault.indexes(row.network_id, number) else "is indexed as another number"


LOCKED = (
    Invariant(
        "locked",
        "A patient's number opens in its own row, and is found by it",
        PatientIdentifier,
        numbers_that_are_lost,
    ),
)
