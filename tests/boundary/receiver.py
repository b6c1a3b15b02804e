"""A real HTTP server that answers as a test tells it to, and keeps what it heard."""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from urllib.parse import unquote_plus

from tests.canaries import WATCH


@dataclass(frozen=True)
class Heard:
    path: str
    headers: dict[str, str]
    body: bytes


Answer = Callable[[BaseHTTPRequestHandler, Heard], None]


@dataclass
class Receiver:
    """`answer` may be changed at any time."""

    answer: Answer
    port: int = 0
    heard: list[Heard] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"


def says(status: int, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler, heard: Heard) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", "2")
        handler.end_headers()
        handler.wfile.write(b"ok")

    return answer


@contextmanager
def receiving(answer: Answer | None = None, certificate: Path | None = None) -> Iterator[Receiver]:
    receiver = Receiver(answer or says(200))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            heard = Heard(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            WATCH.look("addresses", unquote_plus(heard.path))
            WATCH.look("webhook bodies", body.decode(errors="replace"))
            if len(body) < length:  # the sender died on the way: nobody would take half a message for one
                self.close_connection = True
                return
            with receiver.lock:
                receiver.heard.append(heard)
            receiver.answer(self, heard)

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, *words: object) -> None: ...

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

        def handle_error(self, *words: object) -> None: ...  # a caller that hangs up early is what some tests want

    with Server(("127.0.0.1", 0), Handler) as server:
        if certificate:
            server.socket = _secured(certificate, server.socket)
        receiver.port = server.server_address[1]
        thread = Thread(target=server.serve_forever, args=[0.02], daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()


def _secured(certificate: Path, plain: socket.socket) -> ssl.SSLSocket:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context.wrap_socket(plain, server_side=True)
