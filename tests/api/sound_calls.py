"""A sound call for every address that takes something: who sends what, in an order in which most of it comes to pass."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from referrals.api.openapi import path_of, routes
from referrals.domain.people import Kind
from tests.api.one_network import OneNetwork
from tests.api.partner import BASE
from tests.factories import days_ago, diagnosis, in_days, packet, person, treatment, unknown_id
from tests.opinions import SPECIALIST, opinion
from tests.papers import form
from tests.web.scenery import Scenery, build

CLINICIAN, COLLEAGUE = "clinician@lakeside.example", "colleague@lakeside.example"
COORDINATOR, LEAD, ADMIN = "coordinator@network.example", "lead@network.example", "admin@network.example"
HOOK = {"url": "https://hooks.example.org/in", "topics": ["referral.*"], "filters": {"tier": ["P1"]}}
TRIAL = {"registry_id": "N1", "title": "A", "families": ["sarcoma"], "phase": "2", "opened_on": "2026-01-10"}
PROFILE = {"name": "Summit", "services": ["adults", "remote"], "languages": ["en"], "city": "Duluth", "lat": 46.7}


Step = tuple[str, str, str, dict[str, Any]]
_ASKING = {Kind.PROVIDER: CLINICIAN, Kind.NETWORK: COORDINATOR, Kind.CENTER: SPECIALIST}


@dataclass(frozen=True)
class Sound:
    """`template` is the address as the document writes it; a form is read up, so its body is made anew each time."""

    method: str
    template: str
    address: str
    email: str
    body: Any

    @property
    def home(self) -> str:
        return self.email.partition("@")[2].removesuffix(".example")

    @property
    def is_json(self) -> bool:
        return isinstance(self.body, dict) and "data" not in self.body

    def send(self, network: OneNetwork, headers: Mapping[str, str] | None = None, **other: Any) -> Any:
        sent = other or (
            {"json": self.body} if self.is_json else self.body() if callable(self.body) else self.body or {}
        )
        return network.call(self.method, BASE + self.address, network.token(self.home), self.email, headers, **sent)


def later(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


class Sounds:
    """Builds the rows that the calls are about, and knows the calls."""

    def __init__(self, network: OneNetwork) -> None:
        self.network, self.world = network, network.world
        for home in ("lakeside", "network", "summit"):
            network.token(home)
        self.scenery: Scenery = build(network.database, network.world, network.app.extensions["archive"])
        self.referral = {name: str(each) for name, each in self.scenery.referrals.items()}
        self.draft = self.made("/referrals", packet(70, submit=False))
        self.hook = self.made("/subscriptions", HOOK)
        self.plan = str(self.scenery.plan)
        self.record = self.read(f"/referrals/{self.referral['opinion_issued']}")

    def made(self, path: str, body: Any) -> str:
        answer = Sound("POST", path, path, CLINICIAN, body).send(self.network)
        assert answer.status_code < 300, answer.text
        return str(answer.json["id"])

    def read(self, path: str) -> Any:
        return Sound("GET", path, path, CLINICIAN, None).send(self.network).json

    def all(self) -> list[Sound]:
        """Each method and address of the url map that changes or takes something: once, or once for each status."""
        adapter = self.network.app.url_map.bind("localhost")
        found = []
        for method, address, email, body in (*self.of_records(), *self.of_steps(), *self.of_the_rest()):
            rule, _ = adapter.match(BASE + address, method=method, return_rule=True)
            found.append(Sound(method, path_of(rule).removeprefix(BASE), address, email, body))
        return found

    def asked(self, method: str, template: str, kinds: Collection[Kind], query: str) -> Sound:
        """Something is asked about a row that is there, by somebody who may."""
        email = next(each for kind, each in _ASKING.items() if kind in kinds or not kinds)
        return Sound(method, template, f"{self.filled(template)}?{query}", email, None)

    def filled(self, template: str) -> str:
        """The address with the ids of the referral that has an opinion, and of what lies around it."""
        own = {"patient_id": self.record["patient"]["id"], "diagnosis_id": self.record["diagnosis"]["id"]}
        own |= {"offer_id": self.record["offers"][0]["id"], "plan_id": self.plan, "system": "icd10cm"}
        known = self.scenery.arguments("opinion_issued") | own | {"subscription_id": self.hook}
        return re.sub(r"{(\w+)}", lambda found: known.get(found[1], unknown_id()), template)

    def of_records(self) -> Iterator[tuple[str, str, str, Any]]:
        record = self.read(f"/referrals/{self.referral['submitted']}")
        treated = self.read(f"/diagnoses/{record['diagnosis']['id']}/treatments")["items"][0]["id"]
        patient, illness = record["patient"]["id"], record["diagnosis"]["id"]
        whole = {name: value for name, value in packet(70).items() if name not in ("submit", "external_reference")}
        yield "PATCH", f"/referrals/{self.draft}", CLINICIAN, whole
        yield "POST", "/referrals", CLINICIAN, packet(71)
        yield "POST", "/assess", CLINICIAN, {"diagnosis": diagnosis(), "treatments": [treatment()], "policy": "2026.1"}
        yield "POST", "/patients", CLINICIAN, person(50)
        yield "PATCH", f"/patients/{patient}", CLINICIAN, {"postal_code": "10001", "contact": {"phone": "1"}}
        yield "POST", f"/patients/{patient}/diagnoses", CLINICIAN, diagnosis()
        yield "PATCH", f"/diagnoses/{illness}", CLINICIAN, {"grade": "1", "stage": {"m": "M0"}}
        yield "POST", f"/diagnoses/{illness}/treatments", CLINICIAN, treatment()
        yield "PATCH", f"/treatments/{treated}", CLINICIAN, {"regimen": "X", "line": 2}
        yield "POST", "/patients/search", CLINICIAN, {"q": "Example", "limit": 3}
        yield "POST", "/referrals/search", CLINICIAN, {"q": "Example", "tier": ["P1"], "due_before": later(3)}
        yield "POST", "/reconcile", CLINICIAN, {"references": [record["reference"]]}

    def of_steps(self) -> Iterator[tuple[str, str, str, Any]]:
        for status, step, email, body in self.steps():
            referral = self.draft if status == "draft" else self.referral[status]
            yield "POST", f"/referrals/{referral}/{step}", email, body

    def steps(self) -> Iterator[Step]:
        """The lives of the referrals of the scenery go on; what is not open then is a conflict, which is an answer, too."""
        yield from self.steps_before_triage()
        yield from self.steps_of_triage()
        yield from self.steps_of_questions()
        yield from self.steps_of_centers()
        yield from self.steps_of_opinions()

    def steps_before_triage(self) -> Iterator[Step]:
        user = self.world.user_id
        told = {"kind": "correction", "source": "x", "reason": "y"}
        yield "draft", "submit", CLINICIAN, {"note": "x"}
        yield "submitted", "change-clinician", CLINICIAN, {"user": user(COLLEAGUE)}
        yield "submitted", "update-facts", CLINICIAN, told | {"diagnosis": {"grade": "3"}, "treatments": [treatment()]}
        yield "submitted", "join", COORDINATOR, {"user": user("clinician@hillcrest.example")}
        yield "submitted", "claim", COORDINATOR, {}
        yield "submitted", "release", COORDINATOR, {}
        yield "submitted", "withdraw", CLINICIAN, {"reason": "other", "text": "x"}

    def steps_of_triage(self) -> Iterator[Step]:
        yield "in_triage", "reassess", COORDINATOR, {}
        yield "in_triage", "override", LEAD, {
            "tier": "P3", "reason": "patient_safety", "text": "x", "expires_at": later(20)
        }  # fmt: skip
        yield "in_triage", "assign-owner", LEAD, {"user": self.world.user_id(COORDINATOR)}
        yield "in_triage", "request-information", COORDINATOR, {
            "asked": "referrer", "blocking": False, "due_at": later(3), "message": "x",
            "items": [{"field": "/diagnosis/morphology"}, {"document": "pathology"}, {"text": "x", "required": False}],
        }  # fmt: skip
        yield "in_triage", "complete-triage", COORDINATOR, {"note": "x"}
        yield "in_triage", "decline", LEAD, {"reason": "out_of_scope", "advice": "x"}

    def steps_of_questions(self) -> Iterator[Step]:
        asked = self.read(f"/referrals/{self.referral['information_requested']}")["information_requests"][0]
        item = asked["items"][0]["id"]
        yield "information_requested", "extend", COORDINATOR, {"due_at": later(20), "reason": "x"}
        yield "information_requested", "answer-information", CLINICIAN, {
            "request": asked["id"], "answers": [{"item": item, "value": "progression"}], "source": "x"
        }  # fmt: skip
        yield "information_requested", "proceed-without", COORDINATOR, {"reasons": [{"item": item, "reason": "x"}]}
        yield "information_requested", "cancel", COORDINATOR, {"reason": "other_route", "text": "x"}

    def steps_of_centers(self) -> Iterator[Step]:
        user, summit = self.world.user_id, str(self.world.organizations["summit"].id)
        offered = {"center": summit, "respond_by": later(1), "late_acknowledged": True, "unknown_acknowledged": True}
        yield "ready", "offer", COORDINATOR, offered | {"exception_reason": "x", "overbook_reason": "x"}
        yield "ready", "withdraw-offer", COORDINATOR, {"text": "x"}
        yield "ready", "mark-error", ADMIN, {"text": "x", "second_person": COORDINATOR}
        yield "offered", "accept", SPECIALIST, {"expected_on": in_days(9)}
        yield "offered", "undo", SPECIALIST, {}
        yield "in_review", "start-review", SPECIALIST, {"specialist": user(SPECIALIST), "panel": []}
        yield "in_review", "change-specialist", SPECIALIST, {"specialist": user(SPECIALIST)}
        yield "in_review", "interim-advice", SPECIALIST, {"text": "x"}
        yield "in_review", "request-withdrawal", CLINICIAN, {"reason": "other", "text": "x"}
        yield "in_review", "recall", LEAD, {"text": "x"}
        yield "offered", "decline-offer", SPECIALIST, {"reason": "capacity", "text": "x"}

    def steps_of_opinions(self) -> Iterator[Step]:
        issued = self.read(f"/referrals/{self.referral['opinion_issued']}/opinion")["recommendations"]
        yield "opinion_issued", "return", SPECIALIST, {"reason": "capacity", "text": "x"}
        yield "opinion_issued", "confirm-withdrawal", SPECIALIST, {}
        yield "opinion_issued", "sign-opinion", SPECIALIST, opinion()
        yield "opinion_issued", "acknowledge", CLINICIAN, {"version": 1, "plan": "follow", "text": "x"}
        yield "opinion_issued", "close", CLINICIAN, {
            "outcomes": [{"recommendation": each["id"], "result": "followed", "reason": "x"} for each in issued]
        }  # fmt: skip
        yield "opinion_issued", "amend-opinion", SPECIALIST, opinion(text="x", dissent="y")
        yield "declined", "contest", CLINICIAN, {"text": "x"}
        yield "withdrawn", "reopen", CLINICIAN, {"text": "x"}

    def of_the_rest(self) -> Iterator[tuple[str, str, str, Any]]:
        summit, about = self.world.organizations["summit"].id, f"/referrals/{self.referral['in_triage']}"
        hook, system = f"/subscriptions/{self.hook}", CLINICIAN
        call = {
            "with": "patient",
            "channel": "phone",
            "outcome": "reached",
            "person": "x",
            "at": f"{days_ago(1)}T09:30:00Z",
        }
        own = {"organization": str(self.world.organizations["hillcrest"].id), "reason": "x", "from_day": "2024-01-01"}
        yield "POST", f"{about}/messages", CLINICIAN, {"text": "x", "to": "network"}
        yield "POST", f"{about}/messages/{self.scenery.messages['in_triage']}/read", COORDINATOR, None
        yield "POST", f"{about}/contacts", CLINICIAN, call
        yield "POST", f"{about}/documents", CLINICIAN, form
        yield "POST", "/centers", COORDINATOR, {"code": "ridge", "name": "Ridge", "services": ["adults"], "places": 5}
        yield "PATCH", f"/centers/{summit}", COORDINATOR, PROFILE
        yield "PUT", f"/centers/{summit}/expertise", COORDINATOR, {"expertise": [{"family": "sarcoma", "level": 0.5}]}
        yield "PUT", f"/centers/{summit}/capacity", COORDINATOR, {
            "places": 3, "services": [{"service": "pediatrics", "places": 2}]
        }  # fmt: skip
        yield "PUT", f"/centers/{summit}/trials", COORDINATOR, {"trials": [TRIAL]}
        yield "PUT", f"/centers/{summit}/conflicts", COORDINATOR, {"conflicts": [own]}
        yield "POST", "/assignments", COORDINATOR, {"note": "x"}
        yield "POST", f"/assignments/{self.plan}/approve", COORDINATOR, {"referrals": [self.referral["ready"]]}
        yield "POST", "/subscriptions", system, HOOK
        yield "PATCH", hook, system, HOOK | {"active": True}
        yield "POST", f"{hook}/test", system, None
        yield "POST", f"{hook}/replay", system, {"after": 0}
        yield "POST", f"{hook}/rotate-secret", system, {"overlap_hours": 1}
        yield "POST", f"/deliveries/{self.scenery.sending}/retry", system, None
        yield "POST", "/imports", system, {"data": b'{"x": 1}\n', "content_type": "application/x-ndjson"}
        yield "POST", f"/imports/{self.scenery.import_}/cancel", system, {"note": "x"}
        yield "DELETE", hook, system, None


def changing(network: OneNetwork) -> set[tuple[str, str]]:
    """Every method and address that is not only read."""
    return {
        (method, path_of(rule).removeprefix(BASE))
        for rule, _, _ in routes(network.app)
        for method in rule.methods - {"HEAD", "OPTIONS", "GET"}
    }
