"""One of each thing that an address can name, and the way from every route of the dashboard to its addresses."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import inspect, select, text, update
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from referrals.domain.errors import FieldError
from referrals.domain.imports import ImportForm
from referrals.domain.people import Actor, Kind, Role
from referrals.domain.tasks import TaskKind
from referrals.domain.vocabulary import DocumentKind
from referrals.models.base import new_id
from referrals.models.break_glass import BreakGlass
from referrals.models.delivery import Delivery
from referrals.models.engine import Database
from referrals.models.offer import Advice
from referrals.models.patient import IdentityCheck
from referrals.models.referral import Referral
from referrals.models.task import Task
from referrals.models.user import Membership
from referrals.pathway import intake, webhooks
from referrals.pathway.accounts import actor_for_user, create_organization, create_user
from referrals.pathway.actions import take_step
from referrals.pathway.at_rest import Vault
from referrals.pathway.conversation import write
from referrals.pathway.documents import Archive, Sent, attach, file_away
from referrals.pathway.imports import Arrived, ask_for_import, put_away
from referrals.pathway.mail import Occasion, Stationery, queue_letters
from referrals.pathway.plans import ask_for_plan, claim, keep
from referrals.pathway.queue_plan import read_queue, work_out
from referrals.pathway.retention.holds import set_hold
from referrals.pathway.tasks import NewTask, raise_task
from tests import factories
from tests.factories import World
from tests.opinions import SPECIALIST, opinion
from tests.papers import PDF

LAKESIDE, COORDINATOR, LEAD = "clinician@lakeside.example", "coordinator@network.example", "lead@network.example"
SUMMIT = "coordinator@summit.example"
ELSEWHERE = "coordinator@elsewhere.example"
UNTOLD = factories.diagnosis(disease_status=None)
QUESTION = {"asked": "referrer", "blocking": True, "items": [{"field": "/diagnosis/disease_status"}]}
# What reading may write: who looked, that they are still there, and how often they tried.
WRITTEN_BY_READING = frozenset({"audit_entry", "user_session", "rate_counter", "alembic_version"})
CHANGING = re.compile(
    r'(?:name="(?:csrf_token|written_for|cursor)" value="[^"]*")|(?:<code>[0-9a-f]{32}</code>)|(?:\?cursor=[^"]*)'
)


@dataclass(frozen=True)
class Scenery:
    """Ids of referrals by what became of them, and of what waits at the desk."""

    referrals: Mapping[str, UUID]
    check: UUID
    receipt: UUID
    task: UUID
    delivery: UUID
    documents: Mapping[str, UUID]
    messages: Mapping[str, UUID]
    advice: UUID
    plan: UUID
    center: UUID
    import_: UUID
    system: UUID
    subscription: UUID
    sending: UUID
    user: UUID
    glass: UUID
    membership: UUID
    hold: UUID

    def arguments(self, referral: str = "submitted") -> dict[str, str]:
        return {
            "referral_id": str(self.referrals[referral]),
            "check_id": str(self.check),
            "receipt_id": str(self.receipt),
            "task_id": str(self.task),
            "delivery_id": str(self.delivery),
            "document_id": str(self.documents[referral]),
            "message_id": str(self.messages[referral]),
            "version": "2026.1",
            "token": "made-up",
            "advice_id": str(self.advice),
            "plan_id": str(self.plan),
            "view": "late",
            "center_id": str(self.center),
            "part": "profile",
            "name": "turnaround",
            "sealed": "made-up",
            "import_id": str(self.import_),
            "system_id": str(self.system),
            "care": "rotate",
            "subscription_id": str(self.subscription),
            "sending_id": str(self.sending),
            "user_id": str(self.user),
            "glass_id": str(self.glass),
            "membership_id": str(self.membership),
            "hold_id": str(self.hold),
            "care_of": "deactivate",
        }


def build(db: Database, world: World, archive: Archive) -> Scenery:
    now = datetime.now(UTC)
    with db.writing() as session:
        people = {email: actor_for_user(session, person) for email, person in world.people.items()}

        def sent(number: int, submit: bool = True, by: str = LAKESIDE, **changes: Any) -> UUID:
            packet = factories.packet(
                number, submit=submit, external_reference=None, referring_clinician=None, **changes
            )
            return intake.receive(session, people[by], packet, door="form", now=now).id

        def taken(referral: UUID, *steps: tuple[str, str, dict[str, Any]]) -> UUID:
            for email, step, body in steps:
                take_step(session, people[email], referral, step, body, now)
            return referral

        claim = (COORDINATOR, "claim", {})
        triaged = (COORDINATOR, "complete-triage", {})
        to_summit = (claim, triaged, (COORDINATOR, "offer", {"center": str(world.organizations["summit"].id)}))
        named = {"specialist": world.user_id("specialist@summit.example")}
        ask = (COORDINATOR, "request-information", QUESTION)
        reviewed = ((SUMMIT, "accept", {}), (SUMMIT, "start-review", named))
        decline = (LEAD, "decline", {"reason": "not_indicated", "advice": "Ask the tumor board."})
        referrals = {
            "draft": sent(1, submit=False),
            "submitted": sent(2),
            "in_triage": taken(sent(3), claim),
            "ready": taken(sent(4), claim, triaged),
            "offered": taken(sent(7), *to_summit),
            "in_review": taken(
                sent(8), *to_summit, *reviewed, (SPECIALIST, "interim-advice", {"text": "Stop the drug."})
            ),
            "opinion_issued": taken(sent(9), *to_summit, *reviewed, (SPECIALIST, "sign-opinion", opinion())),
            "declined": taken(sent(5), claim, decline),
            "information_requested": taken(sent(10, diagnosis=UNTOLD, treatments=None), claim, ask),
            "withdrawn": taken(sent(6), (LAKESIDE, "withdraw", {"reason": "patient_choice"})),
        }
        documents = {kind: attached(session, people[LAKESIDE], each, archive, now) for kind, each in referrals.items()}
        messages = {kind: asked(session, people[LAKESIDE], each, now) for kind, each in referrals.items()}
        # A second provider sends a number that the first one knows.
        sent(2, by="clinician@hillcrest.example")
        refusal = at_the_door(session, factories.client_actor(world, "hillcrest"), now)
        check = session.scalars(select(IdentityCheck)).one()
        build_elsewhere(session, now)
        task, letter = waiting(session, world, referrals["in_triage"], now)
        advice = session.scalars(select(Advice.id)).one()
        plan, summit = planned(session, people[COORDINATOR], now), world.organizations["summit"].id
        webhook = subscribed(session, factories.client_actor(world, "lakeside"), now)
        return Scenery(
            referrals, check.id, refusal, task, letter, documents, messages, advice, plan, summit,
            imported(session, people[LAKESIDE], archive, now), world.clients["lakeside"].id, *webhook,
            world.people[LAKESIDE].id,
            broken(session, world, referrals["submitted"], now),
            role_of(session, world.people[LAKESIDE].id),
            held(session, world, referrals["withdrawn"], now),
        )  # fmt: skip


def broken(session: Session, world: World, referral_id: UUID, now: datetime) -> UUID:
    """A record that somebody of Hillcrest once opened outside their scope, and that waits for a review."""
    person = world.people["clinician@hillcrest.example"]
    glass = BreakGlass(
        id=new_id(), network_id=world.network_id, referral_id=referral_id, user_id=person.id,
        organization_id=world.organizations["hillcrest"].id, actor_name=person.name, ground="incident",
        reason="A drug was mixed up.", opened_at=now - timedelta(hours=2), until=now - timedelta(hours=1),
    )  # fmt: skip
    session.add(glass)
    session.flush()
    return glass.id


def held(session: Session, world: World, referral_id: UUID, now: datetime) -> UUID:
    """The patient of this referral must not be erased."""
    keeper = actor_for_user(session, world.people["admin@network.example"])
    sent = {"reference": session.get_one(Referral, referral_id).reference, "reason": "A court has asked for the file."}
    return set_hold(session, keeper, sent, now).id


def role_of(session: Session, user_id: UUID) -> UUID:
    """The role that a person holds."""
    return session.scalars(select(Membership.id).where(Membership.user_id == user_id)).one()


def subscribed(session: Session, partner: Actor, now: datetime) -> tuple[UUID, UUID]:
    """A subscription of a partner system, and a test that waits to be sent to it."""
    wish = {"url": "https://hooks.lakeside.example/in?key=1", "topics": ["referral.*"]}
    made, _ = webhooks.subscribe(session, partner, wish, Vault("secret"), now)
    return made.id, webhooks.send_test(session, made, now).id


def at_the_door(session: Session, partner: Actor, now: datetime) -> UUID:
    """A packet that was refused: its receipt."""
    errors = [FieldError("/consent/given", "required", "")]
    refusal = intake.refuse(session, partner, door="json", errors=errors, external_reference="HC-1", now=now)
    session.flush()
    return refusal.id


def planned(session: Session, actor: Actor, now: datetime) -> UUID:
    """A plan that places who is ready, and waits to be approved."""
    asked = ask_for_plan(session, actor, now)
    lease = claim(session, now)
    assert lease is not None
    keep(session, lease, work_out(read_queue(session, actor.network_id, now)), now)
    return asked.id


def imported(session: Session, actor: Actor, archive: Archive, now: datetime) -> UUID:
    """A file of referrals that waits for the worker."""
    arrived = Arrived(ImportForm.NDJSON, BytesIO(b"{}"), 2, sha256(b"{}").hexdigest(), 1, None, (0, 0))
    return ask_for_import(session, actor, put_away(actor, arrived, archive.store), now).id


def waiting(session: Any, world: World, referral_id: UUID, now: datetime) -> tuple[UUID, UUID]:
    """A task of the coordinator, and a letter that was given up."""
    referral = session.get(Referral, referral_id)
    raise_task(session, referral, NewTask(TaskKind.PHONE_REFERRER, world.people[COORDINATOR].id), now)
    mail = Stationery("mail@network.example", "https://network.example", "secret")
    occasion = Occasion("event:1", "event claim", world.network_id, referral_id, now)
    queue_letters(session, mail, occasion, [world.people[LAKESIDE].id])
    session.execute(update(Delivery).values(state="dead", last_error="recipient_refused"))
    return session.scalars(select(Task.id).where(Task.kind == TaskKind.PHONE_REFERRER)).one(), session.scalars(
        select(Delivery.id)
    ).one()


def attached(session: Session, actor: Actor, referral_id: UUID, archive: Archive, now: datetime) -> UUID:
    sent = Sent("report.pdf", BytesIO(PDF), len(PDF), sha256(PDF).hexdigest())
    filed = file_away(session, actor, referral_id, sent, archive, now)
    return attach(session, actor, referral_id, DocumentKind.PATHOLOGY, filed, archive, now).id


def asked(session: Session, actor: Actor, referral_id: UUID, now: datetime) -> UUID:
    """A message of the referrer to the network; about a draft there is none, and its id is nobody's."""
    if session.get_one(Referral, referral_id).submitted_at is None:
        return new_id()
    return write(session, actor, referral_id, {"text": "Is there any news?"}, now).id


def build_elsewhere(session: Any, now: datetime) -> None:
    """Another network on the same database, which has nothing to do with ours."""
    home = create_organization(session, "Elsewhere", "elsewhere", Kind.NETWORK, now)
    person = create_user(session, ELSEWHERE, "Else", [Role.COORDINATOR, Role.CLINICAL_LEAD], home, now)
    person.password_hash = factories.password_hash()


def rules(app: Flask, method: str) -> list[Rule]:
    """Every route of the dashboard that answers this method."""
    return [
        rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("web.") and rule.endpoint != "web.static" and method in (rule.methods or ())
    ]


def address(rule: Rule, arguments: Mapping[str, str]) -> str:
    """A new kind of argument has to be put into the scenery first."""
    return re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", lambda found: arguments[found[1]], rule.rule)


def addresses(app: Flask, method: str, scenery: Scenery, kinds: Iterable[str] = ("submitted",)) -> Iterator[str]:
    """Every address that the scenery knows, those of a referral once for each of these kinds."""
    for rule in rules(app, method):
        yield from each_address(rule, scenery, kinds if "referral_id" in rule.arguments else ("submitted",))


def each_address(rule: Rule, scenery: Scenery, kinds: Iterable[str]) -> list[str]:
    """One for each kind of referral, but the same address only once."""
    return list(dict.fromkeys(address(rule, scenery.arguments(kind)) for kind in kinds))


def share(scenery: Scenery, place: int, of: int = 3) -> list[str]:
    """Every third kind of referral: three who walk one after the other see them all."""
    return sorted(scenery.referrals)[place % of :: of]


def steady(body: str) -> str:
    """A page without what differs from call to call."""
    return CHANGING.sub("", body)


def contents(db: Database) -> dict[str, list[Any]]:
    """Every row of every table that reading must leave alone."""
    with db.engine.connect() as connection:
        tables = set(inspect(connection).get_table_names()) - WRITTEN_BY_READING
        return {
            name: sorted(map(repr, connection.execute(text(f'SELECT * FROM "{name}"')).all()))
            for name in sorted(tables)
        }
