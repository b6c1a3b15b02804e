"""Files lie whole in the storage or not at all, in a folder and on a real S3 server alike."""

import logging
import os
import resource
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest

from referrals.models.keys import Keys
from referrals.models.storage import Missing, StorageFailed, StorageFull
from referrals.models.storage.local import LocalStore
from referrals.models.storage.locked import LockedStore
from referrals.models.storage.s3 import Place, S3Store
from tests.architecture.source import ROOT

TOMORROW = datetime.now(UTC) + timedelta(days=1)


@pytest.fixture(scope="module")
def s3_server() -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


def s3_store(server: str, bucket: str = "documents", prefix: str = "clinic/") -> S3Store:
    return S3Store(Place(bucket, prefix, server, "us-east-1", "key", "secret"))


@pytest.fixture(params=["folder", "s3", "folder, locked", "s3, locked"])
def store(request, tmp_path):
    if request.param.startswith("folder"):
        made = LocalStore(tmp_path / "documents")
    else:
        made = s3_store(request.getfixturevalue("s3_server"))
        made.client.create_bucket(Bucket=made.bucket)
    return LockedStore(made, Keys("secret")) if request.param.endswith("locked") else made


def read(store, key) -> bytes:
    with store.open(key) as source:
        return b"".join(iter(lambda: source.read(1 << 16), b""))


def test_what_is_put_is_read_listed_and_removed(store):
    big = os.urandom(3 << 20)
    store.put("network/ab/one", BytesIO(big))
    store.put("network/cd/two", BytesIO(b"two"))
    assert read(store, "network/ab/one") == big
    with store.open("network/cd/two", 1) as source:
        assert source.readline() == b"wo"
    assert sorted(store.keys(TOMORROW)) == ["network/ab/one", "network/cd/two"]
    assert list(store.keys(TOMORROW - timedelta(days=2))) == []
    for _ in range(2):
        store.remove("network/ab/one")
        store.remove("network/cd/two")
    with pytest.raises(Missing):
        store.open("network/ab/one")
    assert list(store.keys(TOMORROW)) == []


def test_only_what_lies_under_the_prefix_is_listed(s3_server):
    ours, others = s3_store(s3_server), s3_store(s3_server, prefix="elsewhere/")
    ours.client.create_bucket(Bucket=ours.bucket)
    others.put("x/y", BytesIO(b"theirs"))
    assert list(ours.keys(TOMORROW)) == []


def test_storage_that_cannot_be_reached_says_so(s3_server, tmp_path):
    with pytest.raises(StorageFailed):
        s3_store(s3_server, bucket="nobody").put("a/b", BytesIO(b"x"))
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(StorageFailed):
        LocalStore(tmp_path / "file").put("a/b", BytesIO(b"x"))


def test_a_full_disk_is_named_and_leaves_no_half_file(tmp_path):
    """A process may write a file of one megabyte and no larger: the disk, as far as it can tell, is full."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, before[1]))
    try:
        with pytest.raises(StorageFull, match="no room"):
            LocalStore(tmp_path).put("a/b", BytesIO(b"x" * (2 << 20)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    assert [each for each in tmp_path.rglob("*") if each.is_file()] == []


SLOW = """
    import sys, time
    from pathlib import Path
    from referrals.models.storage.local import LocalStore

    class Slow:
        def read(self, size):
            print("reading", flush=True)
            time.sleep(0.05)
            return b"x" * size

    LocalStore(Path(sys.argv[1])).put("a/b", Slow())
"""


@pytest.mark.faults
def test_whoever_is_killed_in_the_middle_leaves_nothing_under_the_key(tmp_path):
    writer = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(SLOW), str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    for _ in range(3):
        writer.stdout.readline()
    writer.kill()
    writer.wait()
    writer.stdout.close()
    store = LocalStore(tmp_path)
    with pytest.raises(Missing):
        store.open("a/b")
    (half,) = store.keys(TOMORROW)
    assert half.startswith("a/.half-")
