"""Speaks to the mail server: one letter, one connection, every answer awaited for a bounded time."""

import re
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from html import escape
from urllib.parse import parse_qs, unquote, urlsplit

from config import Settings
from referrals.boundary.stationery import stationery
from referrals.domain.mail import ANSWER, ANSWER_LASTS, SAYS_NOTHING, Letter, Outcome
from referrals.pathway.deliveries import Leased
from referrals.pathway.mail import Stationery

SECONDS = 10.0
LINES = SMTP.clone(cte_type="7bit")  # every server takes it
OK, TRY_LATER, REFUSED = 2, 4, 5
# A number with its unit: "300 seconds", "5 min". The digits of an enhanced code such as 4.2.0 are none.
HINT = re.compile(rb"(?<![.\d])(\d{1,5})\s*(sec|s\b|min)", re.IGNORECASE)
# As Postfix, Exim and Amazon SES name it: "queued as 4Zx…", "id=1tF…", "Ok 0100…".
QUEUED = re.compile(rb"(?:queued as |\bid=|^(?:\d\.\d\.\d )?Ok:? (?=\S*\d))([A-Za-z0-9.@_-]{4,80})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where letters are handed in. `tls` is "", "starttls" or "smtps"."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    tls: str = ""
    seconds: float = SECONDS

    def connect(self) -> smtplib.SMTP:
        if self.tls == "smtps":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=self.seconds, context=ssl.create_default_context())
        return smtplib.SMTP(self.host, self.port, timeout=self.seconds)


def mail_server(settings: Settings) -> MailServer | None:
    """The server that the settings name; None where mail is off."""
    if not settings.smtp_url:
        return None
    address = urlsplit(settings.smtp_url)
    asked = parse_qs(address.query).get("starttls", ["0"])[-1]
    tls = "smtps" if address.scheme == "smtps" else "starttls" if asked == "1" else ""
    return MailServer(
        host=address.hostname or "",
        port=address.port or {"smtps": 465, "starttls": 587}.get(tls, 25),
        user=unquote(address.username or ""),
        password=unquote(address.password or ""),
        tls=tls,
    )


class _Failed(Exception):
    def __init__(self, fault: str, answer: bytes = b"") -> None:
        super().__init__(fault)
        self.fault = fault
        self.answer = answer


def send(server: MailServer, mail: Stationery, leased: Leased, now: datetime) -> Outcome:
    """Hand one letter in. Whatever goes wrong becomes a code; what the server said is read and forgotten."""
    try:
        with _line_to(server) as line:
            return Outcome(proof=_hand_in(line, server, mail, leased, now))
    except _Failed as failed:
        return Outcome(fault=failed.fault, asked_to_wait=_asked_to_wait(failed.answer))
    except Exception as problem:
        return Outcome(fault=_fault_of(problem))


@contextmanager
def _line_to(server: MailServer) -> Iterator[smtplib.SMTP]:
    """Once a letter is handed in, a farewell that fails does not undo it."""
    line = server.connect()
    try:
        yield line
    finally:
        with suppress(smtplib.SMTPException, OSError):
            line.quit()


# The first that fits. A line that breaks is not the server's refusal: the letter is sent again.
_FAULTS: tuple[tuple[type[BaseException], str], ...] = (
    (smtplib.SMTPAuthenticationError, "sign_in_refused"),
    (smtplib.SMTPNotSupportedError, "no_encryption"),
    (smtplib.SMTPConnectError, "unreachable"),
    (smtplib.SMTPServerDisconnected, "broke_off"),
    (smtplib.SMTPException, "broke_off"),
    (TimeoutError, "timed_out"),
    (ssl.SSLError, "no_encryption"),
    (ConnectionRefusedError, "unreachable"),
    (ConnectionError, "broke_off"),
    (OSError, "unreachable"),
    (ValueError, "address_unusable"),
)


def _fault_of(problem: Exception) -> str:
    # smtplib turns a time-out into its own kind of disconnection, and keeps the cause.
    if isinstance(problem, smtplib.SMTPServerDisconnected) and isinstance(problem.__context__, TimeoutError):
        return "timed_out"
    for kind, fault in _FAULTS:
        if isinstance(problem, kind):
            return fault
    raise problem


def _hand_in(line: smtplib.SMTP, server: MailServer, mail: Stationery, leased: Leased, now: datetime) -> str:
    _greet(line, server)
    content = written(mail, leased, now).as_bytes()
    _expect(line.mail(parseaddr(mail.sender)[1]), "sender_refused")
    _expect(line.rcpt(leased.address), "recipient_refused")
    answer = _data(line, content)
    _expect(answer, "letter_refused")
    return _proof(*answer)


def _data(line: smtplib.SMTP, content: bytes) -> tuple[int, bytes]:
    try:
        return line.data(content)
    except smtplib.SMTPDataError as refusal:
        said = refusal.smtp_error
        return refusal.smtp_code, said.encode() if isinstance(said, str) else said


def _greet(line: smtplib.SMTP, server: MailServer) -> None:
    line.ehlo_or_helo_if_needed()
    if server.tls == "starttls":
        line.starttls(context=ssl.create_default_context())
        line.ehlo()
    if server.user:
        line.login(server.user, server.password)


def _expect(answer: tuple[int, bytes], fault: str) -> None:
    """4xx asks to come back later, whatever the command was."""
    code, said = answer
    if code // 100 == OK:
        return
    if code // 100 == TRY_LATER:
        raise _Failed("put_off", said)
    raise _Failed(fault if code // 100 == REFUSED else "broke_off", said)


def _asked_to_wait(said: bytes) -> timedelta | None:
    """ "Greylisted, try again in 300 seconds" names a time, as Retry-After does over HTTP."""
    found = HINT.search(said)
    if found is None:
        return None
    unit = "minutes" if found[2].lower() == b"min" else "seconds"
    return timedelta(**{unit: int(found[1])})


def _proof(code: int, said: bytes) -> str:
    """The number of the answer, and the name of the letter in the server's queue where it tells one."""
    found = QUEUED.search(said)
    return f"{code} {found[1].decode()}" if found else str(code)


def written(mail: Stationery, leased: Leased, now: datetime) -> EmailMessage:
    """The letter as it travels, in text and in HTML."""
    message = EmailMessage(policy=LINES)
    message["From"] = mail.sender
    message["To"] = leased.address
    message["Subject"] = leased.letter.subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = leased.message_id
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(leased.letter.text)
    message.add_alternative(as_html(leased.letter), subtype="html")
    return message


def as_html(letter: Letter) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(letter.subject)}</title></head><body>"
        f"<p><strong>{escape(letter.subject)}</strong></p>"
        f"{_more(letter)}"
        f'<p><a href="{escape(letter.link)}">Open it</a></p>'
        f"{_answer(letter)}"
        f"<p>{SAYS_NOTHING}</p>"
        f'<p><a href="{escape(letter.settings_link)}">Which mail you get</a></p>'
        "</body></html>\n"
    )


def _more(letter: Letter) -> str:
    return f"<p>{escape(letter.more)}</p>" if letter.more else ""


def _answer(letter: Letter) -> str:
    if not letter.answer_link:
        return ""
    return f'<p><a href="{escape(letter.answer_link)}">{ANSWER}</a>. {ANSWER_LASTS}</p>'


Send = Callable[[Leased, datetime], Outcome]


def sender_of(settings: Settings) -> Send | None:
    """Sends by the server of the settings; None where mail is off."""
    server, mail = mail_server(settings), stationery(settings)
    if server is None or mail is None:
        return None
    return lambda leased, now: send(server, mail, leased, now)
