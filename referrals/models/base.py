"""What every row has in common: the declarative base, its column types and its constraint names."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID, SafeUUID

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    MetaData,
    String,
    Text,
    TypeDecorator,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column
from uuid6 import uuid7

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UTCDateTime(TypeDecorator[datetime]):
    """An instant. A naive time is refused on the way in; the zone is attached on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time needs a time zone")
        return value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:
        """Straight from the driver: a page of a list reads some hundred times."""
        return _read_text if dialect.name == "sqlite" else _read_time


def _read_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(f"{value}+00:00")


def _read_time(value: datetime | None) -> datetime | None:
    return value if value is None or value.tzinfo is UTC else value.astimezone(UTC)


class Identifier(Uuid[UUID]):
    """A UUID. Where the database keeps it as 32 digits it is read in a third of the time that `UUID(text)` takes."""

    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], UUID | None] | None:
        is_text = not (dialect.supports_native_uuid and self.native_uuid)
        return _read_digits if is_text else None


def _read_digits(value: str | None) -> UUID | None:
    if value is None:
        return None
    found = _new_object(UUID)
    _set_attribute(found, "int", int(value, 16))
    _set_attribute(found, "is_safe", _UNKNOWN)
    return found


_new_object, _set_attribute, _UNKNOWN = object.__new__, object.__setattr__, SafeUUID.unknown


# Words are compared byte by byte, so that a range over a prefix uses the index in any locale.
Word = String(200).with_variant(String(200, collation="C"), "postgresql")
Document = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")

Key = Annotated[UUID, mapped_column(primary_key=True, default=uuid7)]
Code = Annotated[str, mapped_column(String(40))]
Name = Annotated[str, mapped_column(String(200))]
Words = Annotated[str, mapped_column(Text)]


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {
        datetime: UTCDateTime(),
        date: Date(),
        UUID: Identifier(),
        dict[str, Any]: Document,
        list[Any]: Document,
    }


def new_id() -> UUID:
    """A UUID of version 7: ordered by creation, so that rows land at the end of their index."""
    return UUID(bytes=uuid7().bytes)


def one_of(column: str, values: type[StrEnum] | Iterable[str]) -> CheckConstraint:
    """A check that `column` holds one of these words, or nothing."""
    words = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({words})", name=f"{column}_known")


def to(table: str, **options: Any) -> Any:
    """A foreign key to the `id` of `table`."""
    return mapped_column(ForeignKey(f"{table}.id"), **options)
