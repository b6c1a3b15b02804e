"""Reads what people call things into what titles of codes say: other words, other spelling, or the codes themselves."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from referrals.knowledge.tables import read_rows

# The searched text has the length of the table, letter for letter: small letters without accents, digits, blanks.
_ACCENTS = str.maketrans("àáâãäåçèéêëìíîïñòóôõöøùúûüýÿ", "aaaaaaceeeeiiiinoooooouuuuyy")
_KEPT = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_FOLDED = bytes(
    ord(letter) if (letter := chr(point).lower().translate(_ACCENTS)) in _KEPT else ord(" ") for point in range(256)
)

# How a line says what was asked for: in whole words, in words that begin so, or only by its code.
WHOLE, BEGINS, BY_CODE = range(3)

Words = tuple[bytes, ...]


def fold(text: str) -> bytes:
    return text.encode("latin-1", "replace").translate(_FOLDED)


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that was asked for. A line says it by all words of one of its `ways`, or by how its code begins.

    Every word of a way has a blank before it, so that it is found where a word begins.
    """

    ways: tuple[Words, ...]
    codes: tuple[str, ...] = ()

    @property
    def rarity(self) -> int:
        """How far it narrows a search: by its letters, of which one in a code is worth three in a word."""
        return min([*(max(map(len, way)) for way in self.ways), *(3 * len(code) for code in self.codes)])

    def fit(self, text: str, first: int, line: bytes) -> int | None:
        """How a line says it that begins there, folded with a blank at either end; None where it does not."""
        said = [way for way in self.ways if all(word in line for word in way)]
        if any(all(word + b" " in line for word in way) for way in said):
            return WHOLE
        if said:
            return BEGINS
        return BY_CODE if text.startswith(self.codes, first) else None


class Wording:
    """What leads to a title beside its own words; nothing does where no rows are given.

    Rows are phrases and what the titles say instead: words or, in capitals, beginnings of codes, `|` between two.
    An empty cell makes a small word, which says nothing.
    """

    def __init__(self, rows: Iterable[tuple[str, str]] = ()) -> None:
        self._titles: Mapping[Words, str] = {_key(fold(phrase).split()): titles for phrase, titles in rows}
        self._longest = max(map(len, self._titles), default=1)

    def terms(self, query: str) -> list[Term]:
        """What was asked for, without small words, unless nothing else was said."""
        typed = fold(query).split()
        telling = [word for word in typed if self._titles.get(_key((word,))) != ""]
        return list(self._terms(telling or typed))

    def _terms(self, words: Sequence[bytes]) -> Iterator[Term]:
        """The longest phrase that is known, and on from there."""
        while words:
            length = next((n for n in range(self._longest, 1, -1) if _key(words[:n]) in self._titles), 1)
            yield self._term(words[:length])
            words = words[length:]

    def _term(self, words: Sequence[bytes]) -> Term:
        key = _key(words)
        instead = [part for part in self._titles.get(key, "").split("|") if part]
        ways = [tuple(words), key, *(tuple(fold(part).split()) for part in instead if not part[0].isupper())]
        codes = tuple(part for part in instead if part[0].isupper())
        return Term(tuple(dict.fromkeys(tuple(b" " + word for word in way) for way in ways)), codes)


def _key(words: Sequence[bytes]) -> Words:
    return tuple(map(_american, words))


def _american(word: bytes) -> bytes:
    """The titles say leukemia, esophagus and tumor."""
    return word.replace(b"ae", b"e").replace(b"oe", b"e").replace(b"tumour", b"tumor")


@lru_cache(maxsize=16)
def wording(system: str) -> Wording:
    """Ordinary words for the titles of a code system; rows that name none hold for all."""
    rows = read_rows("ordinary_words.csv")
    return Wording(
        (row["words"], row["titles"]) for row in rows if not row["systems"] or system in row["systems"].split()
    )
