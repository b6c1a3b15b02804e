"""Starts the service as production would, and asks the system what its processes use."""

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]
APPLICATION = "referrals.cli.bench.serve:app"
WORKERS, THREADS = 2, 4
SECONDS_TO_START = 60
HOST = "127.0.0.1"
# All databases of a bench share their keys.
KEYS = "keys"


@dataclass(frozen=True, slots=True)
class Usage:
    """CPU seconds of the web processes and of the database's."""

    web: float
    database: float

    def __sub__(self, earlier: "Usage") -> "Usage":
        return Usage(self.web - earlier.web, self.database - earlier.database)


@dataclass(slots=True)
class Served:
    """One running server. `database_process` is PostgreSQL's first process, where there is one."""

    process: subprocess.Popen[bytes]
    port: int
    database_process: int | None = None
    _seen: dict[int, float] = field(default_factory=dict)

    def usage(self) -> Usage:
        web = self._cpu(family(self.process.pid))
        database = self._cpu(family(self.database_process)) if self.database_process else 0.0
        return Usage(web, database)

    def _cpu(self, processes: Sequence[int]) -> float:
        """What a process had used when it ended still counts, so that a sum never falls."""
        for process in processes:
            with suppress(OSError):
                self._seen[process] = time.clock_gettime((~process << 3) | 2)  # CLOCK_PROCESS_CPUTIME_ID of another
        return sum(self._seen.get(process, 0.0) for process in processes)

    def memory(self) -> float:
        """What a web worker costs, in MiB: all that the server holds, whoever holds it, by its workers."""
        everybody = family(self.process.pid)
        return sum(map(held, everybody)) / max(1, len(everybody) - 1)


def family(process: int) -> list[int]:
    """This process and its children."""
    found = [process]
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError, IndexError):
            # The name, in brackets, may hold blanks: what follows it is the state and the parent.
            if int(path.read_text().rpartition(")")[2].split()[1]) == process:
                found.append(int(path.parent.name))
    return found


def held(process: int) -> float:
    """The memory of a process in MiB; of what it shares with others (libraries, mostly), its share."""
    for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


def environment_of(url: str, folder: Path, **more: str) -> dict[str, str]:
    """What a process of the service is told, as in production, and nothing of the bench's own settings."""
    places = {"DATA_DIR": str(folder), "KEY_DIR": str(folder.parent / KEYS)}
    told = {"ENV": "production", "DATABASE_URL": url} | places | more
    others = {key: value for key, value in os.environ.items() if not key.startswith("REFERRALS_")}
    return others | {f"REFERRALS_{name}": value for name, value in told.items()}


@contextmanager
def served(url: str, folder: Path, port: int, server: str, database_process: int | None = None) -> Iterator[Served]:
    """A server over this database, stopped at the end. Its log goes where production's would: to a file."""
    folder.mkdir(parents=True, exist_ok=True)
    environment = environment_of(
        url, folder, SECRET_KEY=secrets.token_urlsafe(32), DATABASE_POOL=str(THREADS), CALLS_PER_MINUTE="10000000"
    )
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            COMMANDS[server](port), cwd=PROJECT, env=environment, stdout=log, stderr=log, start_new_session=True
        )
        try:
            wait_until_ready(process, port, folder / "server.log")
            yield Served(process, port, database_process)
        finally:
            stop(process)


def gunicorn(port: int) -> list[str]:
    options = f"--workers {WORKERS} --threads {THREADS} --keep-alive 75 --bind {HOST}:{port}"
    return [sys.executable, "-m", "gunicorn", *options.split(), APPLICATION]


def waitress(port: int) -> list[str]:
    return [sys.executable, "-m", "waitress", f"--listen={HOST}:{port}", "--threads=8", APPLICATION]


COMMANDS = {"gunicorn": gunicorn, "waitress": waitress}


def wait_until_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended at once:\n{log.read_text()[-2000:]}")
        with suppress(OSError, HTTPException):
            connection = HTTPConnection(HOST, port, timeout=5)
            connection.request("GET", "/health/ready")
            ready = connection.getresponse().status == 200
            connection.close()
            if ready:
                return
        time.sleep(0.1)
    raise RuntimeError(f"the server did not get ready:\n{log.read_text()[-2000:]}")


def stop(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
