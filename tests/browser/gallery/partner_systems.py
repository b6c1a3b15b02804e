"""Partner systems: none, some in every state, one with all that it did, and the one page with a secret."""

from types import SimpleNamespace
from typing import Any

from referrals.domain.errors import FieldError
from referrals.domain.people import Scope
from referrals.pathway.client_care import PartnerSystem
from referrals.web.forms import partner_systems as forms
from referrals.web.forms.bind import with_errors
from referrals.web.presenters import partner_systems as presenters
from referrals.web.presenters.form_page import FormPage
from referrals.web.presenters.notices import Link
from referrals.web.presenters.times import parse_time
from tests.browser.gallery.frames import Shown, administrator
from tests.browser.gallery.people import MOMENT, hours

AT = "/admin/api-clients"
KEYS = {"keys": [{"kid": "lakeside-2026-a", "kty": "RSA"}, {"kid": "lakeside-2026-b", "kty": "EC"}]}
LONG = "Electronic health record of the department of oncology and hematology, interface engine number two"


def system(name: str, organization: str, **own: Any) -> PartnerSystem:
    usual = {
        "id": "c1",
        "name": name,
        "client_id": "lakeside-hospital-general-dYw3k9QpLx0a",
        "scopes": [Scope.REFERRALS_READ, Scope.REFERRALS_WRITE, Scope.PATIENTS_READ],
        "active": True,
        "jwks": None,
        "jwks_url": None,
        "old_secret_until": None,
        "old_secret_used_at": None,
        "secret_used_at": parse_time(hours(-0.2)),
        "last_used_at": parse_time(hours(-0.2)),
        "calls_per_minute": None,
        "created_at": parse_time(hours(-2000)),
    }
    sandbox_of = own.pop("sandbox_of", None)
    return PartnerSystem(SimpleNamespace(**usual | own), SimpleNamespace(name=organization), sandbox_of)  # type: ignore[arg-type]  # only what the page reads


def renewed() -> PartnerSystem:
    return system(
        LONG,
        "Lakeside Hospital",
        old_secret_until=parse_time(hours(20)),
        old_secret_used_at=parse_time(hours(-1)),
        calls_per_minute=300,
    )


def overview(is_empty: bool = False) -> Shown:
    found = [
        renewed(),
        system("Epic", "Lakeside Hospital", jwks=KEYS, scopes=list(Scope)),
        system("Trial of the new interface", "Hillcrest Clinic", sandbox_of="n1", last_used_at=None),
        system("Old fax gateway", "Summit Cancer Center", active=False, jwks_url="https://summit.example/keys"),
    ]
    page = presenters.systems_page([] if is_empty else found, MOMENT)
    return Shown("partner_systems.html", page, administrator(AT))


def one(is_quiet: bool = False) -> Shown:
    of = SimpleNamespace
    refused = [
        of(last_at=hours(-0.1), method="POST", route="/oauth/token", status=401, problem="invalid_client", code="wrong_audience", times=3, request_id="7f3a22"),
        of(last_at=hours(-3), method="GET", route="/api/v1/referrals/<referral_id>", status=404, problem="not-found", code="", times=1, request_id="1c" * 16),
        of(last_at=hours(-30), method="GET", route="/api/v1/referrals", status=429, problem="rate-limited", code="", times=4096, request_id="2d" * 16),
    ]  # fmt: skip
    done = [
        of(at=hours(-0.2), action="complete-triage", entity="referral", ids=["1"], name="Nadia Kowal", request_id="7f"),
        of(at=hours(-5), action="list", entity="referral", ids=["1"] * 50, name=None, request_id="1c" * 16),
    ]
    shown = system("Epic", "Lakeside Hospital", active=False, jwks=KEYS) if is_quiet else renewed()
    parts = [("rotate", "Make a new secret"), ("end-old-secret", "End the old secret now"), ("revoke", "Switch it off")]
    page = presenters.system_page(shown, parts, [] if is_quiet else refused, [] if is_quiet else done, 1200, MOMENT)
    return Shown("partner_system.html", page, administrator(f"{AT}/c1"))


def secret() -> Shown:
    page = presenters.secret_page(renewed().client, "kq3T0mWZ5sJrX8vB1nYdLh7cPfGuE2aViO9wRzKtQxM", MOMENT)
    return Shown("partner_secret.html", page, administrator(f"{AT}/c1/rotate"))


def new(*errors: FieldError) -> Shown:
    form = with_errors(forms.new_form([("o1", "Lakeside Hospital"), ("o2", "Summit Cancer Center")], "k"), errors)
    return Shown("form.html", FormPage("Let a partner system in", form, presenters.BACK), administrator(f"{AT}/new"))


def renew() -> Shown:
    form = forms.part_form("c1", "rotate", "Make a new secret", forms.RENEW, 3)
    page = FormPage("Make a new secret", form, Link("Epic", f"{AT}/c1"), "Epic", ("It is shown once.",))
    return Shown("form.html", page, administrator(f"{AT}/c1/rotate"))


PARTNER_PAGES = {
    "partner-systems": overview,
    "partner-systems-empty": lambda: overview(is_empty=True),
    "partner-system": one,
    "partner-system-quiet": lambda: one(is_quiet=True),
    "partner-secret": secret,
    "partner-new": new,
    "partner-new-errors": lambda: new(
        FieldError("/organization", "required", "Choose the organization whose system it is."),
        FieldError("/scopes", "required", "Choose what it may do."),
        FieldError("/jwks", "private_key", "Key 1: This holds a private key. Nothing was kept."),
    ),
    "partner-rotate": renew,
}
