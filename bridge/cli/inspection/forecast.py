"""`leadbridge forecast`: how long so many leads of one hook would take."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from bridge import bootstrap, config, log, zoho
from bridge.cli.command import Command
from bridge.cli.options.completion import complete_hooks
from bridge.cli.options.store import open_store
from bridge.cli.output.documents import print_json
from bridge.cli.output.table import print_table
from bridge.documents import unknown_name
from bridge.errors import LeadbridgeError
from bridge.hooks import folder as hooks
from bridge.operations.status.forecast import Forecast, Load, calls_for, forecasts
from bridge.operations.status.service_status import loads_of
from bridge.operations.wording import shown_span
from bridge.outbox import operator

if TYPE_CHECKING:
    from bridge.config import Settings
    from bridge.outbox import Outbox


@click.command(
    cls=Command,
    examples=[
        "leadbridge forecast --hook webinar --leads 3000",
    ],
)
@click.option("--leads", type=click.IntRange(min=0), required=True, help="The number of leads that arrive at once.")
@click.option(
    "--hook",
    required=True,
    help="The hook where they arrive; its mapping says which calls they need.",
    shell_complete=complete_hooks,
)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def command(leads: int, hook: str, as_json: bool) -> None:
    """Estimate how long a number of leads would take.

    Counts what is waiting already, and Zoho's limits; assumes that the service runs.
    """
    log.configure(level="error", stream=sys.stderr)
    settings = config.load(config.environment())
    account, actions = _actions(settings, hook)
    store = open_store(settings.database_url)
    now = store.now()
    coming = forecasts(_loads(store, settings, account, actions, leads), now=now)
    if as_json:
        print_json({"leads": leads, "hook": hook, "now": now, "apis": [_as_object(one, now) for one in coming]})
        return
    rows = [(one.api, str(one.leads), str(one.calls), _shown(one, now)) for one in coming]
    print_table([("api", "leads", "calls", "done in about"), *rows])


def _shown(one: Forecast, now: int) -> str:
    return shown_span(one.done_at - now) if one.done_at is not None else f"not known while {one.stopped_by}"


def _actions(settings: Settings, hook: str) -> tuple[str, Counter[str]]:
    """The account of a hook, and how many actions of each API its mapping has."""
    presets = hooks.load_presets(settings.mappings)
    found = next((file for file in hooks.read_folder(settings.mappings, presets) if file.name == hook), None)
    if found is None:
        raise unknown_name(f"hook in {settings.mappings} named", hook, hooks.mapping_files(settings.mappings))
    if found.mapping is None:
        raise LeadbridgeError(f"the mapping of hook {hook!r} has problems: see `leadbridge check`")
    return found.mapping.account, Counter(action.api for action in found.mapping.actions)


def _loads(store: Outbox, settings: Settings, account: str, actions: Counter[str], leads: int) -> list[Load]:
    """What waits at each API of the mapping, and the new leads on top, each action after the one before it."""
    limits = bootstrap.limits(settings)
    waiting = loads_of(operator.status(store, cap=1_000_000), limits, {})
    found: list[Load] = []
    for api, count in actions.items():
        fresh = Load(
            api=api,
            leads=0,
            calls=0,
            budget=limits[api].budget,
            window_ms=limits[api].window_ms,
        )
        before = waiting.get((account, api), fresh)
        calls = count * calls_for(leads, zoho.APIS[api].batch)
        found.append(
            replace(before, leads=before.leads + count * leads, calls=before.calls + calls, follows=bool(found))
        )
    return found


def _as_object(one: Forecast, now: int) -> dict[str, object]:
    return {
        "api": one.api,
        "leads": one.leads,
        "calls": one.calls,
        "done_at": one.done_at,
        "seconds": (one.done_at - now) / 1000 if one.done_at is not None else None,
        "stopped_by": one.stopped_by,
    }
