"""A PostgreSQL of the bench's own: started as the tests start theirs, but with every commit reaching the disk."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module

import click
import psycopg
from psycopg import sql

DURABLE = (
    "listen_addresses=127.0.0.1",
    "max_connections=100",
    "shared_buffers=512MB",
    "max_wal_size=4GB",
    "checkpoint_timeout=15min",
)


@dataclass(frozen=True, slots=True)
class OwnServer:
    """`process` is its first process, whose children do the work."""

    url: str
    process: int

    def new_database(self, name: str) -> str:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return f"{self.url.rpartition('/')[0]}/{name}"


@contextmanager
def own_server() -> Iterator[OwnServer]:
    try:
        starter = import_module("tests.postgres")
    except ImportError:
        raise click.ClickException("Run the bench from the project's folder, with its tests beside it.") from None
    with starter.postgres_cluster(DURABLE) as cluster:
        yield OwnServer(cluster.url, cluster.process())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
