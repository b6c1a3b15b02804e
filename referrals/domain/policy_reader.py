"""Reads a policy document piece by piece, and remembers every fault with its JSON Pointer instead of stopping."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from referrals.domain.criteria.matching import CodeSet, NotationError, parse_histologies
from referrals.domain.errors import FieldError

_T = TypeVar("_T")


class Reader:
    """One object of the document. A field that was never asked for is unknown, and refused when it is closed."""

    def __init__(self, value: object, pointer: str, faults: list[FieldError]) -> None:
        self.pointer = pointer
        self.faults = faults
        self._asked: set[str] = set()
        self._value: Mapping[str, Any] = value if isinstance(value, Mapping) else {}
        if not isinstance(value, Mapping):
            self.refuse("type", "This must be an object.")

    def refuse(self, code: str, message: str) -> None:
        """The object as a whole is at fault."""
        self.faults.append(FieldError(self.pointer, code, message))

    def fault(self, name: str, code: str, message: str, *, index: int | None = None) -> None:
        pointer = self._at(name) if index is None else f"{self._at(name)}/{index}"
        self.faults.append(FieldError(pointer, code, message))

    @property
    def is_clean(self) -> bool:
        """No fault so far in this object: only then a check of the whole makes sense."""
        return not any(fault.pointer.startswith(self.pointer) for fault in self.faults)

    def close(self) -> None:
        for name in self._value:
            if name not in self._asked:
                self.fault(str(name), "unknown_field", "A policy has no such field here.")

    def has(self, name: str) -> bool:
        self._asked.add(name)
        return name in self._value

    def raw(self, name: str) -> Any:
        if not self.has(name):
            self.fault(name, "required", "This is missing.")
        return self._value.get(name)

    def text(self, name: str) -> str:
        value = self.raw(name)
        if isinstance(value, str) and value.strip():
            return value
        self._wrong(name, "type", "This must be a text that says something.")
        return ""

    def whole(self, name: str, low: int, high: int) -> int:
        value = self.raw(name)
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        self._wrong(name, "range", f"This must be a whole number from {low} to {high}.")
        return low

    def truth(self, name: str) -> bool:
        value = self.raw(name)
        if not isinstance(value, bool):
            self._wrong(name, "type", "This must be true or false.")
        return value is True

    def choice(self, name: str, allowed: Sequence[str]) -> str:
        value = self.raw(name)
        if isinstance(value, str) and value in allowed:
            return value
        self._wrong(name, "unknown_value", f"This must be one of: {', '.join(allowed)}.")
        return allowed[0]

    def part(self, name: str) -> "Reader":
        if self.has(name):
            return Reader(self._value[name], self._at(name), self.faults)
        self.fault(name, "required", "This is missing.")
        return Reader({}, self._at(name), [])

    def parts(self, name: str) -> Iterator["Reader"]:
        for index, item in enumerate(self._list(name)):
            yield Reader(item, f"{self._at(name)}/{index}", self.faults)

    def words(self, name: str, allowed: Sequence[str] | None = None, *, empty: bool = False) -> tuple[str, ...]:
        """A list of texts; of the `allowed` ones where these are given."""
        items = self._list(name)
        if not items and not empty:
            self._wrong(name, "empty", "This list must name at least one.")
        wanted = "a text" if allowed is None else f"one of: {', '.join(allowed)}"
        for index, item in enumerate(items):
            if not isinstance(item, str) or (allowed is not None and item not in allowed):
                self.fault(name, "unknown_value", f"This must be {wanted}.", index=index)
        return tuple(item for item in items if isinstance(item, str))

    def codes(self, name: str, *, empty: bool = False) -> CodeSet:
        return self._parsed(name, CodeSet.of, empty)

    def histologies(self, name: str, *, empty: bool = False) -> frozenset[int]:
        return self._parsed(name, parse_histologies, empty)

    def _parsed(self, name: str, parse: Callable[[Sequence[str]], _T], empty: bool) -> _T:
        good = []
        for index, text in enumerate(self.words(name, empty=empty)):
            try:
                parse([text])
                good.append(text)
            except NotationError as error:
                self.fault(name, "notation", str(error), index=index)
        return parse(good)

    def _list(self, name: str) -> Sequence[Any]:
        value = self.raw(name)
        if isinstance(value, list | tuple):
            return value
        self._wrong(name, "type", "This must be a list.")
        return ()

    def _wrong(self, name: str, code: str, message: str) -> None:
        """A missing field has been named already."""
        if name in self._value:
            self.fault(name, code, message)

    def _at(self, name: str) -> str:
        return f"{self.pointer}/{name.replace('~', '~0').replace('/', '~1')}"
