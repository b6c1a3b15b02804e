"""Somebody at a browser without JavaScript: follows links, fills in forms, presses buttons."""

from typing import Any
from urllib.parse import urljoin

from flask import Flask
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from tests.factories import PASSWORD
from tests.web.html import Form, Page, read, with_answers

SIGN_IN = "/sign-in"


class Visitor:
    """`answer` is the last answer, `page` is what it shows, `at` is the address that the browser shows."""

    def __init__(self, app: Flask, address: str = "127.0.0.1") -> None:
        self.app = app
        self.http = app.test_client()
        self.address = address
        self.at = "/"
        self.answer: TestResponse
        self.page = Page()

    @property
    def status(self) -> int:
        return self.answer.status_code

    @property
    def words(self) -> str:
        return self.page.words

    def get(self, path: str, **options: Any) -> "Visitor":
        return self._take(self._open("GET", path, **options), path)

    def post(
        self, path: str, answers: dict[str, Any] | None = None, *, follow: bool = True, **options: Any
    ) -> "Visitor":
        """Send exactly this, with the token that our pages carry."""
        sent = [("csrf_token", self.token()), *with_answers([], answers or {})]
        return self.send(path, sent, follow, **options)

    def press(self, words: str, /, *, follow: bool = True, **answers: Any) -> "Visitor":
        """Press the button that says so, with the form around it as it stands and these answers."""
        button = self.page.button(words)
        form = next(form for form in self.page.forms if button in form.buttons)
        sent = list(with_answers(form.fields, answers))
        if button.name:
            sent.append((button.name, button.value))
        return self.send(self._action(form, button.action), sent, follow)

    def follow_link(self, words: str) -> "Visitor":
        return self.get(urljoin(self.at, self.page.link(words)))

    def token(self) -> str:
        for form in self.page.forms:
            for name, value in form.fields:
                if name == "csrf_token":
                    return value
        return (
            dict(read(self._open("GET", "/").text).forms[0].fields)["csrf_token"] if not self.is_in() else self._own()
        )

    def _own(self) -> str:
        page = read(self._open("GET", "/me/preferences").text)
        return next(value for form in page.forms for name, value in form.fields if name == "csrf_token")

    def is_in(self) -> bool:
        return self._open("GET", "/help/keyboard").status_code == 200

    def sign_in(self, email: str, password: str = PASSWORD) -> "Visitor":
        self.get("/")
        return self.press("Sign in", email=email, password=password)

    def _action(self, form: Form, wanted: str) -> str:
        return urljoin(urljoin(self.at, form.action or self.at), wanted).partition("#")[0] if wanted else form.action

    def send(self, path: str, sent: list[tuple[str, Any]], follow: bool = True, **options: Any) -> "Visitor":
        """Exactly these fields, whatever page is shown."""
        answer = self._open("POST", path, data=MultiDict(sent), **options)
        self._take(answer, path)
        while follow and answer.status_code in (302, 303):
            path = answer.headers["Location"]
            answer = self._open("GET", path)
            self._take(answer, path)
        return self

    def _take(self, answer: TestResponse, path: str) -> "Visitor":
        self.answer, self.at = answer, path
        self.page = read(answer.text) if answer.mimetype == "text/html" else Page()
        return self

    def _open(self, method: str, path: str, **options: Any) -> TestResponse:
        return self.http.open(path, method=method, environ_base={"REMOTE_ADDR": self.address}, **options)
