"""The browser that tests and screenshots use: the Chromium of the system, which Playwright drives."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
HOW_TO_GET_IT = "apt-get install chromium, or set CHROMIUM to the browser's path"


def executable() -> str | None:
    """The browser's path: that of CHROMIUM, else the first that is found."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


def are_left_out() -> bool:
    """Whether tests that need a browser are left out: where there is none, and never in continuous integration."""
    return executable() is None and not os.environ.get("CI")


@contextmanager
def launched() -> Iterator[Browser]:
    """A running browser."""
    from playwright.sync_api import sync_playwright

    path = executable()
    assert path is not None, f"there is no Chromium: {HOW_TO_GET_IT}"
    options = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium's own sandbox does not run as root
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=options)
        yield browser
        browser.close()
