"""Whether the token has the scopes for what the mappings do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bridge import zoho
from bridge.config import prefix_of
from bridge.delivery.lookups import ask
from bridge.errors import ZohoError
from bridge.hooks.folder import load_presets, read_folder
from bridge.operations.doctor.check import Check, Mark

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bridge.delivery.account import Account
    from bridge.mapping import HookMapping
    from bridge.outbox import Outbox

NO_JOURNEY: Final = "0" * 32


def look_at_scopes(account: Account, store: Outbox, mappings: Path) -> Iterator[Check]:
    """Each scope that the actions of the account's mappings need, and the token lacks.

    Zoho does not say which scopes a token has, so one API of each scope is called without any parameter: that changes
    nothing, and is answered by what is missing first, the scope or the parameters. Such calls count like all others.
    """
    name = f"scopes {account.name}"
    needed = _needed(account.name, mappings)
    lacking = 0
    for scope, apis in needed.items():
        try:
            envelope = ask(account, store, apis[0], {}, path_keys={"journey_key": NO_JOURNEY})
        except ZohoError as error:
            yield Check(name=name, mark=Mark.SKIP, detail=f"{scope} could not be looked for: {error}")
            continue
        if zoho.lacks_scope(apis[0].name, envelope):
            lacking += 1
            detail = (
                f"the token lacks the scope {scope}, which the mappings need for {', '.join(a.title for a in apis)}"
            )
            setting = prefix_of(account.name) + "REFRESH_TOKEN"
            fix = f"authorise again with the scopes of `leadbridge auth --help`, and set the new {setting}"
            yield Check(name=name, mark=Mark.FAIL, detail=detail, fix=fix)
    if needed and not lacking:
        yield Check(name=name, mark=Mark.OK, detail="the token may do what the mappings do")


def _needed(account: str, mappings: Path) -> dict[str, list[zoho.Api]]:
    """The APIs that the mappings of an account use, by the scope that they need."""
    names = {
        name
        for file in read_folder(mappings, load_presets(mappings))
        if file.mapping is not None and file.mapping.account == account
        for name in _apis(file.mapping)
    }
    found: dict[str, list[zoho.Api]] = {}
    for api in zoho.APIS.values():
        if api.name in names:
            found.setdefault(api.scope, []).append(api)
    return found


def _apis(mapping: HookMapping) -> Iterator[str]:
    for action in mapping.all_actions:
        yield action.api
        if "create" in action.parts:
            yield "add_tag"
