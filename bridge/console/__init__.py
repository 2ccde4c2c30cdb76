"""The console: what the command line does, as pages for people who do not live in a terminal.

A process and an address of its own (`LEADBRIDGE_CONSOLE_BIND`; off unless set), so that the receiver, which faces the
internet, shares nothing with it but the outbox. It has no way of its own to do anything: a page calls what the commands
call, in `bridge/operations`, `bridge/authoring`, `bridge/replay` and `bridge/outbox`.

To add a page, say `hooks`:

1. `pages/hooks.py` with `page = Page("hooks", title="Hooks", shortcut="h")` (see `page.py`). What looks is
   `@page.look("")`, a function `overview` that returns `Shown(template, values, document)`: it answers `/hooks` with
   HTML and `/hooks.json` with the document. What acts is `@page.act("/retry", role=Role.OPERATOR)`: it is reached by
   POST alone, its role is checked before it runs, and it ends with a redirect (`to(...)`).
2. `templates/hooks.html`, which extends `frame`; macros for states, times, ids and addresses are in `macros.html`.
3. Its name in `pages/__init__.py`, in the order of the navigation.

Everything a stranger may have written is text in a template, never markup: autoescaping is on, nothing is `|safe`, and
the policy in `security.py` lets no inline script or style run.
"""

from __future__ import annotations

from bridge.console.app import console_app, create_console_app

__all__ = ["console_app", "create_console_app"]
