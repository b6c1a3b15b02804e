"""The systemd units that are shipped: systemd understands them, and every setting in them is one of ours."""

import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from config import SECRETS, Settings, variable

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "docs/deploy"
UNITS = sorted(DEPLOY.glob("*.service"))
TIMERS = sorted(DEPLOY.glob("*.timer"))
VARIABLE = re.compile(r"\b(REFERRALS_[A-Z_0-9]+)=")


@pytest.mark.parametrize("file", [*UNITS, DEPLOY / "environment"], ids=lambda file: file.name)
def test_every_setting_of_a_shipped_file_is_one_of_ours(file: Path):
    known = {variable(each.name) for each in fields(Settings)} | {f"{variable(name)}_FILE" for name in SECRETS}
    assert set(VARIABLE.findall(file.read_text())) <= known


def test_no_secret_stands_in_a_shipped_file():
    secret = {variable(name) for name in SECRETS}
    for file in (*UNITS, DEPLOY / "environment"):
        assert not set(VARIABLE.findall(file.read_text())) & secret


@pytest.mark.parametrize("unit", [*UNITS, *TIMERS], ids=lambda file: file.name)
def test_systemd_understands_the_shipped_units(unit: Path, tmp_path: Path):
    if not shutil.which("systemd-analyze"):
        pytest.skip("no systemd on this machine")
    for each in (*UNITS, *TIMERS):
        text = re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", each.read_text(), flags=re.MULTILINE)
        (tmp_path / each.name).write_text(text)
    checked = subprocess.run(
        ["systemd-analyze", "verify", str(tmp_path / unit.name)], capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stderr) == (0, "")


def settings_of(unit: str) -> set[str]:
    return {line for line in (DEPLOY / unit).read_text().splitlines() if re.match(r"[A-Z]\w+=", line)}


def test_all_that_run_are_shut_in_alike():
    web, worker, backup = (settings_of(f"referrals-{name}.service") for name in ("web", "worker", "backup"))
    assert {line.partition("=")[0] for line in web ^ worker} == {"Description", "ExecStart", "Type"}
    own = {"KillMode", "TimeoutStopSec", "TimeoutStartSec", "Restart", "RestartSec", "WantedBy", "ReadWritePaths"}
    assert {line.partition("=")[0] for line in backup ^ worker} == {"Description", "ExecStart", "Type"} | own


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The shipped files in folders of the test's own; the account, which nobody has made here, is left out."""
    etc = tmp_path / "etc"
    etc.mkdir()
    environment = (DEPLOY / "environment").read_text().replace("/var/lib/referrals", str(tmp_path / "data"))
    environment = environment.replace("/etc/referrals", str(etc))
    (etc / "environment").write_text(environment)
    (etc / "secret-key").write_text("a-secret-that-is-long-enough\n")
    (etc / "database-url").write_text(f"sqlite:///{tmp_path / 'referrals.sqlite'}\n")
    text = (DEPLOY / "referrals").read_text().replace("/etc/referrals", str(etc))
    text = text.replace("/opt/referrals/current", str(ROOT)).replace(".venv/bin/flask", f"{sys.executable} -m flask")
    (tmp_path / "referrals").write_text(re.sub(r"setpriv .*--init-groups ", "", text))
    return tmp_path


def output_of(*words: str) -> str:
    environ = {"PATH": "/bin:/usr/bin"}
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=environ, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_shipped_commands_run_with_the_settings_and_secrets_of_the_units(installed: Path):
    command = "sh", str(installed / "referrals")
    output_of(*command, "keys", "new")
    output_of(*command, "db", "upgrade")
    made = output_of(*command, "organization", "create", "Coast network", "--code", "coast", "--kind", "network")
    assert made == "network coast in the network coast (UTC)\n"

    line = next(each for each in sorted(settings_of("referrals-backup.service")) if each.startswith("ExecStart="))
    start = line.removeprefix("ExecStart=").replace("$$", "$").replace("%%", "%")
    start = start.replace(".venv/bin/flask --app wsgi", f"sh {installed / 'referrals'}")
    start = start.replace("/var/backups/referrals", str(installed / "backups"))
    (installed / "backups").mkdir()
    output_of(*shlex.split(start))
    (folder,) = (installed / "backups").iterdir()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", folder.name)
    output_of(*command, "backup", "verify", str(folder))
