"""The pages, in the order of the navigation; the first one is where a person arrives."""

from __future__ import annotations

from typing import Final

from bridge.console.pages import leads

PAGES: Final = (leads.page,)
