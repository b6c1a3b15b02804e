"""What one rule found, and how the findings of a criterion become its verdict."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, NamedTuple, Protocol, TypeVar

from referrals.domain.case import Case
from referrals.domain.criteria.kleene import MET, NOT_MET, UNKNOWN, any_of
from referrals.domain.vocabulary import Criterion, VerdictWord

_Item = TypeVar("_Item")
UNKNOWN_SO_FAR = "Not known: "


class Evidence(NamedTuple):
    """Where in the request it stands, and the code or word that stands there."""

    path: str
    value: Any


class Flag(NamedTuple):
    """Something that a person should look at; it decides nothing."""

    code: str
    message: str
    path: str


class Finding(NamedTuple):
    """What one rule found. `wants`: what would settle it; beside a met verdict, what it is presumed without.

    `by_code_alone`: a morphology would decide anew. `final`: no other rule of the criterion is asked.
    """

    rule: str
    verdict: VerdictWord
    clause: str = ""
    evidence: tuple[Evidence, ...] = ()
    citations: tuple[str, ...] = ()
    wants: tuple[str, ...] = ()
    flags: tuple[Flag, ...] = ()
    by_code_alone: bool = False
    final: bool = False


class Rule(Protocol):
    @property
    def id(self) -> str: ...

    def judge(self, case: Case) -> Finding: ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """One criterion, decided. `rule` and `citation` are None, `evidence` empty, where nothing decided."""

    criterion: Criterion
    verdict: VerdictWord
    because: str
    rule: str | None = None
    evidence: tuple[Evidence, ...] = ()
    citation: str | None = None
    short: str = ""
    wants: frozenset[str] = frozenset()
    presumed: bool = False
    flags: tuple[Flag, ...] = ()

    @property
    def rules_out(self) -> bool:
        """Not met, and something that was sent says so."""
        return self.verdict is NOT_MET and bool(self.evidence)

    def to_json(self) -> dict[str, Any]:
        return {
            "criterion": self.criterion.value,
            "verdict": self.verdict.value,
            "rule": self.rule,
            "because": self.because,
            "evidence": [{"path": path, "value": value} for path, value in self.evidence],
            "citation": self.citation,
        }


def judge(criterion: Criterion, rules: Sequence[Rule], case: Case) -> Verdict:
    findings = tuple(_asked(rules, case))
    word = any_of(finding.verdict for finding in findings)
    speaking = [finding for finding in findings if finding.verdict is word]
    deciding = [finding for finding in speaking if finding.evidence] if word is not UNKNOWN else []
    presumed = word is MET and _is_presumed(speaking)
    is_open = presumed or word is UNKNOWN
    return Verdict(
        criterion=criterion,
        verdict=word,
        because=_sentence(word, deciding if word is NOT_MET and deciding else speaking),
        rule=deciding[0].rule if deciding else None,
        evidence=_unique(chain.from_iterable(finding.evidence for finding in deciding)),
        citation=" · ".join(_unique(chain.from_iterable(finding.citations for finding in deciding))) or None,
        short=_sentence(word, speaking[:1]),
        wants=frozenset(chain.from_iterable(finding.wants for finding in speaking)) if is_open else frozenset(),
        presumed=presumed,
        flags=_unique(chain.from_iterable(finding.flags for finding in findings)),
    )


def _is_presumed(met: Sequence[Finding]) -> bool:
    """Somebody presumed it, and nothing but the code speaks for it."""
    return any(finding.wants for finding in met) and all(finding.by_code_alone for finding in met)


def _asked(rules: Sequence[Rule], case: Case) -> Iterator[Finding]:
    for rule in rules:
        finding = rule.judge(case)
        yield finding
        if finding.final:
            return


def _sentence(word: VerdictWord, findings: Iterable[Finding]) -> str:
    clauses = "; ".join(_unique(finding.clause for finding in findings if finding.clause))
    return f"{UNKNOWN_SO_FAR}{clauses}" if word is UNKNOWN else clauses[:1].upper() + clauses[1:]


def _unique(items: Iterable[_Item]) -> tuple[_Item, ...]:
    return tuple(dict.fromkeys(items))
