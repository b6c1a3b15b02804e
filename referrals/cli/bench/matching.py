"""What matching costs without a server: placing a whole queue beside HiGHS, ranking beside a scan over plain tuples."""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from math import exp
from operator import attrgetter
from typing import Any
from uuid import UUID

from referrals.cli.bench.report import Beside
from referrals.domain.assignment import Points, around, bits_of, choose
from referrals.domain.centers import Designation, Service
from referrals.domain.matching import (
    COMPETENT,
    COMPREHENSIVE,
    DISTANCE,
    EXPERTISE,
    FAR_KM,
    LANGUAGE,
    LATE_A_DAY,
    LATE_AT_MOST,
    TRIALS,
    Candidate,
    Needs,
    rank,
)
from referrals.domain.rooms import Door, Limit, Room, Rooms, Stock
from referrals.domain.vocabulary import Tier, VerdictWord
from referrals.pathway.solver import place

QUEUE, CENTERS, RANKED = 5_000, 300, 2_000
PLACINGS, RANKINGS = 2, 40
OF_HIGHS, OF_SCAN = 0.15, 10.0
MONDAY, NOW = date(2026, 11, 23), datetime(2026, 11, 23, 9, tzinfo=UTC)
WITHOUT_SCIPY = "Placing a queue beside HiGHS is left out: scipy, a developer's package, is not installed here."


@dataclass(frozen=True, slots=True)
class Queue:
    """Rooms as a week has them, and in the order of the queue what each room is worth to each referral."""

    rooms: Sequence[Room]
    points: Sequence[Points]


def queue_of(length: int) -> Queue:
    """Two in five centers fit each, and there are a few places less than referrals. The same queue each time."""
    chance = random.Random(5)  # noqa: S311 - nothing secret is drawn
    ids = [UUID(int=number + 1) for number in range(CENTERS)]
    rooms = Rooms([_stock(each, length, chance) for each in ids], lambda week: Fraction(4, 5))
    return Queue(rooms.all, [_points(rooms, ids, chance) for _ in range(length)])


def _stock(center: UUID, length: int, chance: random.Random) -> Stock:
    most = max(1, 3 * length // (2 * CENTERS))
    limits = {Service.PEDIATRICS: Limit(most // 4, 0)} if chance.random() < 0.2 else {}
    return Stock(center, MONDAY, chance.randint(most // 2, most), chance.randint(0, most // 4), limits)


def _points(rooms: Rooms, ids: Sequence[UUID], chance: random.Random) -> Points:
    line = Service.PEDIATRICS if chance.random() < 0.05 else None
    door = Door(line, paced=chance.random() < 0.9)
    entered = [rooms.entrance(each, MONDAY, door) for each in chance.sample(ids, 2 * CENTERS // 5)]
    return {room: chance.randint(165, 1000) for room in entered if room is not None}


@dataclass(slots=True)
class Timed:
    """CPU seconds of each run, and what the last one answered."""

    run: Callable[[], Any]
    seconds: list[float] = field(default_factory=list)
    answer: Any = None

    def once(self) -> None:
        began = time.process_time()
        self.answer = self.run()
        self.seconds.append(time.process_time() - began)


def in_turn(own: Timed, floor: Timed, rounds: int) -> None:
    for _ in range(rounds):
        own.once()
        floor.once()


def placing(length: int = QUEUE) -> Beside | None:
    """Who gets a place and where, beside where alone as HiGHS finds it; None where there is no HiGHS."""
    queue = queue_of(length)
    chosen = _chosen(queue)
    solve = highs(chosen, queue.rooms)
    if solve is None:
        return None
    place(chosen[:1], queue.rooms)  # loads the solver, as a worker has it
    own, floor = Timed(lambda: _total(queue)), Timed(solve)
    in_turn(own, floor, PLACINGS)
    what = f"placing {length:,} at {CENTERS} centers : HiGHS"
    return Beside(what, own.seconds, floor.seconds, OF_HIGHS, is_same=own.answer == floor.answer)


def _chosen(queue: Queue) -> list[Points]:
    seats = choose([bits_of(tuple(each)) for each in queue.points], queue.rooms)
    return [points for points, seat in zip(queue.points, seats, strict=True) if seat is not None]


def _total(queue: Queue) -> int:
    chosen = _chosen(queue)
    return sum(points[room] for points, room in zip(chosen, place(chosen, queue.rooms), strict=True))


def highs(points: Sequence[Points], rooms: Sequence[Room]) -> Callable[[], int] | None:
    """Solves the same with HiGHS: one unknown for each referral and room. Its tables are made beforehand."""
    try:
        import numpy
        from scipy.optimize import linprog
        from scipy.sparse import csr_array
    except ImportError:
        return None
    pairs = [(number, room) for number, each in enumerate(points) for room in each]
    unknowns = range(len(pairs))
    once = csr_array((numpy.ones(len(pairs)), ([number for number, _ in pairs], unknowns)))
    taken = [(outer, unknown) for unknown, (_, room) in enumerate(pairs) for outer in around(room, rooms)]
    shape = len(rooms), len(pairs)
    held = csr_array((numpy.ones(len(taken)), tuple(zip(*taken, strict=True))), shape=shape)
    cost = numpy.array([-points[number][room] for number, room in pairs], float)
    free, all_once = [room.free for room in rooms], numpy.ones(len(points))

    def solve() -> int:
        return -round(linprog(cost, held, free, once, all_once, (0, None), method="highs").fun)

    return solve


DUE = NOW + timedelta(days=7)
NEEDS = Needs(
    tier=Tier.P2, family="sarcoma", family_label="Sarcoma", rare=VerdictWord.NOT_MET, complex=VerdictWord.MET,
    resistant=VerdictWord.MET, under_18=False, due_at=DUE, language="es",
)  # fmt: skip


def ranking() -> Beside:
    """One referral over many centers, with every reason, beside the same decision over plain tuples without any."""
    centers = candidates()
    rows = [_plain(each) for each in centers]
    own = Timed(lambda: [fit.center.code for fit in rank(centers, NEEDS)[0]])
    floor = Timed(lambda: scan(rows, DUE))
    in_turn(own, floor, RANKINGS)
    what = f"ranking {RANKED:,} centers : plain tuples"
    return Beside(what, own.seconds, floor.seconds, OF_SCAN, is_same=own.answer == floor.answer)


def candidates() -> list[Candidate]:
    chance = random.Random(7)  # noqa: S311 - nothing secret is drawn
    return [_candidate(number, chance) for number in range(RANKED)]


def _candidate(number: int, chance: random.Random) -> Candidate:
    services = [Service.ADULTS, Service.MULTIDISCIPLINARY_TEAM, Service.TRIALS, Service.REMOTE]
    return Candidate(
        id=UUID(int=number + 1),
        code=f"center-{number:04d}",
        name=f"Center {number}",
        is_active=chance.random() < 0.95,
        is_paused=chance.random() < 0.05,
        designation=chance.choice([None, *Designation]),
        services=frozenset(each for each in services if chance.random() < 0.8),
        languages=frozenset(chance.sample(["en", "es", "zh"], 2)),
        expertise=round(chance.random(), 2),
        free_places=5,
        free_week=MONDAY if chance.random() < 0.9 else None,
        expected_at=NOW + timedelta(hours=chance.randrange(300)),
        km=chance.uniform(0, 3000),
    )


Plain = tuple[Any, ...]
_plain: Callable[[Candidate], Plain] = attrgetter(
    "code", "is_active", "is_paused", "free_week", "services", "expertise", "open_trials", "designation", "languages",
    "km", "expected_at",
)  # fmt: skip


def scan(rows: Sequence[Plain], due_at: datetime) -> list[str]:
    """Those that may be asked for this one, best first: no more than it takes to decide, and no word why."""
    found, day = [], timedelta(days=1)
    for code, is_active, is_paused, week, services, level, trials, designation, languages, km, expected_at in rows:
        if not is_active or is_paused or week is None or level < COMPETENT or not services >= _NEEDED:
            continue
        score = int(EXPERTISE * level + 0.5) + int(DISTANCE * exp(-km / FAR_KM) + 0.5)
        score += TRIALS * (Service.TRIALS in services if trials is None else trials > 0)
        score += COMPREHENSIVE * (designation == Designation.COMPREHENSIVE) + LANGUAGE * (NEEDS.language in languages)
        if expected_at > due_at:
            score -= min(LATE_AT_MOST, int(LATE_A_DAY[NEEDS.tier] * ((expected_at - due_at) / day) + 0.5))
        found.append((-score, code))
    return [code for _, code in sorted(found)]


_NEEDED = {Service.ADULTS, Service.MULTIDISCIPLINARY_TEAM}
