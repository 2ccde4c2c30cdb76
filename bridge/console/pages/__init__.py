"""The pages, in the order of the navigation; the first one is where a person arrives."""

from __future__ import annotations

from typing import Final

from bridge.console.pages import events, hook_probe, hooks, jobs, lead_forget, lead_replay, leads, now, trouble, trying

__all__ = ["PAGES", "hook_probe", "lead_forget", "lead_replay"]

PAGES: Final = (leads.page, trying.page, now.page, events.page, trouble.page, hooks.page, jobs.page)
