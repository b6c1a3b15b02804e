"""Test clients whose requests travel as HTTP, over a socket, to a server that runs: what attacks are made with.

The server is the one of `make run`, once in each process that tests, for whichever applications its tests start; so
that a test still hands in the clock and looks into the database behind the answer.
"""

import json
from collections.abc import Callable, Iterable
from functools import cache
from http.client import HTTPConnection
from threading import Thread
from typing import Any
from urllib.parse import quote, urlsplit
from weakref import WeakValueDictionary

import pytest
from flask import Flask
from flask.testing import FlaskClient
from waitress.server import create_server
from werkzeug.datastructures import EnvironHeaders, Headers
from werkzeug.wsgi import get_current_url

# What a proxy would tell: who calls, and by which scheme; and which of the applications is meant.
TOLD = "X-Told-By-The-Test"
TOLD_OF = ("REMOTE_ADDR", "wsgi.url_scheme")

# What an address may hold without being written in hexadecimals.
AS_IT_IS = "/:@!$&'()*+,;=~"

# What the servers that tests run in their own process, waitress and werkzeug's, hand over of their socket.
OF_A_SOCKET = frozenset({"waitress.client_disconnected", "werkzeug.socket"})

APPLICATIONS: "WeakValueDictionary[int, Flask]" = WeakValueDictionary()


class ClientOverHTTP(FlaskClient):
    """Differs from Flask's own client in how a request reaches the application, and in nothing else."""

    def run_wsgi_app(self, environ: dict[str, Any], buffered: bool = False) -> tuple[Iterable[bytes], str, Headers]:
        self._add_cookies_to_wsgi(environ)
        answered = send(self.application, environ)
        url = urlsplit(get_current_url(environ))
        self._update_cookies_from_response(url.hostname or "localhost", url.path, answered[2].getlist("Set-Cookie"))
        return answered


def as_attacked(app: Flask, request: pytest.FixtureRequest) -> Flask:
    """The application as this test meets it: behind a server, if the test is an attack."""
    if request.node.get_closest_marker("attack"):
        app.test_client_class = ClientOverHTTP
    return app


def over_http(app: Flask) -> Callable[[dict[str, Any], Any], Iterable[bytes]]:
    """For a tool that calls an application by itself: what it sends takes the same way."""

    def carried(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        body, status, headers = send(app, environ)
        start_response(status, list(headers))
        return body

    return carried


def send(app: Flask, environ: dict[str, Any]) -> tuple[Iterable[bytes], str, Headers]:
    """The request that `environ` describes, byte for byte as far as HTTP has a place for it."""
    APPLICATIONS[id(app)] = app
    connection = HTTPConnection(*server(), timeout=120)
    try:
        connection.putrequest(environ["REQUEST_METHOD"], target(environ), skip_host=True, skip_accept_encoding=True)
        for name, value in EnvironHeaders(environ):
            connection.putheader(name, value.encode("latin-1"))
        connection.putheader(TOLD, json.dumps([id(app), {name: environ[name] for name in TOLD_OF if name in environ}]))
        with environ["wsgi.input"] as body:
            connection.endheaders(body)
        answer = connection.getresponse()
        return [answer.read()], f"{answer.status} {answer.reason}", Headers(answer.getheaders())
    finally:
        connection.close()


def target(environ: dict[str, Any]) -> str:
    path = quote(environ["PATH_INFO"].encode("latin-1"), safe=AS_IT_IS)
    query = quote(environ["QUERY_STRING"].encode("latin-1"), safe=AS_IT_IS + "?%")
    return f"{path}?{query}" if query else path


@cache
def server() -> tuple[str, int]:
    """Where it listens, from the first request of this process to its end."""
    started = create_server(chosen, listen="127.0.0.1:0", threads=8, ident="")
    Thread(target=started.run, daemon=True).start()
    return started.effective_host, started.effective_port


def chosen(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    app, told = json.loads(environ.pop(f"HTTP_{TOLD.upper().replace('-', '_')}"))
    return APPLICATIONS[app](environ | told, start_response)
