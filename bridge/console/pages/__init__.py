"""The pages, in the order of the navigation; the first one is where a person arrives."""

from __future__ import annotations

from typing import Final

from bridge.console.pages import events, jobs, lead_replay, leads, trying

__all__ = ["PAGES", "lead_replay"]

PAGES: Final = (leads.page, trying.page, events.page, jobs.page)
