"""Hooks: the address to paste, the sender's steps, whether its secret is set, and its problems."""

from __future__ import annotations

from dataclasses import asdict
from typing import Final

from werkzeug.exceptions import NotFound

from bridge import config
from bridge.console.page import Page, Shown, console
from bridge.model import DAY_MS
from bridge.operations.hook_list import HookRow, reported_rows
from bridge.outbox import inbox

page = Page("hooks", title="Hooks", shortcut="h")


MEANINGS: Final = {
    "unknown_hook": "no hook has this name: the address at the sender is wrong",
    "closed": "the hook could not take requests then; senders try again",
    "method": "the sender must POST",
    "signature": "the signature or token does not fit: the secret differs from the sender's, or the body was changed",
    "handshake": "the sender's handshake has another token than the hook",
    "unreadable": "the body is not what this sender's preset reads",
    "media_type": "the content type is not one of this sender's",
    "too_large": "the body is larger than the receiver takes",
    "rate": "more requests came than the receiver's limit allows; senders try again",
    "malformed": "it is not a whole HTTP request",
}
"""What it means that requests are rejected, by the word for it."""


@page.look("")
def overview() -> Shown:
    """Every hook in a line."""
    rows = _rows()
    values = {"rows": rows, "folder": str(console().settings.mappings)}
    return Shown("hooks.html", values, {"hooks": [row.as_json() for row in rows]})


@page.look("/<name>")
def hook(name: str) -> Shown:
    """One hook: what its sender needs, and why it does not work."""
    row = next((one for one in _rows() if one.hook == name), None)
    if row is None:
        raise NotFound(f"there is no mapping {name!r} in the folder")
    store = console().outbox
    since = store.now() - DAY_MS
    rejected = list(inbox.rejections(store, since=since, hook=name))
    reader = config.SecretReader(config.environment())
    unset = {name for names in row.secrets.values() for name in names if not reader(name)}
    values = {"row": row, "unset": unset, "rejected": rejected, "meanings": MEANINGS}
    document = row.as_json() | {"rejected": [asdict(one) for one in rejected]}
    return Shown("hook.html", values, document)


def _rows() -> tuple[HookRow, ...]:
    return reported_rows(console().outbox, console().settings)
