"""`leadbridge history`: earlier versions of the mappings, their texts and differences, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bridge import config
from bridge.cli.command import Command
from bridge.cli.options.completion import complete_hooks
from bridge.cli.options.confirmation import agreed
from bridge.cli.options.store import open_store
from bridge.cli.output.documents import print_json
from bridge.cli.output.table import print_table
from bridge.cli.output.terminal import echo
from bridge.documents import unknown_name
from bridge.errors import LeadbridgeError
from bridge.hooks.folder import mapping_files
from bridge.hooks.history import Version, difference, version, versions
from bridge.operations.wording import counted, shown_time

if TYPE_CHECKING:
    from pathlib import Path


@click.command(
    cls=Command,
    examples=[
        "leadbridge history",
        "leadbridge history signup",
        "leadbridge history signup --text 12",
        "leadbridge history signup --diff 12",
        "leadbridge history signup --restore 12",
    ],
)
@click.argument("hook", required=False, shell_complete=complete_hooks)
@click.option("--text", "shown", type=int, metavar="VERSION", help="Print the text of this version.")
@click.option("--diff", "compared", type=int, metavar="VERSION", help="Show what changed from this version to now.")
@click.option("--restore", "restored", type=int, metavar="VERSION", help="Write this version's text into the file.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON.")
def command(
    hook: str | None, shown: int | None, compared: int | None, restored: int | None, yes: bool, as_json: bool
) -> None:
    """List the versions of the mappings; show, compare or restore one.

    The service stores every set of mappings that it ever used. HOOK names one mapping; without it all are meant.
    --restore writes into the folder of the mappings, whose files the service then reloads by itself.
    """
    if sum(one is not None for one in (shown, compared, restored)) > 1:
        raise click.UsageError("give one of --text, --diff and --restore")
    settings = config.load(config.environment())
    found = versions(open_store(settings.database_url))
    if shown is not None:
        for name, text in _texts(version(found, shown), hook).items():
            echo(text if hook else f"# {name}.yaml\n{text}", nl=not text.endswith("\n"))
    elif compared is not None:
        _print_difference(version(found, compared), hook, settings.mappings)
    elif restored is not None:
        _restore(version(found, restored), hook, settings.mappings, yes=yes)
    else:
        known = {name for one in found for name in one.texts} | set(mapping_files(settings.mappings))
        if hook is not None and hook not in known:
            raise unknown_name("mapping", hook, known)
        _print_list([one for one in found if hook is None or one.concerns(hook)], as_json=as_json)


def _texts(one: Version, hook: str | None) -> dict[str, str]:
    """The texts of a version, or the one of a hook. Raises LeadbridgeError when it has none."""
    if hook is None:
        return dict(one.texts)
    if hook not in one.texts:
        raise LeadbridgeError(f"version {one.number} has no mapping {hook!r}; it has {', '.join(one.texts) or 'none'}")
    return {hook: one.texts[hook]}


def _now(folder: Path, name: str) -> str:
    path = folder / f"{name}.yaml"
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _print_difference(one: Version, hook: str | None, folder: Path) -> None:
    names = (hook,) if hook else tuple(sorted({*one.texts, *mapping_files(folder)}))
    _texts(one, hook)
    for name in names:
        label = (f"{name}.yaml (version {one.number})", f"{name}.yaml")
        echo(difference(one.texts.get(name, ""), _now(folder, name), names=label), nl=False)


def _restore(one: Version, hook: str | None, folder: Path, *, yes: bool) -> None:
    texts = {name: text for name, text in _texts(one, hook).items() if text != _now(folder, name)}
    if not texts:
        echo(f"the files are as version {one.number} has them")
        return
    names = ", ".join(f"{name}.yaml" for name in texts)
    if not agreed(f"{names} in {folder} will be as in version {one.number}.", yes=yes):
        raise click.Abort
    for name, text in texts.items():
        path = folder / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    echo(f"wrote {names}; a running service reloads {'it' if len(texts) == 1 else 'them'} by itself")
    later = [path.name for name, path in mapping_files(folder).items() if name not in one.texts]
    if hook is None and later:
        echo(f"newer than version {one.number}, and left as they are: {', '.join(later)}", err=True)


def _print_list(found: list[Version], *, as_json: bool) -> None:
    if as_json:
        print_json({"versions": [_as_object(one) for one in found]})
        return
    rows = [
        (str(one.number), shown_time(one.first_at), "active" if one.is_active else "", _changes(one)) for one in found
    ]
    print_table([("version", "first used", "", "changes"), *rows] if rows else [("no version yet",)])
    if rows:
        echo(f"{counted(len(rows), 'version')}; --text, --diff and --restore take a number", err=True)


def _changes(one: Version) -> str:
    groups = (("+", one.added), ("~", one.changed), ("-", one.removed))
    return " ".join(f"{sign}{name}" for sign, names in groups for name in names)


def _as_object(one: Version) -> dict[str, Any]:
    names = ("number", "is_active", "added", "changed", "removed")
    return {name: getattr(one, name) for name in names} | {"first_used_at": one.first_at}
