"""Gunicorn's processes count together: whichever is asked tells what all of them have done."""

import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.api.test_metrics import SHOWN, TOKEN, figures
from tests.databases import Databases
from tests.faults.servers import Server

pytestmark = [pytest.mark.faults, pytest.mark.timeout(120)]
GUNICORN = "gunicorn --workers=2 --threads=2 --bind={address}"
CALLS = 24


def test_whichever_process_is_scraped_tells_of_all_of_them(databases_of: Callable[[str], Databases], tmp_path: Path):
    server = Server(databases_of("sqlite").fresh(), tmp_path, GUNICORN, METRICS_TOKEN=TOKEN)
    try:
        for _ in range(CALLS):
            assert server.answer("GET", "/api/v1/me")[0] == 401
        for _ in range(4):
            request = urllib.request.Request(f"http://127.0.0.1:{server.port}/metrics", headers=SHOWN)
            with urllib.request.urlopen(request, timeout=30) as answer:
                found = figures(answer.read().decode())
            assert found["referrals_requests_total"]["GET|/api/v1/me|401"] == CALLS
    finally:
        server.end()
