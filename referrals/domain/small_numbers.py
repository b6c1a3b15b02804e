"""Small numbers are hidden, and with them every number from which they could be worked out.

A table is rows and columns of counts that add up to the totals at its edges. Whoever knows all but one number of a
row or column knows that one, too; and through rows and columns together whatever joins two parts of the hidden
numbers as their only link. So further numbers are hidden, the smallest first, until nothing follows any more. A
zero speaks of nobody and is shown.
"""

from collections.abc import Iterator, Mapping, Sequence

FEWEST_SHOWN = 5
TOTAL = "total"

Cell = tuple[str, str]
Counts = Mapping[str, Mapping[str, int]]
Shown = Mapping[str, Mapping[str, int | None]]


def is_small(count: int) -> bool:
    return 0 < count < FEWEST_SHOWN


def without_small(counts: Counts, columns: Sequence[str]) -> Shown:
    """The table with its totals, by row and column; None where a number is not shown."""
    table = _with_totals(counts, columns)
    hidden = {cell for cell, count in table.items() if is_small(count)}
    while (more := _next_hidden(table, hidden)) is not None:
        hidden.add(more)
    rows = (*counts, TOTAL)
    return {
        row: {name: None if (row, name) in hidden else table[row, name] for name in (*columns, TOTAL)} for row in rows
    }


def _with_totals(counts: Counts, columns: Sequence[str]) -> dict[Cell, int]:
    table = {(row, name): counts[row].get(name, 0) for row in counts for name in columns}
    for name in columns:
        table[TOTAL, name] = sum(table[row, name] for row in counts)
    for row in (*counts, TOTAL):
        table[row, TOTAL] = sum(table[row, name] for name in columns)
    return table


def _next_hidden(table: Mapping[Cell, int], hidden: set[Cell]) -> Cell | None:
    """The smallest number whose hiding protects what could still be worked out; None where nothing can."""
    for cell in sorted(hidden):
        for line in _lines(table, cell):
            if _tells(table, hidden, line, cell) and (found := _smallest_shown(table, hidden, line)):
                return found
    for cell in sorted(hidden):
        if _is_only_link(hidden, cell) and (found := _smallest_shown(table, hidden, table)):
            return found
    return None


def _lines(table: Mapping[Cell, int], cell: Cell) -> Iterator[list[Cell]]:
    for side in (0, 1):
        yield [other for other in table if other[side] == cell[side]]


def _tells(table: Mapping[Cell, int], hidden: set[Cell], line: Sequence[Cell], cell: Cell) -> bool:
    """Whether a row or column gives away its one hidden number, or that its hidden parts are few together."""
    within = [other for other in line if other in hidden]
    across = 1 if len({other[0] for other in line}) == 1 else 0
    has_total = any(other[across] == TOTAL for other in within)
    return len(within) == 1 or (not has_total and sum(table[other] for other in within) < FEWEST_SHOWN)


def _smallest_shown(
    table: Mapping[Cell, int], hidden: set[Cell], among: Sequence[Cell] | Mapping[Cell, int]
) -> Cell | None:
    shown = [(table[cell], cell) for cell in among if table[cell] and cell not in hidden]
    return min(shown)[1] if shown else None


def _is_only_link(hidden: set[Cell], cell: Cell) -> bool:
    """Rows and columns as places, hidden numbers as roads: the only road between two parts can be worked out."""
    reached, waiting = {(0, cell[0])}, [(0, cell[0])]
    while waiting:
        side, name = waiting.pop()
        roads = (other for other in hidden if other != cell and other[side] == name)
        for place in {(1 - side, other[1 - side]) for other in roads} - reached:
            reached.add(place)
            waiting.append(place)
    return (1, cell[1]) not in reached
