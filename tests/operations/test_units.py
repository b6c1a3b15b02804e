"""The systemd units that are shipped: systemd understands them, and every setting in them is one of ours."""

import re
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
VARIABLE = re.compile(r"\b(REFERRALS_[A-Z_0-9]+)=")


@pytest.mark.parametrize("file", [*UNITS, DEPLOY / "environment"], ids=lambda file: file.name)
def test_every_setting_of_a_shipped_file_is_one_of_ours(file: Path):
    known = {variable(each.name) for each in fields(Settings)} | {f"{variable(name)}_FILE" for name in SECRETS}
    assert set(VARIABLE.findall(file.read_text())) <= known


def test_no_secret_stands_in_a_shipped_file():
    secret = {variable(name) for name in SECRETS}
    for file in (*UNITS, DEPLOY / "environment"):
        assert not set(VARIABLE.findall(file.read_text())) & secret


@pytest.mark.parametrize("unit", UNITS, ids=lambda file: file.name)
def test_systemd_understands_the_shipped_units(unit: Path, tmp_path: Path):
    if not shutil.which("systemd-analyze"):
        pytest.skip("no systemd on this machine")
    text = re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", unit.read_text(), flags=re.MULTILINE)
    (tmp_path / unit.name).write_text(text)
    checked = subprocess.run(
        ["systemd-analyze", "verify", str(tmp_path / unit.name)], capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stderr) == (0, "")


def test_web_and_worker_are_shut_in_alike():
    walls = [{line for line in unit.read_text().splitlines() if re.match(r"[A-Z]\w+=", line)} for unit in UNITS]
    own = {"Description", "ExecStart", "Type"}
    assert {line.partition("=")[0] for line in walls[0] ^ walls[1]} == own


def test_the_shipped_command_runs_with_the_settings_and_secrets_of_the_units(tmp_path: Path):
    """Every folder is the test's own, and the account, which nobody has made here, is left out."""
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
    for words in (
        ["keys", "new"],
        ["db", "upgrade"],
        ["organization", "create", "Coast network", "--code", "coast", "--kind", "network"],
    ):
        done = subprocess.run(
            ["sh", str(tmp_path / "referrals"), *words],
            capture_output=True,
            text=True,
            check=False,
            env={"PATH": "/bin:/usr/bin"},
        )
        assert done.returncode == 0, done.stderr
    assert done.stdout == "network coast in the network coast (UTC)\n"
