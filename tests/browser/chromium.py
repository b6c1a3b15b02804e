"""Opens the Chromium of this machine, headless and quiet, and asks a page what a person would notice."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright
from werkzeug.serving import make_server

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WIDTHS = (320, 390, 768, 1440, 1920)
AXE = Path(__file__).parent / "vendor" / "axe-4.14.1.min.js"
LEVELS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
# The rules of those levels that look at colors.
OF_COLORS = ("color-contrast", "link-in-text-block")


def installed() -> str | None:
    """The first Chromium on the PATH, or None."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


@contextmanager
def opened() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed(), args=list(FLAGS))
        yield browser
        browser.close()


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The application on a free port of this machine, and its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def complaints(page: Page) -> list[str]:
    """A list that fills with what the browser complains about: errors, and every report of the content policy."""
    heard: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            heard.append(message.text[:300])

    page.on("console", listen)
    page.on("pageerror", lambda error: heard.append(str(error)[:300]))
    return heard


def axe(page: Page, rules: Sequence[str] = ()) -> list[str]:
    """What axe-core finds against WCAG 2.0 to 2.2 A and AA and good practice, each as rule, count and first place.

    With `rules`, against these of them alone.
    """
    wanted = {"type": "rule", "values": list(rules)} if rules else {"type": "tag", "values": list(LEVELS)}
    if not page.evaluate("'axe' in window"):
        page.evaluate(f"{AXE.read_text()};1")
    found: list[dict[str, Any]] = page.evaluate(
        "wanted => axe.run(document, {runOnly: wanted, resultTypes: ['violations']}).then(found => found.violations)",
        wanted,
    )
    return [
        f"{rule['id']} ×{len(rule['nodes'])} {rule['nodes'][0]['target']} {rule['nodes'][0]['failureSummary']}"
        for rule in found
    ]


def too_wide(page: Page) -> dict[int, int]:
    """By how many pixels the page is wider than the window, for each width where it is."""
    found = {}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        found[width] = int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
    return {width: by for width, by in found.items() if by}


def barriers(page: Page) -> dict[str, list[str]]:
    """What axe finds in light, in dark and on a phone; nothing, for everybody to use the page.

    Between light and dark nothing differs but the colors.
    """
    page.emulate_media(color_scheme="light")
    found = {"light": axe(page)}
    page.emulate_media(color_scheme="dark")
    found["dark"] = axe(page, OF_COLORS)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 390, "height": 844})
    found["390 px"] = axe(page)
    return {look: rules for look, rules in found.items() if rules}


def inline_code(page: Page) -> int:
    """Styles and scripts that stand in the page itself."""
    return int(page.evaluate("document.querySelectorAll('[style],style,script:not([src])').length"))


def elements(page: Page) -> int:
    return int(page.evaluate("document.querySelectorAll('*').length"))
