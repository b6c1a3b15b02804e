"""A receiver of webhooks in a process of its own: it thanks for everything and keeps nothing."""

import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from referrals.cli.bench.postgresql import free_port
from referrals.cli.bench.served import HOST, PROJECT, wait_until_ready


def thanks(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Length", "0")])
    return [b""]


@contextmanager
def listening(folder: Path) -> Iterator[int]:
    """The port on which it listens."""
    port = free_port()
    command = [sys.executable, "-m", "waitress", f"--listen={HOST}:{port}", "--threads=8", f"{__name__}:thanks"]
    log = folder / "receiver.log"
    with log.open("wb") as out, subprocess.Popen(command, cwd=PROJECT, stdout=out, stderr=out) as process:
        try:
            wait_until_ready(process, port, log)
            yield port
        finally:
            process.kill()
