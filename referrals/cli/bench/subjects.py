"""What is measured on each database, and beside which floor."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from urllib.parse import quote
from uuid import uuid4

import orjson

from referrals.cli.bench.cases import CASES
from referrals.cli.bench.cast import Cast
from referrals.cli.bench.floors import PREFIX
from referrals.cli.bench.measure import Caller, Request, Subject, walk
from referrals.cli.bench.served import Served

LIST, COUNTS, REFERRALS = "/api/v1/referrals", "/api/v1/referrals/counts", "/api/v1/referrals"
CODES = "/api/v1/codes/icd10cm?q=pancreas%20head&limit=20"
EVENTS = "/api/v1/events?limit=50&after="
DEEP = 1_000
CREATED_TOO = 500


@dataclass(frozen=True, slots=True)
class Field:
    """One database with its server. `small` says that it is the one of comparison, with few referrals."""

    kind: str
    served: Served
    cast: Cast
    small: bool = False

    def caller(self, token: str) -> Caller:
        return Caller(self.served, token)


@dataclass(slots=True)
class Measured:
    """The subjects of one kind of database, by name."""

    kind: str
    subjects: dict[str, Subject] = field(default_factory=dict)
    deep_page: int = 0

    def add(self, name: str, caller: Caller, request: Callable[[], Request], status: int = 200) -> None:
        self.subjects[name] = Subject(f"{self.kind}: {name}", caller, request, status)


def get(path: str) -> Callable[[], Request]:
    request = Request("GET", path)
    return lambda: request


def floor_of(path: str) -> Callable[[], Request]:
    return get(f"{PREFIX}/read?path={quote(path, safe='')}")


def subjects_of(main: Field, small: Field) -> Measured:
    """Everything that is called on one kind of database, once with all referrals and twice with few."""
    found = Measured(main.kind)
    desk = main.caller(main.cast.network_token)
    _readings(found, desk)
    _writings(found, main.caller(main.cast.provider_token))
    found.add("look-up", desk, get(CODES))
    found.add("empty view", desk, get(f"{PREFIX}/empty"))
    few = small.caller(small.cast.network_token)
    found.add("first page, few", few, get(LIST))
    found.add("counts, few", few, get(COUNTS))
    found.add("events, few", few, get(f"{EVENTS}0"))
    return found


def _readings(found: Measured, desk: Caller) -> None:
    status, body = desk.call(Request("GET", LIST))
    if status != 200:
        raise RuntimeError(f"the first page was answered with {status}")
    one = f"{REFERRALS}/{orjson.loads(body)['items'][0]['id']}"
    found.add("first page", desk, get(LIST))
    found.add("first page, floor", desk, floor_of(LIST))
    found.add("counts", desk, get(COUNTS))
    found.add("counts, floor", desk, floor_of(COUNTS))
    found.add("deep page", desk, get(walk(desk, LIST, DEEP)))
    found.add("one referral", desk, get(one))
    found.add("one referral, floor", desk, floor_of(one))
    newest = f"{EVENTS}{max(0, last_event(desk) - 50)}"
    for name, path in {"events": f"{EVENTS}0", "newest events": newest}.items():
        found.add(name, desk, get(path))
        found.add(f"{name}, floor", desk, floor_of(path))


def last_event(desk: Caller) -> int:
    """The number of the newest event, found by asking what comes after: twice as far, then between."""

    def is_beyond(number: int) -> bool:
        return not orjson.loads(desk.call(Request("GET", f"/api/v1/events?limit=1&after={number}"))[1])["items"]

    high = 1
    while not is_beyond(high):
        high *= 2
    return bisect_left(range(high), True, key=is_beyond)


def _writings(found: Measured, provider: Caller) -> None:
    packets = new_packets()
    found.add("create", provider, lambda: _post(REFERRALS, next(packets)), 201)
    found.add("create, floor", provider, lambda: _post(f"{PREFIX}/create", next(packets)), 201)
    case = orjson.dumps({"diagnosis": _set(CASES[1].diagnosis()), "treatments": CASES[1].treatment_list()})
    found.add("assess", provider, lambda: Request("POST", "/api/v1/assess", case))


def _post(path: str, packet: Mapping[str, object]) -> Request:
    return Request("POST", path, orjson.dumps(packet))


def new_packets() -> Iterator[dict[str, object]]:
    """Referrals that nobody sent before, each of a new patient."""
    run = uuid4().hex[:12]
    for number in count(1):
        case = CASES[number % len(CASES)]
        yield {
            "external_reference": f"BENCH-{run}-{number}",
            "submit": True,
            "patient": {
                "identifiers": [{"system": "urn:oid:2.16.840.1.113883.19.5", "value": f"B-{run}-{number}"}],
                "given_name": "Ada",
                "family_name": "Benchmark",
                "birth_date": "1961-03-02",
                "sex": "female",
                "language": "en",
                "postal_code": "94110",
                "country": "US",
            },
            "diagnosis": _set(case.diagnosis()),
            "treatments": case.treatment_list(),
            "purposes": ["treatment_options"],
            "questions": ["Is there a second-line option or a trial?"],
            "performance_status": {"ecog": 1, "date": "2026-11-10"},
            "preferences": {"remote": True, "language": "en"},
            "referring_clinician": {"email": "clinician.0@provider-0.example"},
            "consent": {
                "given": True,
                "given_on": "2026-11-01",
                "given_by": "patient",
                "scope": ["share_with_centers"],
            },
        }


def _set(members: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in members.items() if value is not None}
