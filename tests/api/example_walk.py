"""A walk on which each example of the documentation is sent once, where it holds, and what it answers is kept."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from referrals.api import examples
from referrals.models.engine import Database
from referrals.worker.importing import take_in_some
from referrals.worker.planning import make_plan
from tests import factories
from tests.api.agreement import document_of
from tests.api.partner import Partner, if_match
from tests.factories import World, diagnosis, packet, routine
from tests.papers import PDF

# The day of the examples: what they want done lies in its future, what they tell in its past.
TODAY = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
PEOPLE: Mapping[str, tuple[str, str | None]] = {
    "lakeside": ("lakeside", None),
    "clinician": ("lakeside", "clinician@lakeside.example"),
    "hillcrest": ("hillcrest", None),
    "network": ("network", None),
    "coordinator": ("network", "coordinator@network.example"),
    "lead": ("network", "lead@network.example"),
    "deputy": ("network", "deputy@network.example"),
    "admin": ("network", "admin@network.example"),
    "summit": ("summit", None),
    "specialist": ("summit", "specialist@summit.example"),
}
FORM = "application/x-www-form-urlencoded"


@dataclass
class Walk:
    """`go` sends the example of an operation in somebody's name, with the ids of this walk in it."""

    app: Flask
    db: Database
    world: World
    names: dict[str, str] = field(default_factory=dict)
    answers: dict[str, TestResponse] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: iter(range(100, 200)))

    def __post_init__(self) -> None:
        people = {
            "specialist_id": "specialist@summit.example",
            "coordinator_id": "second@network.example",
            "colleague_id": "colleague@lakeside.example",
        }
        self.names |= {"version": "2026.1", "system": "icd10cm"}
        self.names |= {name: self.world.user_id(email) for name, email in people.items()}
        self.names["center_id"] = str(self.world.organizations["summit"].id)
        self.names["provider_id"] = str(self.world.organizations["lakeside"].id)
        self.names["client_id"] = self.world.clients["lakeside"].client_id
        self.names["client_secret"] = self.world.secrets["lakeside"]
        tokens = {code: factories.token(self.db, self.world, code) for code, _ in PEOPLE.values()}
        self.callers = {who: Partner(self.app, tokens[code], person) for who, (code, person) in PEOPLE.items()}
        self.callers["nobody"] = Partner(self.app, None)
        self.operations = {
            each["operationId"]: (method.upper(), path, each)
            for path, operations in document_of(self.app)["paths"].items()
            for method, each in operations.items()
        }

    def go(self, who: str, operation: str, **kept: str) -> Any:
        """Send it; `kept` says under which name a member of the answer is remembered."""
        name, _, form = operation.partition(" ")
        method, path, said = self.operations[name]
        sent = self.body(operation, form, said)
        headers = if_match("*") if method != "GET" else {}
        caller = self.callers[who]
        needed = {each: value for each, value, is_needed in asked(name, said, self.names) if is_needed}
        answer = caller.call(method, self.address(path), headers=headers, query_string=needed, **sent)
        promised = [status for status in said["responses"] if status < "300"]
        assert str(answer.status_code) in promised, (operation, answer.text)
        self.answers[operation] = answer
        for each, where in kept.items():
            self.names[each] = member(answer.json, where)
        return answer

    def address(self, path: str) -> str:
        for name in examples.ids():
            path = path.replace("{" + name + "}", self.names.get(name, ""))
        return path

    def body(self, operation: str, form: str, said: Mapping[str, Any]) -> dict[str, Any]:
        """What the document shows, as a client would send it: in the first of the forms where none is named."""
        example = examples.sent(operation, self.names)
        form = form or next(iter(said.get("requestBody", {}).get("content", {"": None})))
        if example is None:
            return {}
        if form == "multipart/form-data":
            return {"data": {**example, "file": (BytesIO(PDF), "report.pdf")}}
        if form == FORM:
            return {"data": example, "content_type": FORM}
        if isinstance(example, str):
            return {"data": example.encode(), "content_type": form}
        return {"json": example}

    def take(self, who: str, step: str, **body: Any) -> Any:
        """A step on the way, which is no example here."""
        path = f"/referrals/{self.names['referral_id']}/{step}"
        answer = self.callers[who].post(path, body or {}, headers=if_match("*"))
        assert answer.status_code == 200, (step, answer.text)
        return answer

    def another(self, kind: Callable[..., dict[str, Any]] = routine, **changes: Any) -> str:
        """Another referral, about which the next examples are."""
        made = self.callers["lakeside"].create(kind(next(self.numbers), **changes))
        self.names["referral_id"] = made["id"]
        return made["id"]

    def to_center(self) -> None:
        for step in ("claim", "complete-triage"):
            self.take("coordinator", step)
        self.take("coordinator", "offer", center=self.names["center_id"])

    def to_review(self) -> None:
        self.to_center()
        self.take("specialist", "accept")
        self.take("specialist", "start-review", specialist=self.names["specialist_id"])

    @contextmanager
    def aside(self) -> Iterator[None]:
        """What is remembered before is remembered after."""
        names = dict(self.names)
        yield
        self.names = names


def member(answer: Any, where: str) -> Any:
    for part in where.split("."):
        answer = answer[int(part)] if part.lstrip("-").isdigit() else answer[part]
    return answer


def walk_all(walk: Walk) -> None:
    """Everything that writes, then everything that reads."""
    for part in (one_life, side_roads, questions, records, many, told_by_webhook, centers):
        part(walk)
    for part in (reading, as_others):
        part(walk)


def one_life(walk: Walk) -> None:
    """The referral of the packet, from the day it was sent to an opinion that was amended."""
    walk.go("lakeside", "referrals-create", referral_id="id", patient_id="patient.id", diagnosis_id="diagnosis.id")
    walk.go("lakeside", "referrals-rewrite")
    walk.go("clinician", "documents-add", document_id="id")
    walk.go("lakeside", "messages-say", message_id="id")
    walk.go("coordinator", "messages-read")
    walk.go("coordinator", "contacts-add", contact_id="id")
    walk.go("clinician", "steps-change-clinician")
    for step in ("claim", "release"):
        walk.go("coordinator", f"steps-{step}")
    walk.take("coordinator", "claim")
    for step in ("assign-owner", "override", "reassess", "complete-triage"):
        walk.go("coordinator", f"steps-{step}")
    walk.go("lakeside", "steps-update-facts")
    walk.go("coordinator", "steps-offer", offer_id="offers.0.id")
    for step in ("accept", "undo"):
        walk.go("specialist", f"steps-{step}")
    walk.take("specialist", "accept")
    for step in ("start-review", "change-specialist", "interim-advice"):
        walk.go("specialist", f"steps-{step}")
    told = {
        "recommendation_id": "opinion.recommendations.0.id",
        "second_recommendation_id": "opinion.recommendations.1.id",
    }
    walk.go("specialist", "steps-sign-opinion", **told)
    for step in ("acknowledge", "close"):
        walk.go("clinician", f"steps-{step}")
    with walk.aside():
        walk.go("lakeside", "steps-reopen", referral_id="id")
    walk.go("specialist", "steps-amend-opinion")


def side_roads(walk: Walk) -> None:
    for prepare, who, step in SIDE_ROADS:
        with walk.aside():
            prepare(walk)
            walk.go(who, f"steps-{step}")


def _draft(walk: Walk) -> None:
    walk.another(submit=False)


def _declined(walk: Walk) -> None:
    walk.another()
    walk.go("lead", "steps-decline")


def _accepted(walk: Walk) -> None:
    walk.another()
    walk.to_center()
    walk.take("specialist", "accept")


def _flagged(walk: Walk) -> None:
    _accepted(walk)
    walk.go("lakeside", "steps-request-withdrawal")


def _offered(walk: Walk) -> None:
    walk.another()
    walk.to_center()


def _reviewed(walk: Walk) -> None:
    walk.another()
    walk.to_review()


def _twice(walk: Walk) -> None:
    walk.names["duplicate_id"] = walk.another(patient=factories.patient(98))
    walk.another(patient=factories.patient(98))


SIDE_ROADS: tuple[tuple[Callable[[Walk], Any], str, str], ...] = (
    (_draft, "lakeside", "submit"),
    (_declined, "clinician", "contest"),
    (Walk.another, "lakeside", "withdraw"),
    (Walk.another, "clinician", "join"),
    (_twice, "coordinator", "cancel"),
    (_flagged, "specialist", "confirm-withdrawal"),
    (_offered, "specialist", "decline-offer"),
    (_offered, "coordinator", "withdraw-offer"),
    (_accepted, "specialist", "return"),
    (_reviewed, "lead", "recall"),
    (Walk.another, "admin", "mark-error"),
)


def questions(walk: Walk) -> None:
    """A blocking question that is answered, and one that is not."""
    for step in ("answer-information", "proceed-without"):
        with walk.aside():
            walk.another(packet, diagnosis=diagnosis(disease_status=None), treatments=None, needed_by=None)
            walk.take("coordinator", "claim")
            asked = "information_requests.0"
            kept = {"request_id": f"{asked}.id", "item_id": f"{asked}.items.0.id"}
            walk.go("coordinator", "steps-request-information", **kept)
            walk.go("coordinator", "steps-extend")
            walk.go("coordinator" if step == "proceed-without" else "lakeside", f"steps-{step}")


def records(walk: Walk) -> None:
    walk.go("lakeside", "patients-search")
    with walk.aside():
        walk.go("lakeside", "patients-record", patient_id="id")
        walk.go("lakeside", "patients-rewrite")
        walk.go("lakeside", "diagnoses-add", diagnosis_id="id")
        walk.go("lakeside", "diagnoses-rewrite")
        walk.go("lakeside", "diagnoses-add_treatment", treatment_id="id")
        walk.go("lakeside", "diagnoses-rewrite_treatment")


def told_by_webhook(walk: Walk) -> None:
    walk.go("lakeside", "webhooks-subscribe", subscription_id="id")
    for part in ("change", "rotate", "replay"):
        walk.go("lakeside", f"webhooks-{part}")
    walk.go("lakeside", "webhooks-test", delivery_id="id")
    walk.go("lakeside", "webhooks-retry")
    with walk.aside():
        walk.names["subscription_id"] = (
            walk.callers["lakeside"].post("/subscriptions", examples.sent("webhooks-subscribe")).json["id"]
        )
        walk.go("lakeside", "webhooks-unsubscribe")


def centers(walk: Walk) -> None:
    with walk.aside():
        walk.go("network", "centers-add", center_id="id")
    for part in ("rewrite", "expertise", "trials", "conflicts", "places"):
        walk.go("summit", f"centers-{part}")


def many(walk: Walk) -> None:
    """What is done to many at once, some of it by the worker."""
    work = walk.app.extensions["archive"].store
    walk.go("lakeside", "imports-begin", import_id="id")
    with walk.aside():
        walk.names["import_id"] = (
            walk.callers["lakeside"].post("/imports", data=b"{}", content_type="application/x-ndjson").json["id"]
        )
        walk.go("lakeside", "imports-cancel")
    take_in_some(walk.db, lambda session: datetime.now(UTC), work, 60)
    with walk.aside():
        walk.another()
        for step in ("claim", "complete-triage"):
            walk.take("coordinator", step)
        walk.go("network", "assignments-asked", plan_id="id")
        make_plan(walk.db, lambda session: datetime.now(UTC))
        walk.go("network", "assignments-one")
        walk.go("coordinator", "assignments-approval")
    for who, operation in (
        ("lakeside", "judgement-assess"), ("lakeside", "worklist-search"), ("lakeside", "feed-reconciliation"),
        ("nobody", "oauth-token"),
    ):  # fmt: skip
        walk.go(who, operation)
    walk.names["token"] = walk.answers["oauth-token"].json["access_token"]
    walk.go("nobody", "oauth-revoke")
    walk.go("lakeside", "imports-begin text/csv")


# Who reads, where it is not the client of the referring organization.
READERS: Mapping[str, str] = {
    "audit-every_entry": "network",
    "offers-listed": "summit",
    "offers-one": "summit",
    "reports-record": "network",
    "reports-network_gap": "network",
    "centers-ranked": "network",
    "contacts-one": "network",
    "contacts-listed": "network",
    "centers-capacity": "network",
}
# Nothing of theirs may be asked again: a cursor is sealed for one list and one reader.
NEVER_ASKED = frozenset({"cursor"})


def reading(walk: Walk) -> None:
    """Each address that reads: as it is, and with all of its parameters as the documentation shows them."""
    for operation, (method, path, said) in walk.operations.items():
        if method != "GET" or operation in walk.answers:
            continue
        who = READERS.get(operation, "lakeside")
        answer = walk.go(who, operation)
        if every := {name: value for name, value, _ in asked(operation, said, walk.names)}:
            shown = walk.callers[who].get(walk.address(path), query_string=every)
            assert shown.status_code == 200, (operation, shown.text)
        walk.answers[operation] = answer


def asked(operation: str, said: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[tuple[str, Any, bool]]:
    for parameter in said.get("parameters", ()):
        if parameter.get("in") == "query" and parameter["name"] not in NEVER_ASKED:
            value = examples.asked(operation, parameter["name"], names)
            said_so = str(value).lower() if isinstance(value, bool) else value
            yield parameter["name"], said_so, parameter.get("required", False)


def as_others(walk: Walk) -> None:
    """The other forms that an answer can have."""
    for operation, (method, path, said) in walk.operations.items():
        forms = list(said["responses"].get("200", {}).get("content", {}))
        if method != "GET" or len(forms) < 2 or "application/json" not in forms:
            continue
        for form in forms[1:]:
            who = READERS.get(operation, "lakeside")
            answer = walk.callers[who].get(walk.address(path), headers={"Accept": form})
            assert (answer.status_code, answer.mimetype) == (200, form), (operation, answer.text)
            walk.answers[f"{operation} {form}"] = answer


def named_anew(walk: Walk) -> Callable[[str], str]:
    """In place of an id of this walk one of the documentation, always the same one."""
    known = {value: examples.ids().get(name, value) for name, value in walk.names.items()}
    free = (f"0198f3a2-6c1e-7d04-9b52-4a7e10c3e{number:03}" for number in range(1000))

    def anew(text: str) -> str:
        if text not in known:
            known[text] = next(free)
        return known[text]

    return anew
