"""Pictures of the console in both themes, over the demo's webhooks.

`make screenshots` writes those of the documents to docs/images, and every page at both widths to dist/screenshots.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bridge.demo.stage import CONSOLE_USER, stage
from bridge.demo.story import send_all, wait_for_ends
from bridge.outbox import open_outbox
from tests.browser.chromium import launched
from tests.browser.conftest import PHONE, WIDE
from tests.browser.test_every_page import PATHS

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser, Page

    from bridge.demo.stage import Stage

FOLDER: Final = Path(__file__).parents[2] / "docs" / "images"
EVERY_PAGE: Final = FOLDER.parents[1] / "dist" / "screenshots"
SIZE: Final = (1180, 800)


def main() -> None:
    """Start the demo, and take every picture in both themes."""
    EVERY_PAGE.mkdir(parents=True, exist_ok=True)
    with stage() as running, launched() as browser:
        send_all(running)
        store = open_outbox(running.database_url)
        wait_for_ends(store)
        store.close()
        for theme in ("light", "dark"):
            page = _signed_in(browser, running, SIZE, theme)
            for name, (path, prepare) in PICTURES.items():
                page.goto(running.console_url + path)
                prepare(page)
                page.screenshot(path=FOLDER / f"console-{name}-{theme}.png")
            for width, height in (WIDE, PHONE):
                page = _signed_in(browser, running, (width, height), theme)
                for path in PATHS:
                    page.goto(running.console_url + path)
                    name = re.sub(r"[^a-z0-9]+", "-", path.strip("/"))
                    page.screenshot(path=EVERY_PAGE / f"{name}-{width}-{theme}.png", full_page=True)


def _signed_in(browser: Browser, demo: Stage, size: tuple[int, int], theme: Any) -> Page:
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=theme)
    page = context.new_page()
    page.goto(f"{demo.console_url}/login")
    page.fill("#name", CONSOLE_USER)
    page.fill("#password", demo.console_password)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    return page


def _lead(page: Page) -> None:
    page.click("text=Field by field")


def _try(page: Page) -> None:
    text = page.input_value("#text")
    page.fill("#text", text.replace("lookup: {news:", "lookup: {stamps: Newsletter, news:"))
    page.wait_for_selector("text=1 of 3")
    page.click(".tried summary >> nth=0")
    page.evaluate("document.activeElement.blur()")


PICTURES: Final[dict[str, tuple[str, Callable[[Page], None]]]] = {
    "lead": ("/leads/evt_1", _lead),
    "try": ("/trying/json-batch?which=all", _try),
}
"""By its name: the page, and what is done there before the picture is taken."""

if __name__ == "__main__":
    main()
