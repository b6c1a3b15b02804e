"""The quick start works: each of its commands is run, in order, against a real server, and shows what the page shows."""

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from standardwebhooks import Webhook

from tests import factories

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "api.md").read_text()
BLOCK = re.compile(r"^```(sh|json|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
END = "@@ end of a block @@"


@pytest.fixture
def databases(databases_of, request):
    """Whoever follows the page has SQLite."""
    request.node.user_properties.append(("database", "sqlite"))
    return databases_of("sqlite")


@pytest.fixture
def environment(app, settings) -> dict[str, str]:
    """The people and organizations of the demo, and where they are."""
    with app.extensions["database"].writing() as session:
        factories.settled(session)
    return os.environ | {
        "REFERRALS_ENV": "development",
        "REFERRALS_DATABASE_URL": settings.database_url,
        "REFERRALS_DATA_DIR": str(settings.data_dir),
        "REFERRALS_PORT": str(free_port()),
    }


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@pytest.fixture
def server(environment: dict[str, str], tmp_path: Path) -> Iterator[str]:
    address = f"http://127.0.0.1:{environment['REFERRALS_PORT']}"
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "start"]
    with (
        (tmp_path / "log").open("wb") as log,
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log) as process,
    ):
        try:
            wait_for(f"{address}/health/ready")
            yield address
        finally:
            process.terminate()


def wait_for(address: str) -> None:
    """Until the server answers and its worker has begun."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with urlopen(address, timeout=2) as answer:
                if json.load(answer)["worker"]["last_beat_at"]:
                    return
        except (URLError, OSError):
            pass
        time.sleep(0.1)
    pytest.fail("the server did not start")


def blocks() -> list[tuple[str, tuple[str, str] | None]]:
    """Each command, with what the page shows after it."""
    found: list[tuple[str, tuple[str, str] | None]] = []
    for kind, text in BLOCK.findall(PAGE):
        if kind == "sh":
            found.append((text, None))
        else:
            found[-1] = found[-1][0], (kind, text)
    return found


def as_run_here(command: str, server: str) -> str:
    """The same at another port, and with the Python that runs the tests."""
    ours = {"flask": f"{sys.executable} -m flask", "python": sys.executable}
    command = re.sub(r"\.venv/bin/(flask|python)", lambda found: ours[found[1]], command)
    return command.replace("http://127.0.0.1:8000", server)


def test_each_command_shows_what_the_page_says(server: str, environment: dict[str, str]) -> None:
    script = "".join(f"{as_run_here(command, server)}echo\necho '{END}'\n" for command, _ in blocks())
    run = subprocess.run(
        ["bash", "-eu", "-o", "pipefail"],
        input=script, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip
    printed = run.stdout.split(END)
    for (command, shown), came in zip(blocks(), printed, strict=False):
        if shown is not None:
            assert is_like(*shown, came.strip()), f"{command}\nprinted\n{came}\n{run.stderr[-2000:]}"
    assert len(printed) == len(blocks()) + 1, f"{printed[-1]}\n{run.stderr[-3000:]}"
    assert run.returncode == 0, run.stderr[-2000:]


def is_like(kind: str, shown: str, came: str) -> bool:
    if kind == "json":
        return has_shape(json.loads(shown), json.loads(came.partition("\n")[2] if came[:1].isdigit() else came))
    expected = ".*".join(re.escape(part) for part in shown.strip().split("…"))
    lines = [re.fullmatch(line, text.strip(), re.IGNORECASE) for line, text in paired(expected, came)]
    return all(lines)


def paired(expected: str, came: str) -> list[tuple[str, str]]:
    """Lines of headers come in any order."""
    return list(zip(sorted(expected.split("\\\n")), sorted(came.splitlines()), strict=True))


def has_shape(shown: Any, came: Any) -> bool:
    """What is shown is there, of the same kind; the page may leave members out."""
    if isinstance(shown, dict):
        return isinstance(came, dict) and all(
            name in came and has_shape(value, came[name]) for name, value in shown.items()
        )
    if isinstance(shown, list):
        return isinstance(came, list) and len(came) >= len(shown) and all(map(has_shape, shown, came))
    return type(shown) is type(came)


def test_the_check_of_a_signature_on_the_page_agrees_with_the_library_of_the_standard() -> None:
    written = re.search(r"check\.py <<'END'\n(.*?)^END$", PAGE, re.MULTILINE | re.DOTALL)
    assert written
    known: dict[str, Any] = {}
    exec(written[1], known)  # the page's own words
    secret, body, now = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", '{"type": "referral.submitted"}', datetime.now(UTC)
    signature = Webhook(secret).sign("msg_1", now, body)
    headers = {"webhook-id": "msg_1", "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signature}
    assert known["is_genuine"](secret, headers, body.encode())
    assert not known["is_genuine"](secret, headers, b"{}")
    assert not known["is_genuine"](secret, headers | {"webhook-timestamp": "1"}, body.encode())
