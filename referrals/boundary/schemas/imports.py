"""What imports and exports may be asked."""

from typing import Any

from referrals.boundary import strict_json
from referrals.boundary.schemas.fields import Body, Flag, Instant, Text, Word, Words, words_of
from referrals.boundary.schemas.queries import OneOrMore, Page
from referrals.boundary.schemas.worklist import GROUPS
from referrals.domain.errors import Refusal
from referrals.domain.imports import LONGEST_COLUMN_NAME, MOST_COLUMNS, LineOutcome
from referrals.domain.lifecycle import Status

LONGEST_MAP = 64 << 10


class OwnColumns(Words):
    """A JSON object: the names of the sender's own columns, each with the member that it means, or null."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            named = strict_json.read_object(text.encode())
        except Refusal:
            named = None
        if named is None or len(named) > MOST_COLUMNS or not all(map(_is_meant, named, named.values())):
            raise self.fault("invalid_columns", "This must be a JSON object of column names and JSON Pointers or null.")
        return named


def _is_meant(name: str, pointer: Any) -> bool:
    return len(name) <= LONGEST_COLUMN_NAME and (
        pointer is None or (isinstance(pointer, str) and pointer.startswith("/"))
    )


class NewImport(Body):
    columns = OwnColumns(
        LONGEST_MAP,
        metadata={
            "description": 'Of a CSV file with names of its own: {"Surname": "/patient/family_name", "Ward": null}.'
        },
    )


class CallOff(Body):
    note = Text(metadata={"description": "Why; it stands in the answer."})


class ExportAsked(Body):
    status = OneOrMore(Word([*GROUPS, *Status]), metadata={"description": "`all` where not said."})
    updated_after = Instant(metadata={"description": "Changed after this time."})
    as_sent = Flag(metadata={"description": "Only what `POST /referrals` takes, to be imported elsewhere."})


class ReceiptsAsked(Page):
    outcome = words_of(LineOutcome, metadata={"description": "Only lines of this outcome."})
