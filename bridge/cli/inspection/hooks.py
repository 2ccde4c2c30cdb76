"""`leadbridge hooks`: what to paste where, and whether it works."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import click

from bridge import config, log
from bridge.cli.command import Command
from bridge.cli.options.completion import complete_hooks
from bridge.cli.options.store import open_store
from bridge.cli.output.documents import print_json
from bridge.cli.output.terminal import Styled, echo
from bridge.documents import did_you_mean
from bridge.errors import LeadbridgeError, OutboxError
from bridge.hooks import folder as hooks
from bridge.hooks import last_good
from bridge.hooks.hook import ClosedHook, Hook
from bridge.intake import QueryToken
from bridge.operations.wording import shown_time
from bridge.outbox import registry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.config import Settings
    from bridge.hooks.folder import MappingFile
    from bridge.intake import Preset
    from bridge.model import Problem

_COLOURS = {"live": "green", "draft": "yellow", "closed": "red"}


@click.command(
    cls=Command,
    examples=[
        "leadbridge hooks",
        "leadbridge hooks webinar",
    ],
)
@click.argument("name", required=False, shell_complete=complete_hooks)
@click.option("--reveal", is_flag=True, help="Print the tokens inside addresses, escaped and ready to paste.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def command(name: str | None, as_json: bool, reveal: bool) -> None:
    """Show each hook's URL, setup steps and problems.

    NAME shows one hook; without it, all of them.
    """
    log.configure(level="error", stream=sys.stderr)
    settings = config.load(config.environment())
    presets = hooks.load_presets(settings.mappings)
    last, good = _known_of_hooks(settings)
    files = hooks.read_folder(settings.mappings, presets)
    if name is not None:
        known = [file.name for file in files]
        files = tuple(file for file in files if file.name == name)
        if not files:
            raise LeadbridgeError(f"there is no hook {name!r} in {settings.mappings}; {did_you_mean(name, known)}")
    rows = [_row(file, presets, settings, last, good, reveal=reveal) for file in files]
    if as_json:
        print_json({"hooks": rows})
        return
    if not rows:
        echo(f"no mapping in {settings.mappings}; `leadbridge new` writes one", err=True)
    for row in rows:
        _print(row)


def _known_of_hooks(settings: Settings) -> tuple[Mapping[str, int | None], Mapping[str, str]]:
    """When each hook had its last event, and the texts active; nothing when there is no outbox yet."""
    store = open_store(settings.database_url)
    try:
        return registry.last_events_by_hook(store), last_good.texts_kept(store)
    except OutboxError:
        return {}, {}


def _row(
    file: MappingFile,
    presets: Mapping[str, Preset],
    settings: Settings,
    last: Mapping[str, int | None],
    good: Mapping[str, str],
    *,
    reveal: bool,
) -> dict[str, Any]:
    bad = hooks.errors_of(file)
    if bad and file.name in good:
        file = hooks.judge(good[file.name], name=file.name, file=file.file, presets=presets)
    secret = config.secret_reader(config.environment())
    opened = hooks.open_hook(file, presets, secret)
    found = file.mapping
    preset = presets.get(found.preset) if found is not None else None
    url = _url(opened, file.name, settings, reveal=reveal)
    closed = isinstance(opened, ClosedHook)
    return {
        "hook": file.name,
        "url": url,
        "preset": preset.name if preset else None,
        "state": "closed" if closed else "live" if found and found.live else "draft",
        "secrets": {role: list(names) for role, names in found.secrets.items()} if found else {},
        "on_last_good": bool(bad) and found is not None,
        "problems": [problem.as_json() for problem in bad or _of_secrets(opened, secret)],
        "setup": [step.replace("{url}", url) for step in preset.setup] if preset else [],
        "last_event_at": last.get(file.name),
    }


def _of_secrets(opened: Hook | ClosedHook, secret: config.SecretReader) -> tuple[Problem, ...]:
    """Why the hook is closed, or what looks like a slip in its secrets."""
    if isinstance(opened, ClosedHook):
        return opened.problems
    return hooks.secret_problems(opened.mapping, opened.scheme, secret)


def _url(opened: Hook | ClosedHook, name: str, settings: Settings, *, reveal: bool) -> str:
    """The address to paste. A token that belongs into it is named by its variable, or escaped with `reveal`."""
    url = f"{settings.public_url or f'http://{settings.bind}'}/hooks/{name}"
    if isinstance(opened, Hook) and isinstance(opened.scheme, QueryToken):
        parameter = quote(opened.scheme.parameter, safe="")
        if reveal:
            return f"{url}?{parameter}={quote(opened.secrets['token'][0], safe='')}"
        return f"{url}?{parameter}=<the value of {opened.mapping.secrets['token'][0]}; --reveal prints it>"
    return url


def _print(row: Mapping[str, Any]) -> None:
    runs = ", running on the last good version of its mapping" if row["on_last_good"] else ""
    state = Styled(row["state"], _COLOURS[row["state"]])
    echo(f"{row['hook']}  ({row['preset'] or 'unusable mapping'}, ", state, f"{runs})")
    echo(f"  URL         {row['url']}")
    for role, names in row["secrets"].items():
        echo(f"  secret      {role}: {' or '.join(names)}")
    echo(f"  last event  {shown_time(row['last_event_at'])}")
    for problem in row["problems"]:
        echo("  ", Styled("problem", "red"), f"     {problem['message']}; {problem.get('fix', '')}")
    for number, step in enumerate(row["setup"], start=1):
        echo(f"  {number}. {step}")
    echo()
