"""Settings, read once from the environment. Each is a row of the table below and of docs/operations.md."""

import os
import re
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from referrals.domain.people import Role
from referrals.domain.second_factor import MINIMUM
from referrals.domain.single_sign_on import LONGEST_ISSUER

PROJECT = Path(__file__).resolve().parent
PREFIX = "REFERRALS_"

ENVIRONMENTS = ("production", "development", "test")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"0", "false", "no", "off"})
SIZES = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
SHORTEST_SECRET = 16
LOCAL = "local"
# What no message and no log may show.
SECRETS = frozenset(
    {"secret_key", "database_url", "smtp_url", "s3_access_key", "s3_secret_key", "metrics_token", "oidc_client_secret"}
)


class SettingsError(Exception):
    """A setting is missing or cannot be read. Names the variable, never a secret's value."""


def one_of(*words: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"use one of {', '.join(words)}")
        return text

    return read


def whole(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,12}", text) or not least <= int(text) <= most:
            raise ValueError(f"use a whole number from {least} to {most}")
        return int(text)

    return read


def boolean(text: str) -> bool:
    word = text.lower()
    if word not in TRUE_WORDS | FALSE_WORDS:
        raise ValueError("use true or false")
    return word in TRUE_WORDS


def size(text: str) -> int:
    found = re.fullmatch(r"([0-9]{1,9})([kmg]?)", text.lower())
    if not found or int(found[1]) == 0:
        raise ValueError("use a number of bytes, or one with k, m or g behind it")
    return int(found[1]) * SIZES[found[2]]


def minutes(text: str) -> timedelta:
    return timedelta(minutes=whole(1, 60 * 24 * 30)(text))


def http_address(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", text):
        raise ValueError("use an address such as https://referrals.example.org")
    return text.rstrip("/")


def issuer_address(text: str) -> str:
    """Kept letter by letter: a provider's name for itself is compared, not called."""
    if not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", text) or len(text) > LONGEST_ISSUER:
        raise ValueError("use the issuer as the provider writes it, such as https://login.example.org/hospital")
    return text


def words(text: str) -> tuple[str, ...]:
    """With commas or blanks between them."""
    return tuple(re.split(r"[,\s]+", text))


def database_address(text: str) -> str:
    if not re.match(r"(sqlite|postgres(ql)?(\+psycopg)?)://", text):
        raise ValueError("use an address that begins with postgresql:// or sqlite:///")
    return text


def mail_address(text: str) -> str:
    if not re.fullmatch(r"[\x20-\x7e]*[^\s@<>]+@[^\s@<>]+>?", text):
        raise ValueError("use an address such as Second Opinions <referrals@example.org>")
    return text


def mail_server_address(text: str) -> str:
    """A password travels only where the connection is encrypted."""
    address = urlsplit(text)
    if address.scheme not in {"smtp", "smtps"} or not address.hostname or address.path not in {"", "/"}:
        raise ValueError("use an address such as smtp://user:password@mail.example.org:587?starttls=1")
    if address.query not in {"", "starttls=0", "starttls=1"}:
        raise ValueError("what may stand behind the question mark is starttls=1")
    if address.password and address.scheme == "smtp" and address.query != "starttls=1":
        raise ValueError("a password needs encryption: smtps://, or starttls=1")
    if address.port is not None and address.port == 0:
        raise ValueError("use a port from 1 to 65535")
    return text


def long_token(text: str) -> str:
    if not re.fullmatch(r"[\x21-\x7e]{16,}", text):
        raise ValueError(f"use at least {SHORTEST_SECRET} letters, digits and signs")
    return text


def storage_place(text: str) -> str:
    if text != LOCAL and not re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9._/-]*)?", text):
        raise ValueError("use local, or a bucket such as s3://documents or s3://bucket/folder")
    return text


def scanner_address(text: str) -> str:
    if not re.fullmatch(r"tcp://[^\s/:@]+:[0-9]{1,5}|unix:///\S+", text):
        raise ValueError("use an address such as tcp://127.0.0.1:3310 or unix:///run/clamav/clamd.ctl")
    return text


def places(text: str) -> tuple[str, ...]:
    """Networks and hosts, with commas between them."""
    words = tuple(word.strip().lower() for word in text.split(","))
    for word in words:
        if re.fullmatch(r"[0-9./]+|[0-9a-f:.]*:[0-9a-f:./]*", word):
            ip_network(word)
        elif not re.fullmatch(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", word):
            raise ValueError("use networks and hosts such as 10.0.0.0/8,hooks.example.org")
    return words


def ports(text: str) -> frozenset[int]:
    return frozenset(whole(1, 65535)(word.strip()) for word in text.split(","))


def roles(text: str) -> frozenset[str]:
    words = frozenset(word.strip() for word in text.split(","))
    if strange := words - {role.value for role in Role}:
        raise ValueError(f"use roles such as administrator,clinical_lead; there is no {', '.join(sorted(strange))}")
    return words


def folder(text: str) -> Path:
    return Path(text).expanduser().absolute()


def setting(read: Callable[[str], Any], default: Any = None) -> Any:
    """A field read by `read` from the variable of its name; `default` is what an unset variable means."""
    return field(default=default, metadata={"read": read})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    env: str = setting(one_of(*ENVIRONMENTS), "production")
    secret_key: str = field(default="", repr=False, metadata={"read": str})
    database_url: str = field(default="", repr=False, metadata={"read": database_address})
    data_dir: Path = setting(folder, PROJECT / "instance")
    key_dir: Path | None = setting(folder)
    port: int = setting(whole(1, 65535), 8000)
    base_url: str | None = setting(http_address)
    log_level: str = setting(one_of(*LOG_LEVELS), "INFO")
    trusted_proxies: int = setting(whole(0, 5), 0)
    session_idle: timedelta = setting(minutes, timedelta(minutes=15))
    session_absolute: timedelta = setting(minutes, timedelta(hours=12))
    second_factor: frozenset[str] | None = setting(roles)
    calls_per_minute: int = setting(whole(1, 10_000_000), 1200)
    token_requests_per_minute: int = setting(whole(1, 10_000_000), 60)
    sign_ins_per_minute: int = setting(whole(1, 10_000_000), 20)
    body_limit: int = setting(size, 1 << 20)
    document_limit: int = setting(size, 50 << 20)
    document_quota: int = setting(size, 500 << 20)
    document_store: str = setting(storage_place, LOCAL)
    s3_endpoint: str | None = setting(http_address)
    s3_region: str | None = setting(str)
    s3_access_key: str | None = field(default=None, repr=False, metadata={"read": str})
    s3_secret_key: str | None = field(default=None, repr=False, metadata={"read": str})
    clamd: str | None = setting(scanner_address)
    import_limit: int = setting(size, 256 << 20)
    outgoing_allow: tuple[str, ...] = setting(places, ())
    outgoing_ports: frozenset[int] = setting(ports, frozenset({443}))
    database_pool: int = setting(whole(1, 200), 8)
    retention_years: int | None = setting(whole(1, 200))
    p1_share: int | None = setting(whole(1, 100))
    metrics_token: str = field(default="", repr=False, metadata={"read": long_token})
    smtp_url: str = field(default="", repr=False, metadata={"read": mail_server_address})
    mail_from: str | None = setting(mail_address)
    oidc_issuer: str | None = setting(issuer_address)
    oidc_client_id: str | None = setting(str)
    oidc_client_secret: str | None = field(default=None, repr=False, metadata={"read": str})
    oidc_name: str = setting(str, "Sign in with your organization’s account")
    oidc_second_factor: tuple[str, ...] = setting(words, ())
    oidc_only: bool = setting(boolean, False)

    @property
    def second_factor_roles(self) -> frozenset[str]:
        """Who must have a second factor. Where nobody says, only production asks for one."""
        return self.second_factor or (frozenset(MINIMUM) if self.in_production else frozenset())

    @property
    def in_production(self) -> bool:
        return self.env == "production"


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return PREFIX + name.upper()


def settings_from(environ: Mapping[str, str]) -> Settings:
    """The settings that these variables ask for. An empty variable counts as unset.

    A secret may stand in a file instead: `REFERRALS_SECRET_KEY_FILE` names the one that holds REFERRALS_SECRET_KEY.
    """
    given = {}
    for known in fields(Settings):
        if text := _text(known.name, environ):
            given[known.name] = _read(known.name, known.metadata["read"], text)
    return _completed(Settings(**given))


def _text(name: str, environ: Mapping[str, str]) -> str:
    text = environ.get(variable(name), "").strip()
    in_file = f"{variable(name)}_FILE"
    file = environ.get(in_file, "").strip() if name in SECRETS else ""
    if not file:
        return text
    if text:
        raise SettingsError(f"{variable(name)} and {in_file} are both set: use one of them")
    try:
        return Path(file).read_text().strip()
    except (OSError, ValueError):
        raise SettingsError(f"{in_file}: the file cannot be read") from None


def _read(name: str, read: Callable[[str], Any], text: str) -> Any:
    try:
        return read(text)
    except ValueError as problem:
        shown = "" if name in SECRETS else f", not {text!r}"
        raise SettingsError(f"{variable(name)}: {problem}{shown}") from None


def _completed(settings: Settings) -> Settings:
    """Production names its secret and its database itself; elsewhere both are made under the data folder."""
    complete = _required if settings.in_production else _with_local_defaults
    return _able_to_sign_on(_able_to_write(complete(settings)))


def _able_to_sign_on(settings: Settings) -> Settings:
    """A provider sends people back to an address that it knows: no request may choose it."""
    if settings.oidc_only and not settings.oidc_issuer:
        raise SettingsError(f"{variable('oidc_only')} needs {variable('oidc_issuer')}: nobody could sign in")
    if settings.oidc_issuer:
        for name in ("oidc_client_id", "base_url"):
            if not getattr(settings, name):
                raise SettingsError(f"{variable(name)} is not set, and {variable('oidc_issuer')} needs it")
        if settings.in_production and not settings.oidc_issuer.startswith("https://"):
            raise SettingsError(f"{variable('oidc_issuer')}: production needs an address with https://")
    return settings


def _able_to_write(settings: Settings) -> Settings:
    """Mail needs a sender, and an address that its links can begin with: a worker has no request to read it from."""
    if settings.smtp_url:
        for name in ("mail_from", "base_url"):
            if not getattr(settings, name):
                raise SettingsError(f"{variable(name)} is not set, and mail ({variable('smtp_url')}) needs it")
    return settings


def _required(settings: Settings) -> Settings:
    for name, hint in (
        ("secret_key", "make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"),
        ("database_url", "such as postgresql://referrals@db.example.org/referrals"),
        ("key_dir", "a folder for the service alone; make the keys with: flask --app wsgi keys new"),
    ):
        if not getattr(settings, name):
            raise SettingsError(
                f"{variable(name)} is not set, and production does not start without it ({hint}). "
                "To try the service out, set REFERRALS_ENV=development."
            )
    if len(settings.secret_key) < SHORTEST_SECRET:
        raise SettingsError(f"{variable('secret_key')}: use at least {SHORTEST_SECRET} characters in production")
    if missing := sorted(MINIMUM - settings.second_factor_roles):
        raise SettingsError(f"{variable('second_factor')}: production needs {', '.join(missing)} among them, too")
    return settings


def _with_local_defaults(settings: Settings) -> Settings:
    return replace(
        settings,
        secret_key=settings.secret_key or _kept_secret(settings.data_dir),
        database_url=settings.database_url or f"sqlite:///{settings.data_dir / (settings.env + '.sqlite')}",
    )


def _kept_secret(data_dir: Path) -> str:
    """A secret made once and kept, so that sign-ins outlive a restart and all processes share it."""
    kept = data_dir / "development-secret"
    if not kept.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        draft = data_dir / f"development-secret.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48))
        with suppress(FileExistsError):  # another process was faster: its secret stands
            os.link(draft, kept)
        draft.unlink()
    return kept.read_text().strip()
