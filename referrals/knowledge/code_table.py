"""One table of codes: looked up by code, searched by words or code, kept as one text so that 98,000 codes cost 8 MB."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from heapq import merge

from referrals.knowledge.wording import Term, Wording, fold


@dataclass(frozen=True, slots=True)
class Code:
    """`billable` is False for a category that has more specific codes below it."""

    code: str
    display: str
    billable: bool = True

    def to_json(self) -> dict[str, str | bool]:
        return {"code": self.code, "display": self.display, "billable": self.billable}


# The length of the codes that stand over all others, such as C25.
CATEGORY = 3

Rank = tuple[int, bool, int, bool, int, str]

# Beyond so many hits for one answer the words say too little to be ranked fairly.
_ENOUGH = 2000


class CodeTable:
    """`text` is a line end, then one line a code, sorted by code: code, tab, "+" for a parent, tab, title.

    `first`: stretches of codes, each from a code up to another, that answer a search by words before all others.
    `wording`: what people say for the words of its titles.
    """

    def __init__(self, text: str, *, first: tuple[tuple[str, str], ...] = (), wording: Wording | None = None) -> None:
        self._text = text
        self._first = first
        self._wording = wording or Wording()
        self.lookup = lru_cache(maxsize=4096)(self._read)
        self._answer = lru_cache(maxsize=256)(self._find)

    @classmethod
    def of(cls, codes: Iterable[Code], wording: Wording | None = None) -> "CodeTable":
        by_code = {code.code: code for code in codes}
        return cls("".join(["\n", *(_line(by_code[code]) for code in sorted(by_code))]), wording=wording)

    def __iter__(self) -> Iterator[Code]:
        return map(_code, self._text.split("\n")[1:-1])

    def __len__(self) -> int:
        return self._text.count("\n") - 1

    def search(self, query: str, limit: int) -> list[Code]:
        """Best first: the code itself, codes that begin so, then titles that say all of it, in any order.

        Among titles: whole words before beginnings of words, and both before what only the wording leads to; a
        category that says all of it, then codes whose category says more of it; billable before parent, fewer words first.
        """
        return list(self._answer(" ".join(query.split()), limit))

    def _read(self, code: str) -> Code | None:
        line = self._line_at(self._position(code))
        return _code(line) if line.startswith(code + "\t") else None

    def _find(self, query: str, limit: int) -> tuple[Code, ...]:
        found = dict.fromkeys(self._by_code(as_code(query), limit))
        names_a_code = bool(found) and any(letter.isdigit() for letter in query)
        if not names_a_code and len(found) < limit:
            found |= dict.fromkeys(self._by_words(self._wording.terms(query), limit))
        return tuple(found)[:limit]

    def _by_code(self, start: str, limit: int) -> list[Code]:
        found: list[Code] = []
        position = self._position(start)
        while start and len(found) < _ENOUGH and (line := self._line_at(position)).startswith(start):
            found.append(_code(line))
            position += len(line) + 1
        found.sort(key=lambda code: (code.code != start, not code.billable, len(code.code), code.code))
        return found[:limit]

    def _by_words(self, terms: list[Term], limit: int) -> list[Code]:
        found: dict[Code, None] = {}
        for start, end in self._parts() if terms else ():
            if len(found) < limit:
                found |= dict.fromkeys(self._matches(terms, start, end))
        return list(found)[:limit]

    def _matches(self, terms: list[Term], start: int, end: int) -> list[Code]:
        found: list[tuple[Rank, Code]] = []
        said_by: dict[str, int] = {}
        for line in self._lines_with(max(terms, key=_rarity), start, end):
            if len(found) == _ENOUGH:
                break
            if (fit := self._fit(terms, *line)) is not None:
                code = _code(self._text[slice(*line)])
                category = code.code[:CATEGORY]
                if category not in said_by:
                    said_by[category] = self._said(terms, category)
                found.append((_rank(code, fit, said_by[category]), code))
        return [code for _, code in sorted(found, key=_first)]

    def _fit(self, terms: list[Term], first: int, last: int) -> int | None:
        """How well the line says everything: as well as what it says worst."""
        line = self._folded[first - 1 : last + 1]
        worst = 0
        for term in terms:
            fit = term.fit(self._text, first, line)
            if fit is None:
                return None
            worst = max(worst, fit)
        return worst

    def _said(self, terms: list[Term], category: str) -> int:
        """How much of what was asked for a category says already."""
        first, last = self._bounds(self._position(category))
        is_there = self._text.startswith(category + "\t", first)
        return sum(self._fit([term], first, last) is not None for term in terms) if is_there else 0

    def _lines_with(self, term: Term, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Where the lines between two positions begin and end that may say it, each once, in their order."""
        ways = [self._lines_of(word, start, end) for word in {max(way, key=len) for way in term.ways}]
        codes = [self._lines_under(code, start, end) for code in term.codes]
        before = (0, 0)
        for line in merge(*ways, *codes):
            if line != before:
                yield (before := line)

    def _lines_of(self, word: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
        """The lines in which a word begins so."""
        while (hit := self._folded.find(word, start, end)) >= 0:
            line = self._bounds(hit + 1)
            yield line
            start = line[1]

    def _lines_under(self, code: str, start: int, end: int) -> Iterator[tuple[int, int]]:
        """The lines of the codes that begin so."""
        line = self._bounds(max(self._position(code), start + 1))
        while line[0] < end and self._text.startswith(code, line[0]):
            yield line
            line = self._bounds(line[1] + 1)

    @cached_property
    def _folded(self) -> bytes:
        return fold(self._text)

    def _parts(self) -> Iterator[tuple[int, int]]:
        """The stretches of the text in the order in which they answer; the last is the whole of it."""
        for start, end in self._first:
            yield self._position(start) - 1, self._position(end)
        yield 0, len(self._text)

    def _bounds(self, position: int) -> tuple[int, int]:
        """Where the line around this position begins and ends."""
        end = self._text.find("\n", position)
        return self._text.rfind("\n", 0, position) + 1, len(self._text) if end < 0 else end

    def _line_at(self, start: int) -> str:
        return self._text[start : self._bounds(start)[1]]

    def _position(self, code: str) -> int:
        """Where the line of this code begins, or the first one after it: halving over the text itself."""
        low, high = 1, len(self._text)
        while low < high:
            first, last = self._bounds((low + high) // 2)
            if self._text[first:last].partition("\t")[0] < code:
                low = last + 1
            else:
                high = first
        return low


def as_code(query: str) -> str:
    """A query read as the beginning of a code: large letters, the dot of ICD codes put where it belongs."""
    plain = query.strip().upper().rstrip(".")
    dotless = len(plain) > 3 and plain.isalnum() and plain[0].isalpha() and plain[1].isdigit()
    return f"{plain[:3]}.{plain[3:]}" if dotless else plain


def _rank(code: Code, fit: int, said: int) -> Rank:
    """`fit`: how well the code says all of it; `said`: how much of it its category says."""
    is_category = len(code.code) == CATEGORY and not code.billable
    return fit, not is_category, -said, not code.billable, len(code.display.split()), code.code


def _first(hit: tuple[Rank, Code]) -> Rank:
    return hit[0]


def _rarity(term: Term) -> int:
    return term.rarity


def _line(code: Code) -> str:
    # A tab or a line break inside a title would be read as the end of it.
    return f"{code.code}\t{'' if code.billable else '+'}\t{' '.join(code.display.split())}\n"


def _code(line: str) -> Code:
    code, parent, display = line.split("\t")
    return Code(code, display, parent == "")
