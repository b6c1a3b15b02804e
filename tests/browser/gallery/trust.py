"""Proving who one is: the second step, what it can be, where one is signed in, and an administrator's care for it."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from referrals.domain.errors import FieldError
from referrals.domain.people import Role
from referrals.domain.single_sign_on import Refused
from referrals.pathway.authenticator_app import ToScan
from referrals.pathway.second_factor import Factors
from referrals.web.forms.account import sign_in_form
from referrals.web.forms.bind import with_errors
from referrals.web.forms.proving import (
    confirm_form,
    passkey_proof,
    policy_form,
    proof_form,
    reset_form,
    second_factor_form,
    single_sign_on_form,
)
from referrals.web.presenters import security, sessions, single_sign_on
from referrals.web.presenters.form_page import FormPage, SignedOutPage, SignInPage
from referrals.web.presenters.frame import SIGNED_OUT
from referrals.web.presenters.notices import Link
from referrals.web.presenters.times import parse_time
from referrals.web.second_step import LOST
from tests.browser.gallery.frames import Shown, administrator, clinician
from tests.browser.gallery.people import MOMENT, hours

AT = "/me/security"
START = Link("Start", "/")
WHY = ("What you want to do needs a proof from the last ten minutes.",)
KEY = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
WRONG = FieldError(
    "/code", "wrong", "This code does not fit. Codes from an app change every half minute and work once."
)


def passkey(name: str, used: float | None) -> Any:
    at = None if used is None else parse_time(hours(used))
    return SimpleNamespace(id=name, name=name, created_at=parse_time(hours(-900)), last_used_at=at)


def own(*errors: FieldError, is_empty: bool = False, is_half: bool = False) -> Shown:
    factors = Factors(None, 0, 0) if is_empty else Factors(parse_time(hours(-700)), 2, 7)
    keys = (
        [] if is_empty else [passkey("Chrome on Windows", -2), passkey("The grey security key in the top drawer", None)]
    )
    standing = security.Standing(factors, not is_empty or is_half, is_half, "Firefox on Linux")
    page = security.security_page(standing, keys, MOMENT, (), errors)
    if not is_empty:
        row = SimpleNamespace(
            id="i1", issuer="https://login.lakeside.example/realms/staff", linked_at=parse_time(hours(-900))
        )
        page = replace(page, identities=single_sign_on.identity_rows([row], MOMENT))
    return Shown("security.html", page, SIGNED_OUT if is_half else clinician(AT))


def app(*errors: FieldError) -> Shown:
    address = f"otpauth://totp/Second%20Opinions:clinician%40lakeside.example?secret={KEY}&issuer=Second%20Opinions"
    form = with_errors(confirm_form(), errors)
    return Shown("authenticator.html", security.authenticator_page(ToScan(address, KEY), form), clinician(f"{AT}/app"))


def codes() -> Shown:
    made = tuple(f"{each * 6}-k3x9q7-{each}ab2cd-77zzyy" for each in "abcdefghij")
    return Shown("recovery_codes.html", security.RecoveryCodesPage(made), clinician(f"{AT}/codes"))


def signed_in(others: int = 2) -> Shown:
    of = SimpleNamespace
    rows = [
        of(id_hash="0" * 64, browser="Firefox on Linux", address="198.51.100.x", created_at=hours(-3), last_seen_at=hours(0)),
        of(id_hash="1" * 64, browser="Safari on an iPhone", address="2001:db8:7:x", created_at=hours(-9), last_seen_at=hours(-0.2)),
        of(id_hash="2" * 64, browser=None, address=None, created_at=hours(-11), last_seen_at=hours(-0.1)),
    ]  # fmt: skip
    return Shown(
        "sessions.html", sessions.sessions_page(rows[: others + 1], "0" * 64, MOMENT), clinician("/me/sessions")
    )  # type: ignore[arg-type]  # only what the page reads


def second_step(*errors: FieldError) -> Shown:
    form = with_errors(second_factor_form(has_passkey=True), errors)
    page = FormPage("Your second factor", form, Link("Sign in as somebody else", "/sign-in"), explains=(LOST,))
    return Shown("form.html", page, SIGNED_OUT)


ELSEWHERE = "Sign in with Lakeside Hospital"


def sign_in(asks_password: bool) -> Shown:
    button = single_sign_on_form(ELSEWHERE, "/sign-in/single-sign-on")
    page = SignInPage(sign_in_form(), single_sign_on=button, asks_password=asks_password)
    return Shown("sign_in.html", page, SIGNED_OUT)


def signed_out() -> Shown:
    there = single_sign_on.signed_out_there_too("https://login.example/out")
    return Shown("signed_out.html", SignedOutPage(elsewhere=there), SIGNED_OUT)


def proof_elsewhere(has_password: bool) -> Shown:
    button = single_sign_on_form(ELSEWHERE, "/me/prove/single-sign-on", by=passkey_proof(not has_password))
    form, beside = (proof_form(True, False), button) if has_password else (button, None)
    page = FormPage("Prove that it is you", form, Link("Go back", "/"), explains=WHY, beside=beside)
    return Shown("form.html", page, clinician("/me/prove"))


def proof() -> Shown:
    page = FormPage("Prove that it is you", proof_form(True, True), Link("Go back", "/"), explains=WHY)
    return Shown("form.html", page, clinician("/me/prove"))


def policy() -> Shown:
    asked = {Role.ADMINISTRATOR.value, Role.CLINICAL_LEAD.value}
    form = policy_form(asked, [Role.COORDINATOR.value])
    page = FormPage("Who must have a second factor", form, START, explains=security.asked_already(asked))
    return Shown("form.html", page, administrator("/admin/second-factor"))


def reset(*errors: FieldError) -> Shown:
    form = with_errors(reset_form("u1"), errors)
    explains = security.what_is_taken_off(Factors(parse_time(hours(-700)), 2, 7))
    back = Link("Who must have a second factor", "/admin/second-factor")
    page = FormPage("Second factor of Amara Osei", form, back, "amara.osei@lakeside.example", explains)
    return Shown("form.html", page, administrator("/admin/users/u1/second-factor"))


TRUST_PAGES = {
    "security": own,
    "security-empty": lambda: own(is_empty=True),
    "security-half": lambda: own(is_empty=True, is_half=True),
    "security-errors": lambda: own(FieldError("", "conflict", "Your role needs a second factor. Set up another one first, then remove this one.")),
    "authenticator": app,
    "authenticator-errors": lambda: app(WRONG),
    "recovery-codes": codes,
    "sessions": signed_in,
    "sessions-one": lambda: signed_in(0),
    "second-factor": second_step,
    "second-factor-errors": lambda: second_step(WRONG),
    "proof": proof,
    "proof-elsewhere": lambda: proof_elsewhere(has_password=False),
    "proof-beside": lambda: proof_elsewhere(has_password=True),
    "sign-in-elsewhere": lambda: sign_in(asks_password=True),
    "sign-in-elsewhere-only": lambda: sign_in(asks_password=False),
    "sign-in-on-the-way": lambda: Shown("said.html", single_sign_on.on_the_way("https://login.example/x"), SIGNED_OUT),
    "sign-in-unknown": lambda: Shown("problem.html", single_sign_on.refused_page(Refused.UNKNOWN_PERSON, "7F3A-22"), SIGNED_OUT),
    "signed-out-elsewhere": signed_out,
    "second-factor-policy": policy,
    "second-factor-of": reset,
    "second-factor-of-errors": lambda: reset(FieldError("/reason", "required", "Choose why.")),
}  # fmt: skip
