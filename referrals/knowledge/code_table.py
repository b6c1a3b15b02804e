"""One table of codes: looked up by code, searched by words or code, kept as one text so that 98,000 codes cost 8 MB."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache


@dataclass(frozen=True, slots=True)
class Code:
    """`billable` is False for a category that has more specific codes below it."""

    code: str
    display: str
    billable: bool = True

    def to_json(self) -> dict[str, str | bool]:
        return {"code": self.code, "display": self.display, "billable": self.billable}


# The searched text has the length of the table, letter for letter: small letters without accents, digits, blanks.
_ACCENTS = str.maketrans("àáâãäåçèéêëìíîïñòóôõöøùúûüýÿ", "aaaaaaceeeeiiiinoooooouuuuyy")
_KEPT = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_FOLDED = bytes(
    ord(letter) if (letter := chr(point).lower().translate(_ACCENTS)) in _KEPT else ord(" ") for point in range(256)
)
# Beyond so many hits for one answer the words say too little to be ranked fairly.
_ENOUGH = 2000


def fold(text: str) -> bytes:
    return text.encode("latin-1", "replace").translate(_FOLDED)


class CodeTable:
    """`text` holds one line a code, sorted by code: code, tab, "+" for a parent, tab, title.

    `first`: stretches of codes, each from a code up to another, that answer a search by words before all others.
    """

    def __init__(self, text: str, *, first: tuple[tuple[str, str], ...] = ()) -> None:
        self._text = "\n" + text
        self._first = first
        self.lookup = lru_cache(maxsize=4096)(self._read)
        self._answer = lru_cache(maxsize=256)(self._find)

    @classmethod
    def of(cls, codes: Iterable[Code]) -> "CodeTable":
        by_code = {code.code: code for code in codes}
        return cls("".join(map(_line, (by_code[code] for code in sorted(by_code)))))

    def __iter__(self) -> Iterator[Code]:
        return map(_code, self._text.split("\n")[1:-1])

    def __len__(self) -> int:
        return self._text.count("\n") - 1

    def search(self, query: str, limit: int) -> list[Code]:
        """Best first: the code itself, codes that begin so, then titles with all the words, in any order.

        Among titles: whole words before beginnings of words, billable before parent, shorter first.
        """
        return list(self._answer(" ".join(query.split()), limit))

    def _read(self, code: str) -> Code | None:
        line = self._line_at(self._position(code))
        return _code(line) if line.startswith(code + "\t") else None

    def _find(self, query: str, limit: int) -> tuple[Code, ...]:
        found = dict.fromkeys(self._by_code(as_code(query), limit))
        names_a_code = bool(found) and any(letter.isdigit() for letter in query)
        if not names_a_code and len(found) < limit:
            found |= dict.fromkeys(self._by_words(fold(query).split(), limit))
        return tuple(found)[:limit]

    def _by_code(self, start: str, limit: int) -> list[Code]:
        found: list[Code] = []
        position = self._position(start)
        while start and len(found) < _ENOUGH and (line := self._line_at(position)).startswith(start):
            found.append(_code(line))
            position += len(line) + 1
        found.sort(key=lambda code: (code.code != start, not code.billable, len(code.code), code.code))
        return found[:limit]

    def _by_words(self, words: list[bytes], limit: int) -> list[Code]:
        found: dict[Code, None] = {}
        for start, end in self._parts() if words else ():
            if len(found) < limit:
                found |= dict.fromkeys(self._matches(words, start, end))
        return list(found)[:limit]

    def _matches(self, words: list[bytes], start: int, end: int) -> list[Code]:
        begins = [b" " + word for word in words]
        rarest = max(begins, key=len)
        found: list[tuple[bool, Code]] = []
        position = start
        while len(found) < _ENOUGH and (hit := self._folded.find(rarest, position, end)) >= 0:
            first, position = self._bounds(hit + 1)
            title = self._folded[first - 1 : position + 1]
            if all(begin in title for begin in begins):
                whole = all(begin + b" " in title for begin in begins)
                found.append((whole, _code(self._text[first:position])))
        return [code for _, code in sorted(found, key=_rank)]

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


def _rank(hit: tuple[bool, Code]) -> tuple[bool, bool, int, str]:
    whole, code = hit
    return not whole, not code.billable, len(code.display), code.code


def _line(code: Code) -> str:
    # A tab or a line break inside a title would be read as the end of it.
    return f"{code.code}\t{'' if code.billable else '+'}\t{' '.join(code.display.split())}\n"


def _code(line: str) -> Code:
    code, parent, display = line.split("\t")
    return Code(code, display, parent == "")
