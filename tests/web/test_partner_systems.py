"""An administrator of the network lets partner systems in, and a secret is on one page for one moment."""

import json
import re
from collections.abc import Callable

import pytest
from flask import Flask
from joserfc.jwk import ECKey
from sqlalchemy import select

from referrals.models.engine import Database
from referrals.models.organization import ApiClient, Network
from referrals.models.trail import AuditEntry
from tests.databases import in_turn
from tests.factories import World
from tests.web.html import with_answers
from tests.web.visitor import Visitor

Come = Callable[..., Visitor]
ADMIN = "admin@network.example"
LIST = "/admin/api-clients"
SECRET = re.compile(r'id="secret"[^>]*>([\w-]{43})<')


@pytest.fixture
def admin(visitor: Come) -> Visitor:
    return visitor(ADMIN)


def ward_system(world: World) -> dict[str, object]:
    return {
        "organization": str(world.organizations["lakeside"].id),
        "name": "Ward system",
        "scopes": ["referrals:read", "referrals:write"],
        "way": "secret",
    }


def let_in(admin: Visitor, world: World, **answers: object) -> Visitor:
    return admin.get(f"{LIST}/new").press("Let it in", **ward_system(world) | answers)


def filled(page: Visitor, path: str, **answers: object) -> list[tuple[str, str]]:
    """What the form at this address would send."""
    return [*with_answers(page.get(path).page.form(path).fields, answers)]


def newest(db: Database) -> ApiClient:
    with db.reading() as session:
        return session.scalars(select(ApiClient).order_by(ApiClient.id.desc()).limit(1)).one()


def token_status(app: Flask, client_id: str, secret: str) -> int:
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    return app.test_client().post("/oauth/token", data=form).status_code


def shown(page: Visitor) -> str:
    found = SECRET.search(page.answer.text)
    assert found, page.words
    return found[1]


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_a_secret_is_shown_once_and_a_form_sent_twice_lets_one_system_in(
    app: Flask, db: Database, world: World, admin: Visitor
):
    sent = filled(admin, f"{LIST}/new", **ward_system(world), calls_per_minute="300")
    secret = shown(admin.send(f"{LIST}/new", sent))
    assert admin.answer.headers["Cache-Control"] == "no-store"
    client = newest(db)
    assert (client.name, client.calls_per_minute) == ("Ward system", 300)
    assert token_status(app, client.client_id, secret) == 200
    assert secret not in admin.send(f"{LIST}/new", sent).answer.text
    assert "It was let in before" in admin.words
    assert newest(db).id == client.id
    page = admin.get(f"{LIST}/{client.id}")
    assert secret not in page.answer.text
    assert "300, its own limit" in page.words
    assert acts(db) == ["create"]


@pytest.mark.parametrize("databases", ["postgresql"], indirect=True)
def test_a_secret_is_renewed_with_an_overlap_and_the_old_one_ended(
    app: Flask, db: Database, world: World, admin: Visitor
):
    own, old = world.clients["lakeside"], world.secrets["lakeside"]
    sent = filled(admin, f"{LIST}/{own.id}/rotate", hours="2")
    new = shown(admin.send(f"{LIST}/{own.id}/rotate", sent))
    assert "The old secret works until" in admin.words
    assert {token_status(app, own.client_id, each) for each in (old, new)} == {200}
    again = admin.send(f"{LIST}/{own.id}/rotate", sent)
    assert (again.status, SECRET.search(again.answer.text)) == (409, None)
    assert "not used since" not in admin.get(f"{LIST}/{own.id}").words
    admin.follow_link("End the old secret now").press("End it now")
    assert "The old secret has ended" in admin.words
    assert (token_status(app, own.client_id, old), token_status(app, own.client_id, new)) == (401, 200)
    assert admin.get(f"{LIST}/{own.id}/rotate").press("Make a new secret", hours="9999").status == 422


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_a_system_is_switched_off_and_on_and_changed(app: Flask, db: Database, world: World, admin: Visitor):
    own, secret = world.clients["lakeside"], world.secrets["lakeside"]
    token_status(app, own.client_id, "wrong")
    admin.get(f"{LIST}/{own.id}").follow_link("Switch it off").press("Switch it off")
    assert "Wrong secret" in admin.words
    assert token_status(app, own.client_id, secret) == 401
    assert admin.get(f"{LIST}/{own.id}/revoke").press("Switch it off").status == 409
    admin.get(f"{LIST}/{own.id}").follow_link("Switch it on again").press("Switch it on")
    assert token_status(app, own.client_id, secret) == 200
    admin.get(f"{LIST}/{own.id}/end-tokens").press("End all its tokens")
    admin.get(f"{LIST}/{own.id}/change").press("Save", name="", scopes=[], calls_per_minute="0")
    assert admin.status == 422
    assert admin.press("Save", name="EHR", scopes=["events:read"], calls_per_minute="").status == 200
    assert acts(db) == ["revoke", "switch-on", "end-tokens", "change"]


def acts(db: Database) -> list[str]:
    """What the audit says that people did to systems."""
    with db.reading() as session:
        by_people = AuditEntry.client_id.is_(None)
        query = select(AuditEntry.action).where(AuditEntry.entity == "client", by_people).order_by(AuditEntry.id)
        return [each for each in session.scalars(query) if each != "read"]


@pytest.mark.parametrize("databases", ["postgresql"], indirect=True)
def test_a_system_is_given_keys_and_a_private_one_is_not_shown_again(
    app: Flask, db: Database, world: World, admin: Visitor
):
    own, secret = world.clients["lakeside"], world.secrets["lakeside"]
    key = ECKey.generate_key("P-384", auto_kid=False)
    for text, fault in (
        ("{", "this is not JSON"),
        (json.dumps({"keys": [key.as_dict(private=True) | {"kid": "1"}]}), "Key 1: This holds a private key"),
    ):
        admin.get(f"{LIST}/{own.id}/keys").press("Register these keys", way="jwks", jwks=text)
        assert fault in admin.words
        assert key.as_dict(private=True)["d"] not in admin.answer.text
    public = json.dumps({"keys": [key.as_dict(private=False) | {"kid": "ward-1"}]})
    assert "ward-1 (ES384)" in admin.press("Register these keys", way="jwks", jwks=public).words
    assert token_status(app, own.client_id, secret) == 401
    admin.get(f"{LIST}/{own.id}/keys").press("Register these keys", way="url", jwks_url="ftp://x.example/keys")
    assert "Only https:// is called" in admin.words
    assert admin.press("Register these keys", way="url", jwks_url="https://x.example/keys").status == 200
    assert "https://x.example/keys" in admin.words
    assert acts(db) == ["keys", "keys"]


def test_a_system_that_tries_things_out_belongs_to_the_twin(db: Database, world: World, admin: Visitor):
    let_in(admin, world, sandbox="yes")
    with db.reading() as session:
        twin = session.scalars(select(Network).where(Network.sandbox_of_id == world.network_id)).one()
    assert newest(db).network_id == twin.id
    assert "Sandbox" in admin.get(f"{LIST}/{newest(db).id}").words
    assert "Ward system" in admin.get(LIST).words
    assert let_in(admin, world, organization="", name="", scopes=[], way="jwks").status == 422


@pytest.mark.parametrize(
    ("databases", "email"),
    in_turn((f"{who}.example",) for who in ("coordinator@network", "lead@network", "admin@lakeside")),
    indirect=["databases"],
)
def test_nobody_else_sees_partner_systems(visitor: Come, world: World, email: str):
    guest, own = visitor(email), world.clients["lakeside"]
    for path in (LIST, f"{LIST}/new", f"{LIST}/{own.id}", f"{LIST}/{own.id}/rotate"):
        assert guest.get(path).status == 403, path
    assert "Partner systems" not in guest.get("/").words
    answer = guest.http.post(f"{LIST}/{own.id}/revoke", data={"csrf_token": guest.token(), "version": "1"})
    assert answer.status_code == 403
