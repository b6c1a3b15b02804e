"""Takes pictures of the gallery, for looking at: python -m tests.browser.pictures FOLDER [PAGE ...]."""

import sys
from pathlib import Path

from playwright.sync_api import Browser

from tests.browser.chromium import opened, served
from tests.browser.gallery.app import gallery_app
from tests.browser.gallery.pages import PAGES

LOOKS = (("1440", 1440, "light"), ("dark", 1440, "dark"), ("768", 768, "light"), ("390", 390, "light"))


def picture(browser: Browser, address: str, target: Path, width: int, scheme: str) -> None:
    page = browser.new_page(
        viewport={"width": width, "height": 900}, color_scheme="dark" if scheme == "dark" else "light"
    )
    page.goto(address, wait_until="networkidle")
    page.screenshot(path=target, full_page=True)
    page.close()


def take(folder: Path, names: list[str], looks: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with served(gallery_app()) as address, opened() as browser:
        for name in names:
            for look, width, scheme in LOOKS:
                if look in looks:
                    picture(browser, f"{address}/gallery/{name}", folder / f"{name}-{look}.png", width, scheme)


if __name__ == "__main__":
    chosen = [word for word in sys.argv[2:] if not word.startswith("--")]
    asked = [word.removeprefix("--") for word in sys.argv[2:] if word.startswith("--")]
    take(Path(sys.argv[1]), chosen or list(PAGES), asked or [look for look, _, _ in LOOKS])
