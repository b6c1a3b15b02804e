"""A real mail server for tests, in a thread of the test's process, in one of several moods."""

import asyncio
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from referrals.domain.mail import Outcome
from referrals.pathway.deliveries import Leased
from referrals.pathway.mail import Stationery
from referrals.worker.mail import MailServer, send
from tests.canaries import WATCH

PAPER = Stationery("Second Opinions <mail@referrals.example>", "https://referrals.example/r", "secret")
QUEUE_ID = "4Z9QUEUE77"
REFUSAL = "550 5.1.1 <{}> does not live here: Canaria"
GREYLISTED = "450 4.2.0 Greylisted, try again in 300 seconds"
PATIENCE = 0.5


class Line(SMTP):
    """The server's side of one connection. A mood is looked up for every letter anew."""

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - aiosmtpd calls it so
        if self.event_handler.mood == "drops":
            await self.push("354 go on")
            await self._reader.readline()
            self.transport.close()
            return
        await super().smtp_DATA(arg)


class PostOffice(Controller):
    """Moods: works, refuses, greylists, hangs, drops (in the middle of a letter), swallows (keeps it, then drops)."""

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        super().__init__(self, hostname="127.0.0.1", port=port, ready_timeout=20)
        self.mood = "works"
        self.seconds = 0.0
        self.tries = 0
        self.letters: list[EmailMessage] = []

    def factory(self) -> SMTP:
        return Line(self, loop=self.loop, hostname="post.example", ident="post")

    async def handle_RCPT(self, line: SMTP, session: Session, envelope: Envelope, address: str, *_: Any) -> str:  # noqa: N802 - aiosmtpd calls it so
        self.tries += 1
        if self.mood == "refuses":
            return REFUSAL.format(address)
        if self.mood == "greylists":
            return GREYLISTED
        if self.mood == "hangs":
            await asyncio.sleep(PATIENCE * 3)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, line: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd calls it so
        letter = message_from_bytes(bytes(envelope.content or b""), policy=policy.default)
        self.letters.append(letter)
        WATCH.look("letters", words_of(letter))
        await asyncio.sleep(self.seconds)
        if self.mood == "swallows":
            line.transport.close()
        return f"250 2.0.0 OK queued as {QUEUE_ID}"

    @property
    def address(self) -> MailServer:
        return MailServer("127.0.0.1", self.port, seconds=PATIENCE)

    def post(self, leased: Leased, now: Any) -> Outcome:
        return send(self.address, PAPER, leased, now)


@contextmanager
def opened() -> Iterator[PostOffice]:
    office = PostOffice()
    office.start()
    try:
        yield office
    finally:
        office.stop()


def words_of(letter: EmailMessage) -> str:
    """Everything that somebody on the way, or over the shoulder, can read."""
    parts = [part.get_content() for part in letter.walk() if part.get_content_maintype() == "text"]
    return "\n".join([*(f"{name}: {value}" for name, value in letter.items()), *parts])


# An id and the secret of a link hold any letters and digits, now and then those of a code or a year.
BY_CHANCE = re.compile(r"[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}|/(outcome|password)/[\w.-]+", re.IGNORECASE)


def sense_of(letter: EmailMessage) -> str:
    """The same in small letters, without what is there by chance."""
    return BY_CHANCE.sub("", words_of(letter)).lower()
