"""Whether a list that is kept as a document holds a word, in the same words on both databases."""

from typing import Any

from sqlalchemy import ColumnElement, Text, cast, func


def holds(column: Any, word: str, *, or_begins: bool = False) -> ColumnElement[bool]:
    """`or_begins`: a language without its region finds those with one: "pt" finds "pt-BR" too."""
    text = func.lower(cast(column, Text))
    found = text.contains(f'"{word.lower()}"', autoescape=True)
    return found | text.contains(f'"{word.lower()}-', autoescape=True) if or_begins else found
