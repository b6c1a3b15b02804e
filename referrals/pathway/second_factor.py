"""Second factors of one person together: what they have, what they must have, and taking all of it off."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from referrals.domain.errors import Conflict, NotFound
from referrals.domain.people import Role
from referrals.domain.second_factor import Happening, Lacks, must_have
from referrals.models.organization import Network
from referrals.models.second_factor import AuthenticatorApp, Passkey
from referrals.models.user import Membership, User, UserSession
from referrals.models.vault import Vault
from referrals.pathway.accounts import memberships_of
from referrals.pathway.authenticator_app import remove_app, take_code
from referrals.pathway.passkeys import forget_passkeys, remove_passkey
from referrals.pathway.recovery_codes import codes_left, forget_codes, take_recovery_code
from referrals.pathway.sign_in import end_sessions_of

CODE_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Factors:
    """`app_since` is None where there is no authenticator app."""

    app_since: datetime | None
    passkeys: int
    codes_left: int

    @property
    def is_set_up(self) -> bool:
        return self.app_since is not None or self.passkeys > 0


def factors_of(session: Session, user: User) -> Factors:
    since = session.scalar(select(AuthenticatorApp.confirmed_at).where(AuthenticatorApp.user_id == user.id))
    passkeys = session.scalar(select(func.count(Passkey.id)).where(Passkey.user_id == user.id)) or 0
    return Factors(since, passkeys, codes_left(session, user))


def is_needed(session: Session, user: User, by_setting: Iterable[str]) -> bool:
    roles = [role for _, role in memberships_of(session, user.id)]
    return must_have(roles, by_setting, roles_of_network(session, user.network_id))


def lacking(session: Session, user: User, by_setting: Iterable[str]) -> Lacks | None:
    """What this person still has to do once their password was right."""
    if factors_of(session, user).is_set_up:
        return Lacks.SECOND_FACTOR
    return Lacks.SET_UP if is_needed(session, user, by_setting) else None


def take_second_factor(session: Session, vault: Vault, user: User, typed: str, now: datetime) -> Happening | None:
    """A code from the app, or a recovery code; which of the two it was, None for neither."""
    plain = "".join(typed.split())
    if len(plain) == CODE_DIGITS and plain.isascii() and plain.isdigit():
        return Happening.PROVEN if take_code(session, vault, user, plain, now) else None
    return Happening.RECOVERY_USED if take_recovery_code(session, user, plain, now) else None


def take_app_off(session: Session, user: User, by_setting: Iterable[str]) -> None:
    _lock(session, user)
    remove_app(session, user)
    _refuse_to_be_without(session, user, by_setting)


def take_passkey_off(session: Session, user: User, passkey_id: UUID, by_setting: Iterable[str]) -> None:
    _lock(session, user)
    remove_passkey(session, user, passkey_id)
    _refuse_to_be_without(session, user, by_setting)


def refuse_if_set_up(session: Session, user: User) -> None:
    """Whoever knows the password alone sets up the first factor, and none beside one that is there by now."""
    _lock(session, user)
    if factors_of(session, user).is_set_up:
        raise Conflict("A second factor was set up meanwhile. Sign in again with it.")


def _lock(session: Session, user: User) -> None:
    """Two that are taken off at the same time would each leave the other."""
    session.execute(select(User.id).where(User.id == user.id).with_for_update())


def _refuse_to_be_without(session: Session, user: User, by_setting: Iterable[str]) -> None:
    if factors_of(session, user).is_set_up:
        return
    if is_needed(session, user, by_setting):
        raise Conflict("Your role needs a second factor. Set up another one first, then remove this one.")
    forget_codes(session, user)


def reset_second_factor(session: Session, user: User, now: datetime) -> None:
    """Nothing of it is left, and whoever is signed in as this person is signed out."""
    _lock(session, user)
    remove_app(session, user)
    forget_passkeys(session, user)
    forget_codes(session, user)
    end_sessions_of(session, user, now)


def find_person_in(session: Session, network_id: UUID, user_id: UUID) -> User:
    found = session.scalars(select(User).where(User.id == user_id, User.network_id == network_id)).one_or_none()
    if found is None:
        raise NotFound
    return found


def roles_of_network(session: Session, network_id: UUID) -> list[str]:
    return session.scalar(select(Network.second_factor_roles).where(Network.id == network_id)) or []


def ask_roles(session: Session, network_id: UUID, roles: Collection[str]) -> None:
    """From now on people with these roles must have a second factor in this network."""
    network = session.scalars(select(Network).where(Network.id == network_id).with_for_update()).one()
    network.second_factor_roles = [role.value for role in Role if role in roles]
    session.flush()


def sign_out_those_without(
    session: Session, network_id: UUID, by_setting: Iterable[str], now: datetime, of: UUID | None = None
) -> None:
    """Whoever must have a second factor by now and has none is asked at once: their sessions end. `of` one person."""
    asked = {*by_setting, *roles_of_network(session, network_id)}
    with_role = select(Membership.user_id).where(Membership.network_id == network_id, Membership.role.in_(asked))
    have_one = [
        select(AuthenticatorApp.user_id).where(AuthenticatorApp.confirmed_at.is_not(None)),
        select(Passkey.user_id),
    ]
    whose: list[ColumnElement[bool]] = [
        UserSession.user_id.in_(with_role),
        *(UserSession.user_id.not_in(each) for each in have_one),
    ]
    if of is not None:
        whose.append(UserSession.user_id == of)
    session.execute(update(UserSession).where(*whose, UserSession.ended_at.is_(None)).values(ended_at=now))
