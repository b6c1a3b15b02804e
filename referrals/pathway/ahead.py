"""What many packets in one transaction need of the database, asked for all of them together instead of one by one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from referrals.domain.people import Actor
from referrals.models.user import User
from referrals.pathway.people import clinicians_named
from referrals.pathway.reference import next_references
from referrals.pathway.registry import Holder, holders_of

Number = tuple[str, str]


@dataclass(slots=True)
class Ahead:
    """Numbers for the referrals of one year, who holds which number of a patient, and who is named as clinician."""

    year: int
    references: Iterator[str]
    holders: dict[Number, list[Holder]]
    clinicians: Mapping[str, User]

    def reference(self, year: int) -> str | None:
        """None where they are used up, or the year has just ended."""
        return next(self.references, None) if year == self.year else None

    def give_back(self, session: Session, actor: Actor) -> None:
        """The numbers that nobody took: the counter is still ours, so that no gap is left."""
        if left := len(list(self.references)):
            next_references(session, actor.network_id, self.year, -left)

    def holders_among(self, identifiers: Sequence[Mapping[str, Any]]) -> list[Holder]:
        return [holder for number in dict.fromkeys(map(number_of, identifiers)) for holder in self.holders[number]]

    def look_again(self, session: Session, actor: Actor, identifiers: Sequence[Mapping[str, Any]]) -> None:
        """Somebody was written down meanwhile who holds one of these numbers."""
        self.holders.update(_held(session, actor, identifiers))


def number_of(identifier: Mapping[str, Any]) -> Number:
    return identifier["system"], identifier["value"]


def look_ahead(session: Session, actor: Actor, packets: Sequence[Mapping[str, Any]], year: int) -> Ahead:
    """The numbers come first: from then on nobody else in the network writes down a patient before we have done so."""
    references = next_references(session, actor.network_id, year, len(packets)) if packets else []
    sent = [each for packet in packets for each in packet["patient"].get("identifiers") or ()]
    emails = {(packet.get("referring_clinician") or {}).get("email") for packet in packets}
    named = clinicians_named(session, actor, [each for each in emails if each])
    return Ahead(year, iter(references), _held(session, actor, sent), named)


def _held(session: Session, actor: Actor, identifiers: Sequence[Mapping[str, Any]]) -> dict[Number, list[Holder]]:
    found: dict[Number, list[Holder]] = {number_of(each): [] for each in identifiers}
    for holder in holders_of(session, actor.network_id, identifiers):
        found[holder.system, holder.value].append(holder)
    return found
