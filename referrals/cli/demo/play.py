"""Plays the stories: every act of every story in the order of time, each at its own moment."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from referrals.boundary.answering import checked
from referrals.boundary.schemas.fields import load
from referrals.boundary.schemas.messages import NewMessage
from referrals.boundary.schemas.packet import NewReferral
from referrals.boundary.schemas.steps import STEP_BODIES
from referrals.cli.demo.packets import Story, opinions, packet_of, stories
from referrals.cli.demo.places import ZONE
from referrals.cli.demo.placing import plan_the_queue
from referrals.domain.errors import FieldError
from referrals.domain.people import Actor
from referrals.models.referral import Referral
from referrals.pathway import intake
from referrals.pathway.actions import take_step
from referrals.pathway.conversation import write
from referrals.pathway.matching import Ask, matches
from referrals.pathway.opinions import latest_opinion
from referrals.pathway.outcomes import recommendation_ids
from referrals.pathway.questions import questions_of
from referrals.pathway.rules import rules_of
from referrals.pathway.trail import record_audit

FORM, JSON = "form", "json"
OPENS, CLOSES = time(8), time(18)
DAY = timedelta(days=1)

# What partner systems sent and the door refused: when, which reference, and why.
REFUSED = (
    (1.3, "clinician@hillcrest.example", "HC-77120", FieldError("/consent/given", "required", "")),
    (0.4, "clinician@hillcrest.example", "HC-77131", FieldError("/diagnosis/icd10cm", "unknown_code", "")),
    (0.2, "clinician@lakeside.example", "LK-20418", FieldError("/diagnosis/diagnosed_on", "in_the_future", "")),
)


@dataclass(slots=True)
class Stage:
    """Where the stories are played: the people, and the referrals that have come in so far."""

    session: Session
    now: datetime
    people: Mapping[str, Actor]
    referrals: dict[str, UUID] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scene:
    """`turn` keeps the order of a story whose acts fall on one moment."""

    at: datetime
    turn: int
    act: Callable[[Stage, datetime], None]


def play(session: Session, people: Mapping[str, Actor], now: datetime) -> int:
    """The whole past of the network up to `now`. How many referrals it makes."""
    stage = Stage(session, now, people)
    for scene in sorted(scenes(now), key=lambda scene: (scene.at, scene.turn)):
        scene.act(stage, scene.at)
    plan_the_queue(session, people["coordinator@network.example"], now)
    return len(stage.referrals)


def scenes(now: datetime) -> Iterator[Scene]:
    turn = 0
    for story in stories():
        key = name_of(story)
        for at, act in _acts(story, key, now):
            turn += 1
            yield Scene(at, turn, act)
    for days_ago, email, reference, error in REFUSED:
        turn += 1
        yield Scene(moment(now, days_ago), turn, _refusal(email, reference, error))


def _acts(story: Story, key: str, now: datetime) -> Iterator[tuple[datetime, Callable[[Stage, datetime], None]]]:
    yield moment(now, story["days_ago"]), _arrival(story, key)
    for step in story["path"]:
        yield moment(now, step["days_ago"]), _step(key, step)
    for said in story.get("messages", ()):
        yield moment(now, said["days_ago"]), _message(key, said)


def name_of(story: Story) -> str:
    return str(story.get("key") or f"{story['given_name']} {story['family_name']} {story['case']}")


def _arrival(story: Story, key: str) -> Callable[[Stage, datetime], None]:
    def arrive(stage: Stage, at: datetime) -> None:
        actor = stage.people[f"clinician@{story['organization']}.example"]
        packet = load(NewReferral(), packet_of(story, at, stage.now))
        referral = intake.receive(stage.session, actor, packet, door=FORM, now=at)
        record_audit(stage.session, actor, "create", "referral", [referral.id], at)
        stage.referrals[key] = referral.id

    return arrive


def _message(key: str, said: Mapping[str, Any]) -> Callable[[Stage, datetime], None]:
    def write_it(stage: Stage, at: datetime) -> None:
        actor = stage.people[said["by"]]
        message = write(stage.session, actor, stage.referrals[key], load(NewMessage(), said["body"]), at)
        record_audit(stage.session, actor, "write", "message", [message.id], at)

    return write_it


def _step(key: str, step: Mapping[str, Any]) -> Callable[[Stage, datetime], None]:
    def take(stage: Stage, at: datetime) -> None:
        referral, name = stage.session.get_one(Referral, stage.referrals[key]), step["step"]
        actor = stage.people[_who(step["by"], stage, referral)]
        sent = load(STEP_BODIES[name](), _body(step["body"], stage, at, referral))
        body = checked(name, stage.session, actor, referral, sent)
        taken = take_step(stage.session, actor, referral.id, name, body, at)
        record_audit(stage.session, actor, name, "referral", [taken.id], at)

    return take


def _who(by: str, stage: Stage, referral: Referral) -> str:
    """Somebody by their address, or the specialist of whichever center has been asked."""
    if by != "specialist":
        return by
    return next(email for email, actor in stage.people.items() if _is_its_specialist(email, actor, referral))


def _is_its_specialist(email: str, actor: Actor, referral: Referral) -> bool:
    return email.startswith("specialist@") and actor.organization_id == referral.center_id


def _body(body: Mapping[str, Any], stage: Stage, at: datetime, referral: Referral) -> dict[str, Any]:
    """What a story cannot know stands in it by number or name: days, items of the last question, other referrals."""
    sent = dict(body)
    if "answers" in sent:
        items = questions_of(stage.session, referral.id)[-1].items
        sent["answers"] = [{**each, "item": str(items[each["item"]].id)} for each in sent["answers"]]
    if sent.get("center") == "best":
        sent |= _best(stage, at, referral, and_next=sent.get("then") == "next")
    if sent.get("specialist") == "own":
        sent["specialist"] = str(stage.people[_who("specialist", stage, referral)].user_id)
    if "expires_in_days" in sent:
        ends = at + sent.pop("expires_in_days") * DAY
        sent["expires_at"] = ends.strftime("%Y-%m-%dT%H:%M:%SZ")
    if "opinion" in sent:
        sent = dict(opinions()[sent["opinion"]])
    if "results" in sent:
        sent = {"outcomes": _outcomes(stage, referral, sent["results"], sent.get("reasons"))}
    if "duplicate_of" in sent:
        sent["duplicate_of"] = str(stage.referrals[sent["duplicate_of"]])
    return sent


def _best(stage: Stage, at: datetime, referral: Referral, *, and_next: bool) -> dict[str, Any]:
    """Whom the ranking names first, and who would be asked after it."""
    able, unable = matches(Ask(stage.session, referral, rules_of(stage.session, referral.network_id), at))
    ranked = [str(fit.center.id) for fit in (*able, *unable)]
    return {"center": ranked[0]} | ({"then": ranked[1:2]} if and_next else {})


def _outcomes(
    stage: Stage, referral: Referral, results: Sequence[str], reasons: Sequence[str | None] | None
) -> list[dict[str, Any]]:
    """One for each recommendation of the latest opinion, in its order."""
    opinion = latest_opinion(stage.session, referral)
    named = [] if opinion is None else recommendation_ids(stage.session, opinion)
    why = reasons or [None] * len(results)
    return [
        {"recommendation": str(each), "result": result} | ({"reason": reason} if reason else {})
        for each, result, reason in zip(named, results, why, strict=False)
    ]


def _refusal(email: str, reference: str, error: FieldError) -> Callable[[Stage, datetime], None]:
    def refuse(stage: Stage, at: datetime) -> None:
        intake.refuse(
            stage.session, stage.people[email], door=JSON, errors=[error], external_reference=reference, now=at
        )

    return refuse


def moment(now: datetime, days_ago: float) -> datetime:
    """That long ago, moved into the hours in which people work: the order within a day stays as it is."""
    zone = ZoneInfo(ZONE)
    at = (now - days_ago * DAY).replace(microsecond=0)
    here = at.astimezone(zone)
    if here.date() == now.astimezone(zone).date():
        return at
    passed = timedelta(hours=here.hour, minutes=here.minute, seconds=here.second) / DAY
    opened = datetime.combine(here.date(), OPENS, zone)
    closed = datetime.combine(here.date(), CLOSES, zone)
    return (opened + passed * (closed - opened)).replace(microsecond=0).astimezone(at.tzinfo)
