"""Webhooks of partner systems in every state of health, and the log of one."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from referrals.web.presenters import webhooks
from referrals.web.presenters.notices import Notice
from tests.browser.gallery.frames import Shown, administrator
from tests.browser.gallery.people import MOMENT, hours

URL = "https://hooks.lakeside-hospital.example/referrals/in?key=7"


def looked(number: int, waiting: int = 0, dead: int = 0, **changes: Any) -> Any:
    usual = {
        "id": f"w{number}", "network_id": "n", "url": URL, "topics": ["referral.*"], "filters": {}, "active": True,
        "stopped": None, "failures": 0, "succeeded_at": hours(-1), "failed_at": None, "position": 104_211,
        "previous_until": None, "created_at": hours(-900),
    }  # fmt: skip
    row = SimpleNamespace(**{**usual, **changes})
    return SimpleNamespace(
        subscription=row,
        client="Lakeside integration engine",
        organization="Lakeside Hospital",
        waiting=waiting,
        dead=dead,
    )


HEALTH = (
    looked(1, 4_120, 12, failures=37, failed_at=hours(-1)),
    looked(2, active=False, stopped="gone", failed_at=hours(-30), failures=1),
    looked(3, 2, failures=2, failed_at=hours(-1)),
    looked(4),
    looked(5, succeeded_at=None),
)


def delivery(number: int, state: str, **changes: Any) -> Any:
    usual = {
        "id": f"d{number}", "webhook_id": f"msg_{number:032x}", "topic": "referral.information_requested",
        "sequence": 104_200 + number, "state": state, "attempts": 1, "created_at": hours(-number), "next_at": hours(2),
        "last_status": 200, "last_fault": None, "last_ms": 41,
    }  # fmt: skip
    return SimpleNamespace(**{**usual, **changes})


LOG = (
    delivery(5, "waiting", attempts=3, last_status=503, last_fault="status", last_ms=1_204),
    delivery(4, "dead", attempts=10, last_status=None, last_fault="timeout", last_ms=15_000),
    delivery(3, "leased", last_status=None, last_ms=None),
    delivery(2, "done", topic="webhook.test", sequence=None),
    delivery(1, "done"),
)


def overview(*found: Any) -> Shown:
    return Shown("webhooks.html", webhooks.webhooks_page(found, MOMENT), administrator("/admin/webhooks"))


def one(secret: str = "", rows: tuple[Any, ...] = LOG, *told: Notice) -> Shown:
    of = looked(
        1, 4_120, 12, failures=37, failed_at=hours(-1), topics=["referral.submitted", "referral.opinion_signed"],
        filters={"tier": ["P1", "P2"]}, previous_until=hours(20),
    )  # fmt: skip
    log = webhooks.Log(rows, is_first=not rows, more_after="d1" if rows else "")
    page = webhooks.subscription_page(of, log, 104_211, MOMENT, told)
    return Shown("webhook.html", replace(page, secret=secret), administrator("/admin/webhooks/w1"))


WEBHOOK_PAGES = {
    "webhooks": lambda: overview(*HEALTH),
    "webhooks-empty": overview,
    "webhook": one,
    "webhook-secret": lambda: one("whsec_bm90IGEgc2VjcmV0LCBvbmx5IGZvciB0aGUgZ2FsbGVyeSE="),
    "webhook-refused": lambda: one("", (), Notice("bad", "Nothing was changed", "The feed ends at 104211.")),
}
