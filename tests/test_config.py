"""Settings come from the environment, and a wrong one is refused by its name."""

import re
import subprocess
import sys
from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import pytest

from config import Settings, SettingsError, settings_from, variable

ROOT = Path(__file__).parents[1]
SECRET = "a-secret-that-is-long-enough"
PRODUCTION = {
    "REFERRALS_SECRET_KEY": SECRET,
    "REFERRALS_DATABASE_URL": "postgresql://db/referrals",
    "REFERRALS_KEY_DIR": "/etc/referrals/keys",
}


def test_production_is_what_an_empty_environment_means():
    with pytest.raises(SettingsError, match="REFERRALS_SECRET_KEY is not set"):
        settings_from({})


@pytest.mark.parametrize("missing", PRODUCTION)
def test_production_does_not_start_without(missing):
    with pytest.raises(SettingsError, match=f"{missing} is not set"):
        settings_from({**PRODUCTION, missing: " "})


def test_production_refuses_a_short_secret():
    with pytest.raises(SettingsError, match="at least 16 characters"):
        settings_from({**PRODUCTION, "REFERRALS_SECRET_KEY": "short"})


def test_production_starts_with_what_it_needs():
    settings = settings_from(PRODUCTION)
    assert settings.in_production
    assert settings.secret_key == SECRET
    assert settings.port == 8000
    assert settings.session_idle == timedelta(minutes=15)
    assert settings.session_absolute == timedelta(hours=12)
    assert (settings.calls_per_minute, settings.token_requests_per_minute) == (1200, 60)
    assert (settings.body_limit, settings.document_limit, settings.import_limit) == (1 << 20, 50 << 20, 256 << 20)


def test_production_asks_administrators_and_leads_for_a_second_factor_and_may_ask_more():
    least, name = {"administrator", "clinical_lead"}, "REFERRALS_SECOND_FACTOR"
    assert settings_from(PRODUCTION).second_factor_roles == least
    wider = settings_from({**PRODUCTION, name: "administrator, clinical_lead,coordinator"})
    assert wider.second_factor_roles == least | {"coordinator"}
    assert settings_from({"REFERRALS_ENV": "test", "REFERRALS_SECRET_KEY": SECRET}).second_factor_roles == set()
    for narrower in ("administrator", "coordinator", "administrator,clinical_lead,nurse"):
        with pytest.raises(SettingsError, match=name):
            settings_from({**PRODUCTION, name: narrower})


def test_single_sign_on_needs_all_of_its_settings_and_keeps_the_issuer_letter_by_letter():
    whole = {
        **PRODUCTION,
        "REFERRALS_BASE_URL": "https://second-opinions.example",
        "REFERRALS_OIDC_ISSUER": "https://login.example/",
        "REFERRALS_OIDC_CLIENT_ID": "referrals",
        "REFERRALS_OIDC_SECOND_FACTOR": "mfa, urn:strong",
    }
    settings = settings_from(whole)
    assert (settings.oidc_issuer, settings.oidc_second_factor) == ("https://login.example/", ("mfa", "urn:strong"))
    for name, text in (
        ("REFERRALS_BASE_URL", ""),
        ("REFERRALS_OIDC_CLIENT_ID", ""),
        ("REFERRALS_OIDC_ISSUER", "http://login.example"),
        ("REFERRALS_OIDC_ISSUER", "login.example"),
    ):
        with pytest.raises(SettingsError, match=name):
            settings_from({**whole, name: text})
    with pytest.raises(SettingsError, match="nobody could sign in"):
        settings_from({**PRODUCTION, "REFERRALS_OIDC_ONLY": "true"})


@pytest.mark.parametrize("env", ["development", "test"])
def test_elsewhere_a_secret_and_a_database_are_made_and_kept(tmp_path, env):
    environ = {"REFERRALS_ENV": env, "REFERRALS_DATA_DIR": str(tmp_path / "data")}
    first, second = settings_from(environ), settings_from(environ)
    assert len(first.secret_key) >= 32
    assert first == second
    assert first.database_url == f"sqlite:///{tmp_path}/data/{env}.sqlite"
    kept = tmp_path / "data" / "development-secret"
    assert kept.stat().st_mode & 0o077 == 0
    assert [file.name for file in kept.parent.iterdir()] == [kept.name]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("REFERRALS_ENV", "prod"),
        ("REFERRALS_PORT", "http"),
        ("REFERRALS_PORT", "0"),
        ("REFERRALS_PORT", "65536"),
        ("REFERRALS_PORT", "8_000"),
        ("REFERRALS_PORT", "٨٠٠٠"),
        ("REFERRALS_BASE_URL", "referrals.example.org"),
        ("REFERRALS_BASE_URL", "https://user@referrals.example.org"),
        ("REFERRALS_BASE_URL", "https://referrals.example.org/?x=1"),
        ("REFERRALS_LOG_LEVEL", "loud"),
        ("REFERRALS_OUTGOING_ALLOW", "10.0.0.0/99"),
        ("REFERRALS_OUTGOING_ALLOW", "10.0.0.1/8,"),
        ("REFERRALS_OUTGOING_PORTS", "443;8443"),
        ("REFERRALS_BODY_LIMIT", "1 MiB"),
        ("REFERRALS_BODY_LIMIT", "0"),
        ("REFERRALS_BODY_LIMIT", "-1"),
        ("REFERRALS_SESSION_IDLE", "soon"),
        ("REFERRALS_CALLS_PER_MINUTE", "1e3"),
        ("REFERRALS_DATABASE_URL", "mysql://db/referrals"),
        ("REFERRALS_SMTP_URL", "mail.example.org"),
        ("REFERRALS_SMTP_URL", "smtp://user:hunter2@mail.example.org"),
        ("REFERRALS_SMTP_URL", "smtp://mail.example.org?tls=1"),
        ("REFERRALS_MAIL_FROM", "referrals"),
        ("REFERRALS_MAIL_FROM", "a@example.org\nBcc: b@example.org"),
    ],
)
def test_a_value_that_cannot_be_read_is_refused_by_its_name(name, text):
    with pytest.raises(SettingsError, match=name):
        settings_from({**PRODUCTION, name: text})


MAIL = {
    "REFERRALS_SMTP_URL": "smtp://me:hunter2@mail.example.org:587?starttls=1",
    "REFERRALS_MAIL_FROM": "Second Opinions <referrals@example.org>",
    "REFERRALS_BASE_URL": "https://referrals.example.org",
}


@pytest.mark.parametrize("missing", ["REFERRALS_MAIL_FROM", "REFERRALS_BASE_URL"])
def test_mail_needs_a_sender_and_an_address_for_its_links(missing):
    assert settings_from({**PRODUCTION, **MAIL}).mail_from == MAIL["REFERRALS_MAIL_FROM"]
    with pytest.raises(SettingsError, match=f"{missing} is not set"):
        settings_from({**PRODUCTION, **MAIL, missing: ""})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("REFERRALS_DATABASE_URL", "mysql://me:hunter2@db/referrals"),
        ("REFERRALS_SMTP_URL", "smtp://me:hunter2@mail.example.org"),
    ],
)
def test_a_refusal_never_shows_a_password(name, text):
    with pytest.raises(SettingsError) as refusal:
        settings_from({**PRODUCTION, name: text})
    assert "hunter2" not in str(refusal.value)


def test_the_settings_never_show_a_secret():
    shown = repr(
        settings_from({**PRODUCTION, **MAIL, "REFERRALS_DATABASE_URL": "postgresql://me:hunter2@db/referrals"})
    )
    assert SECRET not in shown
    assert "hunter2" not in shown


@pytest.mark.parametrize(("text", "size"), [("2048", 2048), ("64k", 64 << 10), ("2M", 2 << 20), ("1g", 1 << 30)])
def test_sizes_may_be_written_short(text, size):
    assert settings_from({**PRODUCTION, "REFERRALS_BODY_LIMIT": text}).body_limit == size


def test_the_base_address_ends_without_a_slash():
    environ = {**PRODUCTION, "REFERRALS_BASE_URL": "https://example.org/referrals/"}
    assert settings_from(environ).base_url == "https://example.org/referrals"


def test_every_setting_is_described_for_the_people_who_run_the_service():
    page = (ROOT / "docs" / "operations.md").read_text()
    described = set(re.findall(r"^\| `(REFERRALS_[A-Z0-9_]+)`", page, re.MULTILINE))
    assert described == {variable(known.name) for known in fields(Settings)}


def start(**environ: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "db", "check"]
    return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False, timeout=60)


def test_a_process_that_may_not_start_says_why_in_one_line():
    stopped = start()
    assert stopped.returncode == 2
    assert stopped.stderr.startswith("Referrals does not start. REFERRALS_SECRET_KEY is not set")
    assert "Traceback" not in stopped.stderr


def test_a_secret_may_stand_in_a_file_that_no_list_of_processes_shows(tmp_path):
    file = tmp_path / "secret-key"
    file.write_text(f"{SECRET}\n")
    environ = {**PRODUCTION, "REFERRALS_SECRET_KEY": "", "REFERRALS_SECRET_KEY_FILE": str(file)}
    assert settings_from(environ).secret_key == SECRET
    with pytest.raises(SettingsError, match="are both set"):
        settings_from({**environ, "REFERRALS_SECRET_KEY": SECRET})
    with pytest.raises(SettingsError, match="REFERRALS_SECRET_KEY_FILE: the file cannot be read"):
        settings_from({**environ, "REFERRALS_SECRET_KEY_FILE": str(tmp_path / "nothing")})


def test_what_is_no_secret_is_read_from_no_file(tmp_path):
    file = tmp_path / "port"
    file.write_text("9000")
    assert settings_from({**PRODUCTION, "REFERRALS_PORT_FILE": str(file)}).port == 8000
