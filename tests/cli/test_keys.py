"""Keys are made, changed and retired while everything that is locked stays found and readable."""

import json
import os
from base64 import b64encode
from datetime import UTC, datetime
from io import BytesIO
from itertools import count

import pytest
from sqlalchemy import func, select, update

from config import SettingsError
from referrals.models.door import IdempotencyKey
from referrals.models.patient import IdentityCheck, PatientIdentifier
from referrals.models.trail import AuditEntry, AuditSeal
from referrals.models.vault import Vault
from referrals.models.webhook import WebhookSubscription
from referrals.pathway.documents import key_of
from referrals.pathway.queue import Filters, worklist
from referrals.pathway.seals import seal, sealing_key, verify
from referrals.pathway.webhooks import subscribe
from tests.api.test_at_rest import CANARY, bytes_of
from tests.factories import client_actor, settled
from tests.small_network import NOW, PACKET, People, send

SYSTEM = "urn:oid:2.16.840.1.113883.4.1"
ID = "0198f3a2-6c1e-7d04-9b52-4a7e10c3d101"


@pytest.fixture
def run(app):
    def run(*words, status=0):
        done = app.test_cli_runner().invoke(args=["keys", *words])
        assert done.exit_code == status, done.output
        return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]

    return run


def patient(value):
    return PACKET["patient"] | {"identifiers": [{"system": SYSTEM, "value": value}]}


class Before:
    """What an instance holds that has had no keys so far."""

    def __init__(self, app, database) -> None:
        self.app, self.database, self.numbers = app, database, count()
        self.store = app.extensions["archive"].store
        with database.writing() as session:
            self.world = settled(session)
            self.client = client_actor(self.world, "lakeside")
            self.other = client_actor(self.world, "hillcrest")
            self.coordinator = client_actor(self.world, "network")
            self.referral = self.received(session, self.client)
            wish = {"url": "https://hooks.lakeside.example/in", "topics": ["referral.submitted"]}
            self.subscription, self.secret = subscribe(session, self.client, wish, Vault(self.derived), NOW)
            kept = {"key": "k", "network_id": self.world.network_id, "fingerprint": "0" * 64, "created_at": NOW}
            answer = IdempotencyKey(
                client_id=self.client.client_id, **kept, status=201, headers={"ETag": "1"}, body=f'{{"{CANARY}": 1}}'
            )
            session.add(answer)
            session.execute(update(PatientIdentifier).values(value=CANARY, locked=None, blind=None))
        self.file = key_of(self.world.network_id, self.referral.id)
        self.store.inner.put(self.file, BytesIO(CANARY.encode()))

    @property
    def derived(self):
        return self.app.config["SETTINGS"].secret_key

    def received(self, session, actor):
        people = People(None, None, actor, None, None)
        return send(session, people, patient=patient(CANARY), external_reference=f"EHR-{next(self.numbers)}")

    def is_found(self):
        with self.database.reading() as session:
            rows, _ = worklist(session, self.coordinator, Filters(q=CANARY), after=None, limit=50, now=NOW)
        return self.referral.id in {row.id for row in rows}


def test_what_lay_open_before_there_were_keys_is_locked_and_wiped(app, database, run):
    before = Before(app, database)
    assert before.is_found()
    assert {line["column"]: line["keys"] for line in run("status")[:-1]} == {
        "authenticator_app.seed": {},
        "authenticator_app.pending": {},
        "patient_identifier.locked": {"none": 1},
        "webhook_subscription.secret": {"1": 1},
        "webhook_subscription.previous_secret": {},
        "idempotency_key.body": {"none": 1},
        "patient_identifier.blind": {},
        "audit_seal.digest": {},
        "files": {"none": 1},
    }
    assert run("rotate")[-1] == {"remains": {}}
    assert CANARY.encode() not in bytes_of(database)
    assert CANARY.encode() not in b"".join(
        each.read_bytes() for each in app.config["SETTINGS"].data_dir.rglob("*") if each.is_file()
    )
    assert before.is_found()


def test_a_key_changes_while_everybody_is_found_and_goes_once_nothing_needs_it(app, database, run):
    before = Before(app, database)
    run("rotate")
    assert run("new")[0]["made"] == ["data-2", "index-2", "seal-2"]
    with database.writing() as session:  # a number that is known by the old index is the same person's by the new one
        before.received(session, before.client)
        before.received(session, before.other)
    assert counted(database) == [2, 1]
    assert before.is_found()
    for key in ("data-1", "index-1", "data-2", "data-9"):
        run("retire", key, status=1)
    let_rest(app)
    run("retire", "data-1", status=1)

    assert run("rotate")[-1] == {"remains": {}}
    assert run("rotate")[0] == {"column": "patient_identifier.locked", "moved": 0, "stuck": []}
    for key in ("data-1", "index-1"):
        run("retire", key)
    assert before.is_found()
    vault = app.extensions["vault"]
    with database.reading() as session:
        assert {each.number for each in session.scalars(select(PatientIdentifier))} == {CANARY}
        secret = session.scalar(select(WebhookSubscription.secret))
        opened = vault.open(secret, "webhook_subscription.secret", before.subscription.id)
    assert f"whsec_{b64encode(opened).decode()}" == before.secret
    with before.store.open(before.file) as found:
        assert found.read() == CANARY.encode()


def let_rest(app):
    """As if the current keys had been chosen some minutes ago."""
    long_ago = datetime.now(UTC).timestamp() - 400
    os.utime(app.extensions["keys"].folder.folder / "current", (long_ago, long_ago))


def counted(database):
    with database.reading() as session:
        tables = (PatientIdentifier, IdentityCheck)
        return [session.scalar(select(func.count()).select_from(each)) for each in tables]


def test_what_does_not_open_is_named_and_rotation_says_that_it_remains(app, database, run):
    before = Before(app, database)
    spoiled = Vault("another secret").lock(b"whsec", "webhook_subscription.secret", before.subscription.id)
    with database.writing() as session:
        session.execute(update(WebhookSubscription).values(secret=spoiled))
    told = run("rotate", status=1)
    assert told[1] == {"column": "webhook_subscription.secret", "moved": 0, "stuck": [str(before.subscription.id)]}
    assert told[-1] == {"remains": {"webhook_subscription.secret": 1}}


def test_seals_name_their_key_and_none_follows_from_the_secret_once_there_are_files(app, database, run):
    before = Before(app, database)
    derived, keys = sealing_key(before.derived), app.extensions["keys"]

    def sealed_with(those, count):
        with database.writing() as session:
            assert seal(session, those, count) == count

    def broken(those=keys):
        with database.reading() as session:
            return verify(session, those).broken

    _write_entries(database, before)
    sealed_with(derived, 2)
    sealed_with(keys, 2)
    run("new", "--for", "seal")
    sealed_with(keys, 2)
    with database.reading() as session:
        named = session.scalars(select(AuditSeal.key_id).order_by(AuditSeal.position)).all()
    assert named == [None, None, "seal-1", "seal-1", "seal-2", "seal-2"]
    assert broken() is None
    assert "position 3 (seal-1)" in broken(derived)
    run("retire", "seal-1", status=1)
    sealed_with(derived, 1)
    assert "position 7 (an older one)" in broken()


def _write_entries(database, before):
    with database.writing() as session:
        session.add_all(
            AuditEntry(
                network_id=before.world.network_id, at=NOW, action="read", entity="referral", ids=[ID], detail={}
            )
            for _ in range(8)
        )


def test_production_starts_only_with_keys_and_its_terminal_makes_them(start_app, tmp_path, monkeypatch):
    changes = {"env": "production", "secret_key": "long-enough-for-production", "key_dir": tmp_path / "none"}
    with pytest.raises(SettingsError, match="no key for: data, index, seal"):
        start_app(**changes)
    monkeypatch.setenv("FLASK_RUN_FROM_CLI", "true")
    terminal = start_app(**changes)
    for words in (["worker", "--once"], ["keys", "rotate"]):
        refused = terminal.test_cli_runner().invoke(args=words)
        assert refused.exit_code == 1, words
    assert terminal.test_cli_runner().invoke(args=["keys", "new"]).exit_code == 0
    monkeypatch.delenv("FLASK_RUN_FROM_CLI")
    assert start_app(**changes)
    (tmp_path / "none" / "data-1.key").chmod(0o644)
    with pytest.raises(SettingsError, match="may be read by others"):
        start_app(**changes)
