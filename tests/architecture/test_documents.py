"""What people read is true of what is there: no link leads nowhere, no command or job is kept secret."""

import re
from pathlib import Path

import click
import pytest

from referrals.app import WORKER
from referrals.cli.commands import COMMANDS, Commands
from referrals.worker.jobs import JOBS
from tests.architecture.source import ROOT, name

PAGES = tuple(page for page in ROOT.glob("**/*.md") if ".venv" not in page.parts and "instance" not in page.parts)
LINK = re.compile(r"\]\(([^)\s]+)\)")
# What a table of security names as holding a requirement: a file, or a test in one.
HOLDS = re.compile(r"`((?:tests|referrals|docs|scripts|pyproject)[\w./-]*\.\w+)(?:::(\w+))?`")
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()


def spelled_out(command: click.Command, before: str = "") -> list[str]:
    """The words of a command, or of each command in a group."""
    words = f"{before} {command.name}".strip()
    if not isinstance(command, click.Group):
        return [words]
    context = click.Context(command)
    inner = [command.get_command(context, name) for name in command.list_commands(context)]
    return [each for found in inner if found for each in spelled_out(found, words)]


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_leads_to_a_file_that_is_there(page: Path):
    near = [link.partition("#")[0] for link in LINK.findall(page.read_text()) if "://" not in link]
    assert [link for link in near if link and not (page.parent / link).exists()] == []


def test_every_decision_is_listed():
    listed = set(LINK.findall((ROOT / "docs" / "decisions" / "README.md").read_text()))
    pages = {page.name for page in (ROOT / "docs" / "decisions").glob("*.md")} - {"README.md"}
    assert pages == listed


def test_operators_find_every_command():
    commands = spelled_out(Commands("", COMMANDS | WORKER))
    assert [words for words in commands if not re.search(rf"\b{words}\b", OPERATIONS)] == []


def test_operators_find_every_job_of_the_worker():
    assert [job.name for job in JOBS if f"| {job.name} |" not in OPERATIONS] == []


def test_what_holds_a_requirement_of_security_is_there():
    named = HOLDS.findall((ROOT / "docs" / "security.md").read_text())
    gone = [
        (file, test)
        for file, test in named
        if not (ROOT / file).is_file() or (test and f"def {test}(" not in (ROOT / file).read_text())
    ]
    assert gone == []
    assert len(named) > 100
