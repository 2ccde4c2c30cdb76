"""What the shell completes: names of presets and hooks, ids of events. An error completes nothing.

https://click.palletsprojects.com/en/stable/shell-completion/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge import config
from bridge.errors import LeadbridgeError

if TYPE_CHECKING:
    from pathlib import Path

    import click
    from click.shell_completion import CompletionItem

NEWEST = 20
"""How many events are offered."""


def complete_presets(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The names of the presets, the user's own among them."""
    from bridge.hooks.presets import OWN_PRESETS, SHIPPED

    folder = _mappings()
    own = (folder / OWN_PRESETS).glob("*.yaml") if folder is not None else ()
    return _items({path.stem for path in (*SHIPPED.glob("*.yaml"), *own)}, incomplete)


def complete_hooks(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The names of the mapping files."""
    folder = _mappings()
    files = folder.glob("*.yaml") if folder is not None else ()
    return _items({path.stem for path in files if not path.stem.endswith(".examples")}, incomplete)


def complete_senders(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The names of hooks and presets, and of files."""
    return [
        *complete_hooks(context, parameter, incomplete),
        *complete_presets(context, parameter, incomplete),
        *_files(incomplete),
    ]


def complete_mappings(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The names of hooks, and of files."""
    return [*complete_hooks(context, parameter, incomplete), *_files(incomplete)]


def complete_events(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The ids of the newest events, each with its hook and its lead."""
    from click.shell_completion import CompletionItem

    from bridge import outbox
    from bridge.escaping import on_one_line
    from bridge.model import event_name
    from bridge.outbox import operator

    try:
        store = outbox.open_outbox(config.load(config.environment()).database_url)
        try:
            if store.pending_migrations():
                return []
            found = operator.newest(store, operator.Selector(), limit=NEWEST).found
        finally:
            store.close()
    except LeadbridgeError:
        return []
    names = {event_name(one.event_id): on_one_line(f"{one.hook} {one.lead}".strip()) for one in found}
    return [CompletionItem(name, help=line) for name, line in names.items() if name.startswith(incomplete)]


def complete_payloads(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The ids of the newest events, and the names of files."""
    return [*complete_events(context, parameter, incomplete), *_files(incomplete)]


def _mappings() -> Path | None:
    try:
        return config.load(config.environment()).mappings
    except LeadbridgeError:
        return None


def _items(names: set[str], incomplete: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    return [CompletionItem(name) for name in sorted(names) if name.startswith(incomplete)]


def _files(incomplete: str) -> list[CompletionItem]:
    """The shell's own completion of files."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="file")]
