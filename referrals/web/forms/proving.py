"""The forms by which people prove who they are, and choose what they prove it by."""

from collections.abc import Iterable, Mapping

from referrals.domain.people import Role
from referrals.domain.second_factor import RESET_REASONS
from referrals.web import paths
from referrals.web.forms.bind import group_of
from referrals.web.forms.fields import Field, Form, Kind, Option, PasskeyButton, options_of
from referrals.web.words import ROLE

CODE_HINT = "Six digits from your authenticator app, or one of your recovery codes."
TAKES_OFF = "Take the second factor off"


def at_sign_in(label: str) -> PasskeyButton:
    return PasskeyButton(label, paths.PASSKEY_SIGN_IN, paths.passkey_options(paths.PASSKEY_SIGN_IN))


def carried(onward: str, kept: str) -> Mapping[str, str]:
    """Where to go afterwards, and what was typed before, sealed. The view trusts neither."""
    return {name: value for name, value in (("next", onward), ("kept", kept)) if value}


def single_sign_on_form(
    name: str, action: str, onward: str = "", kept: str = "", by: PasskeyButton | None = None
) -> Form:
    """One button that leads to the provider: it takes nothing along but where to come back to."""
    return Form(action=action, submit=name, groups=(), hidden=carried(onward, kept), passkey=by)


def code_field(label: str = "Code", hint: str = CODE_HINT) -> Field:
    return Field("code", label, pointer="/code", hint=hint, autocomplete="one-time-code", is_required=True)


def second_factor_form(has_passkey: bool, onward: str = "", kept: str = "") -> Form:
    return Form(
        action=paths.SECOND_FACTOR,
        submit="Go on",
        groups=(group_of(code_field()),),
        hidden=carried(onward, kept),
        passkey=at_sign_in("Use a passkey") if has_passkey else None,
    )


def passkey_proof(has_passkey: bool) -> PasskeyButton | None:
    ask = paths.passkey_options(paths.PROVE_BY_PASSKEY)
    return PasskeyButton("Use a passkey instead", paths.PROVE_BY_PASSKEY, ask) if has_passkey else None


def proof_form(is_set_up: bool, has_passkey: bool, onward: str = "", kept: str = "") -> Form:
    password = Field(
        "password", "Password", Kind.PASSWORD, "/password", autocomplete="current-password", is_required=True
    )
    return Form(
        action=paths.PROVE,
        submit="Go on",
        groups=(group_of(password, *([code_field()] if is_set_up else [])),),
        hidden=carried(onward, kept),
        passkey=passkey_proof(has_passkey),
    )


def confirm_form() -> Form:
    field = code_field("Code from the app", "The six digits that the app shows now.")
    return Form(action=f"{paths.APP}/confirm", submit="Confirm", groups=(group_of(field),))


def reset_form(user_id: object) -> Form:
    reasons = Field("reason", "Why", Kind.RADIOS, "/reason", options=options_of(RESET_REASONS), is_required=True)
    return Form(
        action=paths.second_factor_of(user_id),
        submit=TAKES_OFF,
        groups=(group_of(reasons),),
        cancel_href=paths.SECOND_FACTOR_POLICY,
    )


def policy_form(by_setting: Iterable[str], by_network: Iterable[str]) -> Form:
    """Whoever the service asks already cannot be let off here."""
    asked = {*by_setting}
    options = tuple(Option(role.value, ROLE[role]) for role in Role if role.value not in asked)
    boxes = Field("roles", "These roles, too", Kind.BOXES, "/roles", options=options, values=tuple(by_network))
    return Form(action=paths.SECOND_FACTOR_POLICY, submit="Save", groups=(group_of(boxes),))
