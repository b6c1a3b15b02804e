"""What somebody proves themselves by, in words; the picture that an app scans; codes that are shown once."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import segno

from referrals.domain.errors import FieldError
from referrals.domain.people import Role
from referrals.domain.second_factor import RECOVERY_CODES
from referrals.models.second_factor import Passkey
from referrals.pathway.authenticator_app import ToScan
from referrals.pathway.second_factor import Factors
from referrals.web import paths
from referrals.web.forms.fields import ErrorLink, Form, PasskeyButton
from referrals.web.presenters.notices import Link, Notice
from referrals.web.presenters.single_sign_on import IdentityRow
from referrals.web.presenters.times import Moment
from referrals.web.words import ROLE, counted, sentence_list

BACK = Link("Signing in", paths.SECURITY)
WHERE = Link("Where you are signed in", paths.SESSIONS)
WHO_MUST = Link("Who must have a second factor", paths.SECOND_FACTOR_POLICY)
NEW_PASSKEY = PasskeyButton("Add a passkey", paths.PASSKEYS, paths.passkey_options(paths.PASSKEYS))
MUST = Notice(
    "warn",
    "Set up a second factor first",
    "Your role needs one: an authenticator app or a passkey. Then you go on.",
)
NEEDED = "Your role needs a second factor."
NOT_NEEDED = "Your role needs none. With one, a stolen password opens nothing."


@dataclass(frozen=True)
class Standing:
    """`is_half` while somebody has to set up a second factor before anything else; `steers` who says who must."""

    factors: Factors
    is_needed: bool
    is_half: bool
    browser: str
    steers: bool = False


@dataclass(frozen=True)
class PasskeyRow:
    id: str
    name: str
    used: str


@dataclass(frozen=True)
class SecurityPage:
    """`app` and `codes` say how it stands; `identities` are accounts elsewhere; `errors` stand above."""

    is_half: bool
    rule: str
    app: str
    has_app: bool
    passkeys: tuple[PasskeyRow, ...]
    browser: str
    is_set_up: bool
    codes: str
    notices: tuple[Notice, ...]
    errors: tuple[ErrorLink, ...]
    links: tuple[Link, ...]
    new_passkey: PasskeyButton = NEW_PASSKEY
    identities: tuple[IdentityRow, ...] = ()


@dataclass(frozen=True)
class AuthenticatorPage:
    """`outline` draws the dark squares of the picture, which is `size` squares wide."""

    key: str
    size: int
    outline: str
    form: Form
    back: Link = BACK


@dataclass(frozen=True)
class RecoveryCodesPage:
    codes: tuple[str, ...]
    onward: str = paths.HOME


def security_page(
    standing: Standing,
    passkeys: Sequence[Passkey],
    moment: Moment,
    said: tuple[Notice, ...] = (),
    errors: Sequence[FieldError] = (),
) -> SecurityPage:
    factors = standing.factors
    return SecurityPage(
        is_half=standing.is_half,
        rule=NEEDED if standing.is_needed else NOT_NEEDED,
        app=f"Set up {moment.on(factors.app_since)}" if factors.app_since else "Not set up",
        has_app=factors.app_since is not None,
        passkeys=tuple(_row(each, moment) for each in passkeys),
        browser=standing.browser,
        is_set_up=factors.is_set_up,
        codes=_codes(factors),
        notices=((MUST,) if standing.is_half else ()) + said,
        errors=tuple(ErrorLink(each.message, "") for each in errors),
        links=() if standing.is_half else (WHERE, *((WHO_MUST,) if standing.steers else ())),
    )


def _row(passkey: Passkey, moment: Moment) -> PasskeyRow:
    used = f"Last used {moment.on(passkey.last_used_at)}" if passkey.last_used_at else "Not used yet"
    return PasskeyRow(str(passkey.id), passkey.name, f"Added {moment.on(passkey.created_at)}. {used}")


def _codes(factors: Factors) -> str:
    if not factors.is_set_up:
        return f"You get {RECOVERY_CODES} of them when you set up an app or a passkey."
    return f"{counted(factors.codes_left, 'code')} left. Each works once, in place of the app or the passkey."


def authenticator_page(found: ToScan, form: Form) -> AuthenticatorPage:
    rows = [list(row) for row in segno.make(found.address, error="m").matrix_iter(border=4)]
    return AuthenticatorPage(
        key=" ".join(found.key[at : at + 4] for at in range(0, len(found.key), 4)),
        size=len(rows),
        outline="".join(_squares(rows)),
        form=form,
    )


def _squares(rows: Sequence[Sequence[int]]) -> Iterator[str]:
    for down, row in enumerate(rows):
        for across, is_dark in enumerate(row):
            if is_dark:
                yield f"M{across} {down}h1v1h-1z"


def asked_already(by_setting: Collection[str]) -> tuple[str, ...]:
    """Whom the service itself asks for one, before a network adds anybody."""
    named = sentence_list([ROLE[role] for role in Role if role.value in by_setting])
    first = f"The service asks these roles for one: {named}." if named else "The service itself asks nobody for one."
    return (
        first,
        "Whoever must have one and has none is signed out, and sets it up at their next sign-in before anything else.",
    )


def what_is_taken_off(factors: Factors) -> tuple[str, ...]:
    had = [
        *(["an authenticator app"] if factors.app_since else []),
        *([counted(factors.passkeys, "passkey")] if factors.passkeys else []),
        *([counted(factors.codes_left, "recovery code")] if factors.codes_left else []),
    ]
    if not had:
        return ("This person has no second factor. Their sessions end all the same.",)
    return (
        f"Set up now: {sentence_list(had)}.",
        "All of it is taken off and every session of this person ends at once. They are told by letter.",
    )
