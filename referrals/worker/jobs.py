"""The jobs of the worker: each one small, in a transaction of its own, and harmless to repeat."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, or_, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute, Session

from referrals.domain.deadlines import DRAFT_PURGED_AFTER
from referrals.domain.mail import FAULTS
from referrals.domain.partner_systems import REFUSALS_KEPT_FOR
from referrals.domain.webhooks import ENDED, KEPT
from referrals.models.door import IdempotencyKey, RateCounter
from referrals.models.engine import Database
from referrals.models.keys import Keys
from referrals.models.organization import AccessToken, ClientAssertion, ClientRefusal
from referrals.models.second_factor import PasskeyChallenge
from referrals.models.single_sign_on import SignOnAttempt
from referrals.models.ticket import UserTicket
from referrals.models.trail import Beat
from referrals.models.user import UserSession
from referrals.models.webhook import WebhookDelivery
from referrals.pathway.advice_notes import announce_advice
from referrals.pathway.break_glass import watch_reviews
from referrals.pathway.deliveries import claim, settle
from referrals.pathway.draft_purge import purge_stale_drafts
from referrals.pathway.feed import number_events
from referrals.pathway.mail import Stationery
from referrals.pathway.message_news import announce_messages, remind_of_messages
from referrals.pathway.next_offers import offer_next
from referrals.pathway.notices import tell
from referrals.pathway.offers import lapse_offers
from referrals.pathway.outcomes import record_no_response
from referrals.pathway.override_expiry import expire_overrides
from referrals.pathway.pausing import look_after_pauses
from referrals.pathway.plans import ask_by_the_clock
from referrals.pathway.reminders import announce_tasks, notice_deaths, remind
from referrals.pathway.scanning import note_scans
from referrals.pathway.seals import seal
from referrals.pathway.tasks import close_pointless
from referrals.pathway.webhook_fanout import fan_out
from referrals.worker.alone import is_alone
from referrals.worker.checkpoints import note_head
from referrals.worker.erasing import erase_nightly
from referrals.worker.importing import take_in_some
from referrals.worker.mail import Send
from referrals.worker.papers import Papers
from referrals.worker.planning import make_plan
from referrals.worker.proving import prove_nightly
from referrals.worker.webhooks import Postmen

Clock = Callable[[Session], datetime]

PROCESS = "worker"
DAY = timedelta(days=1)
ANSWERS_KEPT = 30 * DAY
SEAL_LOCK = 7_206_531_903  # any number that nothing else in the database locks


@dataclass(frozen=True, slots=True)
class Shift:
    """What a job may know of the world: its session, the time, the key that seals, and how letters look.

    `found` is what its `look` has brought.
    """

    session: Session
    now: datetime
    sealing_key: Keys
    mail: Stationery | None = None
    found: Any = None


@dataclass(frozen=True, slots=True)
class Job:
    """`act` works on at most one batch and says how many it did; it is called again until that is none.

    `look` comes before it, in a session that only reads: what takes long, or asks others, holds up no writer.
    """

    name: str
    act: Callable[[Shift], int]
    every: timedelta = timedelta(0)
    look: Callable[[Papers, Session, datetime], Any] | None = None


@dataclass(frozen=True, slots=True)
class Outing:
    """What an errand may know: it opens its own short transactions, because it waits for others in between."""

    database: Database
    clock: Clock
    mail: Stationery | None
    post: Send | None
    chance: Callable[[], float]
    papers: Papers | None = None
    is_stopped: Callable[[], bool] = bool
    postmen: Postmen | None = None
    checkpoints: Path | None = None
    retention_years: int | None = None


@dataclass(frozen=True, slots=True)
class Errand:
    """Work that waits for somebody outside: never inside a transaction. Called again until it says none."""

    name: str
    run: Callable[[Outing], int]
    every: timedelta = timedelta(0)


def send_mail(outing: Outing) -> int:
    """One letter. Where the server itself is at fault, the others wait for the next round."""
    if outing.mail is None or outing.post is None:
        return 0
    with outing.database.writing() as session:
        now = outing.clock(session)
        leased = claim(session, outing.mail, now)
    if leased is None:
        return 0
    outcome = outing.post(leased, now)
    with outing.database.writing() as session:
        settle(session, leased, outcome, outing.clock(session), outing.chance())
    return 0 if outcome.fault and FAULTS[outcome.fault].is_ours else 1


def run_imports(outing: Outing) -> int:
    store = outing.papers.store if outing.papers else None
    return take_in_some(outing.database, outing.clock, store, is_stopped=outing.is_stopped)


def erase_patients(outing: Outing) -> int:
    store = outing.papers.store if outing.papers else None
    return erase_nightly(outing.database, outing.clock, store, outing.retention_years)


def send_webhooks(outing: Outing) -> int:
    """As many as one round should wait for; what is still on its way then settles itself."""
    if outing.postmen is not None:
        outing.postmen.round(outing.database, outing.clock, outing.chance)
    return 0


def seal_audit(shift: Shift) -> int:
    """One sealer at a time; a second one has nothing to do rather than something to wait for."""
    if not is_alone(shift.session, SEAL_LOCK):
        return 0
    return seal(shift.session, shift.sealing_key)


def prove(outing: Outing) -> int:
    """A proof may take minutes: the worker shows meanwhile that it lives."""

    def alive() -> None:
        with outing.database.writing() as session:
            _sign_of_life(session, outing.clock(session))

    return prove_nightly(outing.database, outing.clock, alive)


def _dialect(session: Session) -> str:
    return session.get_bind().dialect.name


@dataclass(frozen=True, slots=True)
class Leftover:
    """Rows of doors that have served their time."""

    key: tuple[InstrumentedAttribute[Any], ...]
    is_over: Callable[[datetime], ColumnElement[bool]]


LEFTOVERS = (
    Leftover(
        (WebhookDelivery.id,),
        lambda now: and_(WebhookDelivery.state.in_(ENDED), WebhookDelivery.created_at <= now - KEPT),
    ),
    Leftover((AccessToken.token_hash,), lambda now: AccessToken.expires_at <= now),
    Leftover((PasskeyChallenge.id_hash,), lambda now: PasskeyChallenge.expires_at <= now),
    Leftover((SignOnAttempt.id_hash,), lambda now: SignOnAttempt.expires_at <= now),
    Leftover((UserSession.id_hash,), lambda now: or_(UserSession.expires_at <= now, UserSession.ended_at <= now - DAY)),
    Leftover((RateCounter.subject, RateCounter.window_start), lambda now: RateCounter.window_start <= now - DAY),
    Leftover(
        (IdempotencyKey.client_id, IdempotencyKey.key), lambda now: IdempotencyKey.created_at <= now - ANSWERS_KEPT
    ),
    # A day longer than they count, whatever the clocks of other machines say.
    Leftover((ClientAssertion.client_id, ClientAssertion.jti_hash), lambda now: ClientAssertion.until <= now - DAY),
    Leftover(
        (
            ClientRefusal.client_id,
            ClientRefusal.minute,
            ClientRefusal.method,
            ClientRefusal.route,
            ClientRefusal.problem,
            ClientRefusal.code,
        ),
        lambda now: ClientRefusal.last_at <= now - REFUSALS_KEPT_FOR,
    ),
    Leftover((UserTicket.id,), lambda now: UserTicket.expires_at <= now - DAY),
)
SWEEP = 1000


def sweep(shift: Shift) -> int:
    """Forget tokens, sessions, counters and stored answers that are over."""
    return sum(_sweep(shift, leftover) for leftover in LEFTOVERS)


def _sweep(shift: Shift, leftover: Leftover) -> int:
    over = select(*leftover.key).where(leftover.is_over(shift.now)).limit(SWEEP).with_for_update(skip_locked=True)
    keys = [tuple(row) for row in shift.session.execute(over)]
    if keys:
        table = leftover.key[0].class_
        for key in keys:
            same = [column == value for column, value in zip(leftover.key, key, strict=True)]
            shift.session.execute(delete(table).where(*same))
    return len(keys)


def beat(shift: Shift) -> int:
    """Show that a worker lives. Nothing is left to do, so the answer is none."""
    _sign_of_life(shift.session, shift.now)
    return 0


def _sign_of_life(session: Session, now: datetime) -> None:
    insert = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[_dialect(session)]
    sign: Any = insert(Beat).values(process=PROCESS, at=now)
    session.execute(sign.on_conflict_do_update(index_elements=[Beat.process], set_={"at": now}))


ROWS_LOOKED_AT = 1000


def refresh_statistics(shift: Shift) -> int:
    """SQLite chooses its indexes by what it last counted, and counts by itself never. PostgreSQL does it alone."""
    if _dialect(shift.session) == "sqlite":
        shift.session.execute(text(f"PRAGMA analysis_limit = {ROWS_LOOKED_AT}"))
        shift.session.execute(text("ANALYZE"))
    return 0


JOBS: tuple[Job | Errand, ...] = (
    Job("beat", beat),
    Job("expire overrides", lambda shift: expire_overrides(shift.session, shift.now)),
    # One in a transaction: it holds its center, and an approved plan holds many in an order of its own.
    Job("lapse offers", lambda shift: lapse_offers(shift.session, shift.now, limit=1)),
    Job("look after pauses", lambda shift: look_after_pauses(shift.session, shift.now), timedelta(minutes=1)),
    Job("offer next", lambda shift: offer_next(shift.session, shift.now)),
    Job("number events", lambda shift: number_events(shift.session)),
    Job("tell people", lambda shift: tell(shift.session, shift.now, shift.mail)),
    Job("notice deaths", lambda shift: notice_deaths(shift.session, shift.now)),
    Job("remind", lambda shift: remind(shift.session, shift.now, shift.mail), timedelta(minutes=1)),
    Job("watch break-glass", lambda shift: watch_reviews(shift.session, shift.now), timedelta(hours=1)),
    Job("close tasks", lambda shift: close_pointless(shift.session, shift.now), timedelta(minutes=1)),
    Job("announce tasks", lambda shift: announce_tasks(shift.session, shift.now, shift.mail)),
    Job("announce messages", lambda shift: announce_messages(shift.session, shift.now, shift.mail)),
    Job(
        "remind of messages",
        lambda shift: remind_of_messages(shift.session, shift.now, shift.mail),
        timedelta(minutes=1),
    ),
    Job("announce advice", lambda shift: announce_advice(shift.session, shift.now, shift.mail), timedelta(hours=1)),
    Errand("send mail", send_mail),
    Job("fan out webhooks", lambda shift: fan_out(shift.session, shift.now)),
    Errand("send webhooks", send_webhooks),
    Job("ask for plans", lambda shift: ask_by_the_clock(shift.session, shift.now), timedelta(minutes=1)),
    Errand("make plans", lambda outing: make_plan(outing.database, outing.clock)),
    Errand("run imports", run_imports),
    Job("note silence", lambda shift: record_no_response(shift.session, shift.now), timedelta(hours=1)),
    Job("seal audit", seal_audit),
    Errand(
        "checkpoint audit",
        lambda outing: note_head(outing.database, outing.clock, outing.checkpoints),
        timedelta(minutes=1),
    ),
    Job(
        "purge drafts",
        lambda shift: purge_stale_drafts(shift.session, shift.now - DRAFT_PURGED_AFTER, shift.now),
        timedelta(hours=1),
    ),
    Job("scan documents", lambda shift: note_scans(shift.session, shift.found, shift.now), look=Papers.looked_at),
    Job("clear files", lambda shift: int(shift.found), DAY, look=Papers.cleared),
    Errand("erase", erase_patients, DAY),
    Job("sweep", sweep, timedelta(minutes=1)),
    Job("refresh statistics", refresh_statistics, timedelta(hours=1)),
    Errand("prove", prove, timedelta(minutes=10)),
)
