"""Asks a ClamAV daemon about a file, over TCP or a socket of this machine, in its INSTREAM protocol."""

import re
import socket
import struct
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import urlsplit

from referrals.models.storage import chunks
from referrals.pathway.scanning import ScannerFailed, Seen

SECONDS = 20
LONGEST_ANSWER = 4096
_FOUND = re.compile(r"stream: (.+) FOUND")


@dataclass(frozen=True, slots=True)
class Clamd:
    """`address` is `tcp://host:port` or `unix:///path`."""

    address: str
    seconds: float = SECONDS

    def look(self, source: BinaryIO) -> Seen:
        try:
            with self._connected() as connection:
                _send(connection, source)
                return _read(_answer(connection))
        except OSError as problem:
            raise ScannerFailed from problem

    def _connected(self) -> socket.socket:
        place = urlsplit(self.address)
        if place.scheme == "tcp":
            return socket.create_connection((place.hostname or "", place.port or 0), self.seconds)
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(self.seconds)
        connection.connect(place.path)
        return connection


def _send(connection: socket.socket, source: BinaryIO) -> None:
    connection.sendall(b"zINSTREAM\0")
    for chunk in chunks(source):
        connection.sendall(struct.pack(">I", len(chunk)) + chunk)
    connection.sendall(struct.pack(">I", 0))


def _answer(connection: socket.socket) -> str:
    """Up to the zero byte that ends it, or until the other side hangs up."""
    heard = b""
    while b"\0" not in heard and len(heard) < LONGEST_ANSWER:
        more = connection.recv(LONGEST_ANSWER)
        if not more:
            break
        heard += more
    return heard.partition(b"\0")[0].decode("utf-8", "replace").strip()


def _read(answer: str) -> Seen:
    if answer == "stream: OK":
        return Seen()
    if found := _FOUND.fullmatch(answer):
        return Seen(found[1])
    raise ScannerFailed
