"""Makes up any number of referrals, each with the rows that the service itself would have written."""

import random
from bisect import bisect
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate, count
from typing import Any
from uuid import UUID

import orjson

from referrals.cli.bench.cases import Judged, judged_cases
from referrals.cli.bench.cast import Cast
from referrals.cli.bench.lives import (
    DAY,
    LIVES,
    Moment,
    due_after,
    is_open,
    live,
    placed_after,
    promised_after,
    segment_start,
)
from referrals.cli.bench.names import FAMILY_NAMES, GIVEN_NAMES
from referrals.domain.deadlines import DRAFT_OFFSET
from referrals.domain.lifecycle import Status, next_action, waiting_on
from referrals.domain.reference import make_reference
from referrals.domain.vocabulary import Criterion, Tier
from referrals.models.patient import NUMBER
from referrals.models.vault import Vault

BATCH = 4_000
NUMBER_SYSTEM = "urn:oid:2.16.840.1.113883.19.5"
WITH_CENTER = frozenset(
    {"offered", "accepted", "in_review", "opinion_issued", "acknowledged", "closed"}
)  # an offer names the center
PURPOSES, QUESTIONS = '["treatment_options"]', '["Is there a second-line option or a trial?"]'
SHARED = '["share_with_centers"]'
Rows = dict[str, list[tuple[Any, ...]]]


def text_of(value: Any) -> str:
    return orjson.dumps(value).decode()


def optional(value: Any) -> str | None:
    return None if value is None else text_of(value)


def stamp(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(" ", "microseconds")[:26]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A case with everything about it that no referral changes, already written out."""

    judged: Judged
    tier: Tier
    soonest: Tier
    diagnosis: dict[str, Any]
    facts_after_birth: str
    judgement: str
    reasons: str
    met: tuple[int, ...]


def sheet_of(judged: Judged) -> Sheet:
    facts = judged.case.facts("")
    after = text_of(facts).removeprefix('{"patient":{"birth_date":"')
    verdicts = {each["criterion"]: each["verdict"] for each in judged.judgement["criteria"]}
    return Sheet(
        judged,
        Tier(judged.judgement["tier"]),
        Tier(judged.judgement["range"]["soonest"]),
        facts["diagnosis"],
        after,
        text_of(judged.judgement),
        text_of(list(judged.verdict.reasons)),
        tuple(int(verdicts[criterion] == "met") for criterion in Criterion),
    )


@dataclass(frozen=True, slots=True)
class Person:
    """A patient as the rows of a referral name them."""

    id: str
    given_name: str
    family_name: str
    birth_date: str
    sex: str


class Population:
    """The same people each time; only the ids differ between two runs."""

    def __init__(self, cast: Cast, vault: Vault, now: int) -> None:
        self.cast, self.vault, self.now, self.network = cast, vault, now, cast.network_id.hex
        self.chance = random.Random(20_261_122)  # noqa: S311 - nothing secret is drawn
        self.sheets = tuple(map(sheet_of, judged_cases()))
        self.rows: Rows = defaultdict(list)
        self.numbers: dict[int, int] = defaultdict(int)
        self.known: dict[str, Person] = {}
        self.fed = 0
        self._ids = count(1)
        self._lives = list(accumulate(life.share for life in LIVES))
        self._cases = list(accumulate(sheet.judged.case.weight for sheet in self.sheets))

    def batches(self, referrals: int) -> Iterator[Rows]:
        """Rows by table, parents before children, some thousand referrals at a time."""
        for number in range(1, referrals + 1):
            self.add(number)
            if number % BATCH == 0 or number == referrals:
                yield self.rows
                self.rows = defaultdict(list)

    def counters(self) -> Rows:
        """The last reference number of each year and the last of the feed, once all referrals are made."""
        return {
            "reference_counter": [(self.network, year, last) for year, last in self.numbers.items()],
            "feed_end": [(self.network, self.fed)],
        }

    def place_in_feed(self) -> int:
        self.fed += 1
        return self.fed

    def new_id(self, seconds: int) -> str:
        """A UUID of version 7: in the order of creation, like the service's own."""
        return f"{seconds * 1000:012x}7000{0x8000_0000_0000_0000 | next(self._ids):016x}"

    def add(self, number: int) -> None:
        life = LIVES[bisect(self._lives, self.chance.uniform(0, self._lives[-1] - 1e-6))]
        sheet = self.sheets[bisect(self._cases, self.chance.uniform(0, self._cases[-1] - 1e-6))]
        provider = number % len(self.cast.providers)
        moments = live(life, self.now, self.chance)
        One(self, sheet, moments, number, provider).write()


class One:
    """One referral being written, with its patient and everything around it."""

    def __init__(
        self, population: Population, sheet: Sheet, moments: Sequence[Moment], number: int, provider: int
    ) -> None:
        cast = population.cast
        self.all, self.sheet, self.moments, self.number = population, sheet, moments, number
        self.network, self.chance, self.rows = population.network, population.chance, population.rows
        self.provider = cast.providers[provider].hex
        self.clinician = cast.clinicians[provider][number % len(cast.clinicians[provider])].hex
        self.coordinator = cast.coordinators[self.chance.randrange(len(cast.coordinators))].hex
        self.began = moments[0].at
        self.created, self.updated = stamp(self.began), stamp(moments[-1].at)
        self.status = moments[-1].after
        self.submitted = moments[1].at if len(moments) > 1 else None
        self.id = population.new_id(self.began)

    def write(self) -> None:
        patient = self.patient()
        diagnosis = self.diagnosis(patient)
        self.referral(patient, diagnosis)
        content = f'{{"patient":{{"birth_date":"{patient.birth_date}{self.sheet.facts_after_birth}'
        self.put("facts", self.new_id(), self.network, self.id, 1, "initial", content, "System", self.created)
        day = self.created[:10]
        self.put("consent", self.new_id(), self.network, self.id, 1, day, "patient", SHARED)
        if self.submitted:
            self.judgement(stamp(self.submitted))
        self.events()

    def new_id(self) -> str:
        return self.all.new_id(self.began)

    def put(self, table: str, *values: Any) -> None:
        self.rows[table].append(values)

    def patient(self) -> Person:
        """Most are new; one in fifty had an earlier referral from the same organization."""
        chance = self.chance
        given, family = chance.choice(GIVEN_NAMES), chance.choice(FAMILY_NAMES)
        birth = f"{chance.randrange(1936, 1998)}-{chance.randrange(1, 13):02d}-{chance.randrange(1, 29):02d}"
        person = Person(self.new_id(), given, family, birth, chance.choice(("female", "male")))
        if self.number % 50 == 0 and self.provider in self.all.known:
            return self.all.known[self.provider]
        self.put(
            "patient", person.id, self.network, self.provider, given, family, birth, person.sex, "en", 0,
            "94110", "US", 1, self.created, self.created,
        )  # fmt: skip
        self.identifier(person, f"MRN-{self.number:08d}")
        for word in sorted({given.lower(), family.lower()}):
            self.put("patient_word", person.id, word, self.network)
        self.all.known[self.provider] = person
        return person

    def identifier(self, person: Person, number: str) -> None:
        row, vault = self.new_id(), self.all.vault
        locked = vault.lock(number.encode(), NUMBER, UUID(row))
        blind = vault.index(self.all.cast.network_id, number)
        self.put("patient_identifier", row, self.network, self.provider, person.id, NUMBER_SYSTEM, locked, blind)

    def diagnosis(self, patient: Person) -> str:
        sent, row, stage = self.sheet.diagnosis, self.new_id(), self.sheet.diagnosis["stage"] or {}
        self.put(
            "diagnosis", row, self.network, self.provider, patient.id, sent["icd10cm"], 0, sent["morphology"],
            sent["description"], sent["diagnosed_on"], sent["basis"], sent["certainty"],
            *(stage.get(part) for part in ("system", "group", "t", "n", "m")),
            optional(sent["metastatic_sites"]), sent["disease_status"], 1, 1, self.created, self.created,
        )  # fmt: skip
        for position, each in enumerate(sent["biomarkers"]):
            self.put("biomarker", self.new_id(), self.network, row, position, each["name"], each["value"])
        for position, each in enumerate(self.sheet.judged.case.treatment_list()):
            self.put(
                "treatment", self.new_id(), self.network, row, position, *each.values(), 1, self.created, self.created
            )
        return row

    def referral(self, patient: Person, diagnosis: str) -> None:
        sheet, status, sent = self.sheet, self.status, self.sheet.diagnosis
        year = datetime.fromtimestamp(self.began, UTC).year
        self.all.numbers[year] += 1
        since = segment_start(self.moments)
        tier, soonest = (sheet.tier, sheet.soonest) if self.submitted else (None, None)
        due = due_after(status, since, tier, soonest)
        turn = waiting_on(status)
        self.put(
            "referral", self.id, self.network, self.provider, make_reference(year, self.all.numbers[year]),
            f"EHR-{self.number:08d}", patient.id, diagnosis, self.clinician,
            status.value, "in_triage" if status is Status.INFORMATION_REQUESTED else None,
            turn.value if turn else None, next_action(status), stamp(due) if due else None, stamp(since),
            self.owner(), self.center(), len(self.moments), self.created, self.updated,
            *self.times(), PURPOSES, QUESTIONS, 1, *self.verdict(tier, soonest),
            patient.given_name, patient.family_name, patient.birth_date, patient.sex,
            sent["icd10cm"], sent["description"], sent["morphology"],
            *((sheet.judged.verdict.tumor_family, sheet.reasons, *sheet.met) if tier else (None, "[]", 0, 0, 0, 0)),
        )  # fmt: skip

    def verdict(self, tier: Tier | None, soonest: Tier | None) -> tuple[Any, ...]:
        if tier is None or soonest is None:
            return (None, None, None, None, 0)
        return (1, tier.value, soonest.value, tier.value, int(self.sheet.judged.judgement["provisional"]))

    def times(self) -> tuple[Any, ...]:
        """Submitted, triaged, ended, promised, its place, arrived."""
        if self.submitted is None:
            place = stamp(self.began + DRAFT_OFFSET.days * DAY)
            return (None, None, None, None, place, place)
        triaged = next((each.at for each in self.moments if each.step == "complete-triage"), None)
        return (
            stamp(self.submitted),
            stamp(triaged) if triaged else None,
            None if is_open(self.status) else self.updated,
            stamp(self.submitted + promised_after(self.sheet.tier)),
            stamp(self.submitted + placed_after(self.sheet.tier)),
            stamp(self.submitted),
        )

    def owner(self) -> str | None:
        return self.coordinator if any(each.step == "claim" for each in self.moments) else None

    def center(self) -> str | None:
        return (
            self.all.cast.centers[self.number % len(self.all.cast.centers)].hex if self.status in WITH_CENTER else None
        )

    def judgement(self, at: str) -> None:
        sheet = self.sheet
        provisional = int(sheet.judged.judgement["provisional"])
        self.put(
            "assessment", self.new_id(), self.network, self.id, 1, 1, sheet.judged.judgement["policy"],
            sheet.tier.value, provisional, sheet.judgement, "[]", "submitted", "System", at,
        )  # fmt: skip
        self.put(
            "receipt", self.new_id(), self.network, self.provider, "json", "accepted", self.id,
            f"EHR-{self.number:08d}", "[]", "System", at,
        )  # fmt: skip

    def events(self) -> None:
        people = {"R": (self.clinician, self.provider), "C": (self.coordinator, self.all.cast.home.hex)}
        for version, each in enumerate(self.moments, start=1):
            event = self.all.new_id(each.at)
            before = each.before.value if each.before else None
            user, home = people.get(each.party, (None, None))
            self.put(
                "event", event, self.network, self.id, version, each.step, before, each.after.value, stamp(each.at),
                user, home, "System", each.party, "{}",
            )  # fmt: skip
            is_told = version < len(self.moments) or not self.submitted
            self.put(
                "outbox", self.network, event, f"referral.{each.step}", stamp(each.at),
                stamp(each.at) if is_told else None, self.provider, self.center(), self.all.place_in_feed(),
            )  # fmt: skip
