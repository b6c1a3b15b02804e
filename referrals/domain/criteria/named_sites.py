"""Reads what people write as a metastatic site: a place, nodes and nothing else, or a word for none."""

import re
from dataclasses import dataclass

_JOINTS = re.compile(r"[,;/+&]|\band\b")
# A single letter and a number are no place ("nodes 3/12", "N1/N2 nodes").
_WORDS = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True, slots=True)
class NamedSites:
    """`nodal_regions`: words that only say which nodes; beside others they name no place of their own."""

    nodal_word: str
    nodal_regions: frozenset[str]
    words_for_none: frozenset[str]

    def is_distant(self, site: str) -> bool:
        written = site.lower()
        if self.says_none(site):
            return False
        return self.nodal_word not in written or any(map(self._is_place, _JOINTS.split(written)))

    def says_none(self, site: str) -> bool:
        return " ".join(site.lower().rstrip(" .").split()) in self.words_for_none

    def _is_place(self, part: str) -> bool:
        """Beside nodes: what is neither nodes, nor a word for where they lie, nor one for none."""
        if self.nodal_word in part or self.says_none(part):
            return False
        return not self.nodal_regions.issuperset(_WORDS.findall(part))
