"""Somebody at a browser without JavaScript: follows links, fills in forms, presses buttons."""

from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from urllib.parse import urljoin

from flask import Flask
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from referrals.models.user import User
from referrals.pathway.sign_in import open_session
from tests.factories import PASSWORD
from tests.web.html import Form, Page, read, with_answers

SIGN_IN = "/sign-in"


class Visitor:
    """`answer` is the last answer, `page` is what it shows, `at` is the address that the browser shows.

    Who has just been let in has seen nothing yet: they look at their start page when somebody asks what they see.
    """

    def __init__(self, app: Flask, address: str = "127.0.0.1") -> None:
        self.app = app
        self.http = app.test_client()
        self.address = address
        self.is_new = False
        self._at = "/"
        self._answer: TestResponse | None = None

    @property
    def at(self) -> str:
        self._look_around()
        return self._at

    @property
    def answer(self) -> TestResponse:
        self._look_around()
        assert self._answer is not None
        return self._answer

    @cached_property
    def page(self) -> Page:
        self._look_around()
        is_shown = self._answer is not None and self._answer.mimetype == "text/html"
        return read(self._answer.text) if is_shown else Page()

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

    def let_in(self, email: str) -> "Visitor":
        """As if they had signed in with the form: its four requests are tested where they are what matters."""
        absolute = self.app.config["SETTINGS"].session_absolute
        with self.app.extensions["database"].writing() as session:
            person = session.scalars(select(User).where(User.email == email)).one()
            secret = open_session(session, person, datetime.now(UTC), absolute=absolute)
        with self.http.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"] = secret, True
        self.is_new = True
        return self

    def _look_around(self) -> None:
        if self.is_new:
            self._follow(self.get("/").answer)

    def _action(self, form: Form, wanted: str) -> str:
        return urljoin(urljoin(self.at, form.action or self.at), wanted).partition("#")[0] if wanted else form.action

    def send(self, path: str, sent: list[tuple[str, Any]], follow: bool = True, **options: Any) -> "Visitor":
        """Exactly these fields, whatever page is shown."""
        answer = self._open("POST", path, data=MultiDict(sent), **options)
        self._take(answer, path)
        return self._follow(answer) if follow else self

    def _follow(self, answer: TestResponse) -> "Visitor":
        while answer.status_code in (302, 303):
            path = answer.headers["Location"]
            answer = self._open("GET", path)
            self._take(answer, path)
        return self

    def _take(self, answer: TestResponse, path: str) -> "Visitor":
        self._answer, self._at, self.is_new = answer, path, False
        vars(self).pop("page", None)
        return self

    def _open(self, method: str, path: str, **options: Any) -> TestResponse:
        return self.http.open(path, method=method, environ_base={"REMOTE_ADDR": self.address}, **options)
