"""What the service may do to its tables on PostgreSQL, where it runs as a role that owns none of them."""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from sqlalchemy.dialects import postgresql

READ, ADD, CHANGE, DROP = "SELECT", "INSERT", "UPDATE", "DELETE"
USUAL = (READ, ADD, CHANGE, DROP)
VERSIONS = "alembic_version"

# What is only ever added to; and what may be dropped, or reviewed, but not rewritten.
LESS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        **dict.fromkeys(("receipt", "receipt_seen", "assessment", "certificate"), (READ, ADD)),
        **dict.fromkeys(("audit_entry", "audit_seal", "audit_subject", "audit_checkpoint"), (READ, ADD)),
        "event": (READ, ADD, DROP),
        "break_glass": (READ, ADD, CHANGE),
        "legal_hold": (READ, ADD, CHANGE),
        VERSIONS: (READ,),
    }
)

# What erasing a patient takes out of rows that nobody may change otherwise; a trigger holds it to that.
ERASABLE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"receipt": ("external_reference",), "assessment": ("judgement", "changes"), "event": ("note", "data")}
)


def statements(role: str, database: str, tables: Iterable[str]) -> Iterator[str]:
    """Deny first, then grant table by table: a table that this list does not know is out of reach."""
    quote = postgresql.dialect().identifier_preparer.quote  # type: ignore[no-untyped-call]  # the library says no types here
    name = quote(role)
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {name}, PUBLIC"
    yield f"REVOKE CREATE ON SCHEMA public FROM {name}, PUBLIC"
    yield f"GRANT CONNECT ON DATABASE {quote(database)} TO {name}"
    yield f"GRANT USAGE ON SCHEMA public TO {name}"
    yield f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {name}"
    for table in (*sorted(tables), VERSIONS):
        yield f"GRANT {', '.join(LESS.get(table, USUAL))} ON {quote(table)} TO {name}"
    for table, columns in ERASABLE.items():
        yield f"GRANT {CHANGE} ({', '.join(columns)}) ON {quote(table)} TO {name}"
