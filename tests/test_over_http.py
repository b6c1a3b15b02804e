"""What attacks a test makes reach a server that runs, as HTTP; all else about the client stays what Flask's own does."""

import pytest
from flask import request


@pytest.mark.attack("odd requests")
def test_an_attack_travels_to_a_server_that_runs(start_app):
    app = start_app()
    app.add_url_rule("/echo", "echo", lambda: dict(request.headers) | seen(), methods=["GET", "POST"])
    answer = app.test_client().post(
        "/echo?a=%C3%A4&a=%00", data=b"\x00\xff", headers={"X-Odd": "ä"}, environ_base={"REMOTE_ADDR": "203.0.113.9"}
    )
    assert answer.json.items() >= {"X-Odd": "ä", "Content-Length": "2", "Host": "localhost"}.items()
    assert answer.json.items() >= {"args": ["ä", "\x00"], "body": "\x00ÿ", "by": "203.0.113.9"}.items()
    assert answer.json["server"] == "waitress"


def test_another_test_asks_the_application_itself(start_app):
    app = start_app()
    app.add_url_rule("/echo", "echo", seen)
    assert app.test_client().get("/echo").json["server"] is None


def seen():
    return {
        "args": request.args.getlist("a"),
        "body": request.get_data().decode("latin-1"),
        "by": request.remote_addr,
        "server": "waitress" if "waitress.client_disconnected" in request.environ else None,
    }
