"""Pictures of the console in both themes, over the demo's webhooks: `make screenshots` writes them to docs/images."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from bridge.demo.stage import CONSOLE_USER, stage
from bridge.demo.story import send_all, wait_for_ends
from bridge.outbox import open_outbox
from tests.browser.chromium import launched

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser, Page

    from bridge.demo.stage import Stage

FOLDER: Final = Path(__file__).parents[2] / "docs" / "images"
SIZE: Final = {"width": 1180, "height": 800}


def main() -> None:
    """Start the demo, and take every picture in both themes."""
    FOLDER.mkdir(exist_ok=True)
    with stage() as running, launched() as browser:
        send_all(running)
        store = open_outbox(running.database_url)
        wait_for_ends(store)
        store.close()
        for theme in ("light", "dark"):
            _take_all(browser, running, theme)


def _take_all(browser: Browser, demo: Stage, theme: str) -> None:
    context = browser.new_context(viewport=SIZE, color_scheme=theme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{demo.console_url}/login")
    page.fill("#name", CONSOLE_USER)
    page.fill("#password", demo.console_password)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    for name, (path, prepare) in PICTURES.items():
        page.goto(demo.console_url + path)
        prepare(page)
        page.screenshot(path=FOLDER / f"console-{name}-{theme}.png")
    context.close()


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
