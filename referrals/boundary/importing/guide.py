"""The list of columns as people read it, made from the columns themselves."""

from collections.abc import Iterator

from referrals.boundary.importing.columns import NUMBER, Column, columns


def rows() -> Iterator[tuple[str, str, str]]:
    """Name, what it becomes, what may stand in it; `N` is the number of an item."""
    for column in columns().values():
        yield column.name.replace(NUMBER, "N"), column.pointer.replace(NUMBER, "N-1"), form_of(column)


def form_of(column: Column) -> str:
    return f"{column.form} (N from 1 to {column.most})" if NUMBER in column.name else column.form


def as_markdown() -> str:
    lines = (f"| `{name}` | `{pointer}` | {form} |" for name, pointer, form in rows())
    return "\n".join(("| column | becomes | what may stand in it |", "|---|---|---|", *lines))
