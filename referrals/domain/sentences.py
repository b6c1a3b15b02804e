"""How numbers and names are said in a sentence, for rules that speak and for pages alike."""

from collections.abc import Sequence


def counted(number: int, one: str, many: str | None = None) -> str:
    """ "1 point", "3 points"; `many` where it is more than an s."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def sentence_list(words: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
