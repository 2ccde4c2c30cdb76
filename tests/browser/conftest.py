"""The console in a real browser, over the service, the sandbox and the webhooks of the demo."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from bridge.demo.stage import CONSOLE_USER, stage
from bridge.demo.story import send_all, wait_for_ends
from bridge.outbox import open_outbox
from tests.browser.chromium import are_left_out, launched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

    from bridge.demo.stage import Stage

    Opened = Callable[..., "Tab"]

if are_left_out():
    collect_ignore_glob = ["test_*.py"]

WIDE, PHONE = (1280, 860), (390, 844)


@dataclass(frozen=True, slots=True)
class Tab:
    """A browser's tab on the console, and everything it complained of."""

    url: str
    page: Page
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        """Open a page of the console."""
        self.page.goto(self.url + path)

    def sign_in(self, name: str, password: str) -> None:
        """Sign in by the form, by keyboard."""
        self.go("/login")
        self.page.fill("#name", name)
        self.page.fill("#password", password)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with launched() as running:
        yield running


@pytest.fixture(scope="session")
def demo() -> Iterator[Stage]:
    """The demo's service and sandbox, once all its webhooks have reached their ends."""
    with stage() as running:
        send_all(running)
        store = open_outbox(running.database_url)
        wait_for_ends(store)
        store.close()
        yield running


@pytest.fixture
def open_tab(browser: Browser, demo: Stage) -> Iterator[Opened]:
    """Opens tabs of a size and theme, signed in unless asked not to be."""
    opened: list[BrowserContext] = []

    def make(size: tuple[int, int] = WIDE, theme: Any = "light", *, signed_in: bool = True, **options: Any) -> Tab:
        width, height = size
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme, **options)
        opened.append(context)
        tab = Tab(demo.console_url, context.new_page())
        _listen(tab)
        if signed_in:
            tab.sign_in(CONSOLE_USER, demo.console_password)
        return tab

    yield make
    for context in opened:
        context.close()


def _listen(tab: Tab) -> None:
    """Collect what the browser complains of: violations of the policy, errors of scripts and on its console."""
    tab.page.on("pageerror", lambda error: tab.complaints.append(str(error)))
    tab.page.on(
        "console",
        lambda line: tab.complaints.append(line.text) if line.type in ("error", "warning") else None,
    )


@contextmanager
def no_complaints(tab: Tab) -> Iterator[None]:
    """Nothing may be complained of meanwhile."""
    tab.complaints.clear()
    yield
    assert tab.complaints == []
