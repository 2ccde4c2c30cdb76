"""Whether the Zoho account that a mapping names is one of the settings'."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from bridge.hooks.hook import Hook
from bridge.model import Problem

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from bridge.hooks.hook import Hooks


def unserved(hooks: Hooks, known: Collection[str]) -> Mapping[str, Problem]:
    """The problem of each open hook whose account is none of those; none at all where nothing is known of accounts."""
    names = {name: hook.mapping.account for name, hook in hooks.by_name.items() if isinstance(hook, Hook)}
    found = {name: unknown_account(account, known) for name, account in names.items() if known}
    return {name: problem for name, problem in found.items() if problem is not None}


def unknown_account(name: str, known: Collection[str]) -> Problem | None:
    """A problem when nobody delivers for this account: its hooks take requests all the same, and the leads wait."""
    if name in known:
        return None
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"; did you mean {close[0]}?" if close else ""
    return Problem(
        code="unknown_account",
        path="account",
        value=name,
        message=f"there is no Zoho account {name!r} in the settings; known: {', '.join(known)}{hint}",
        fix=f"name a known one by `account:`, or add {name!r} to LEADBRIDGE_ACCOUNTS; until then its leads wait",
    )
