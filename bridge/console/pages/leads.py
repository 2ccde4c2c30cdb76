"""Leads: what happened to one lead, and why."""

from __future__ import annotations

from bridge.console.page import Page, Shown

page = Page("leads", title="Leads", shortcut="l")


@page.look("")
def overview() -> Shown:
    """Where a lead is searched for, with the newest that came."""
    return Shown("leads.html")
