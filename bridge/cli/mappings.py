"""`leadbridge test` and `map`: for the person who writes mappings. Nothing here needs an account."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import orjson

from bridge import config, log, mapping
from bridge.cli.given import events_in, given
from bridge.cli.output import print_json, print_problem
from bridge.errors import LeadbridgeError
from bridge.hooks import folder as hooks
from bridge.model import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.hooks.folder import MappingFile
    from bridge.hooks.presets import Presets
    from bridge.mapping import ExampleResult, HookMapping, Mapped
    from bridge.model import Event


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
def test(paths: tuple[Path, ...]) -> None:
    """Run the examples that stand next to the mapping files.

    PATHS are mapping files or folders; without any, the folder of LEADBRIDGE_MAPPINGS. Ends with 1 when an example
    comes out otherwise than expected.
    """
    presets = _presets(paths[0] if paths else mappings_folder())
    files = [file for path in paths or (mappings_folder(),) for file in _read(path, presets)]
    failed = sum(_test_file(file, presets) for file in files)
    click.echo(f"{len(files)} mapping file(s), {failed} failure(s)", err=True)
    sys.exit(1 if failed or not files else 0)


@click.command(name="map")
@click.argument("mapping_name", metavar="MAPPING")
@click.argument("payload", metavar="PAYLOAD|EVENT")
@click.option("--content-type", default="", help="The body's content type, if it is not what the body looks like.")
@click.option("--header", "headers", multiple=True, metavar="'NAME: VALUE'", help="A header of the request.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def map_payload(mapping_name: str, payload: str, content_type: str, headers: tuple[str, ...], as_json: bool) -> None:
    """Show what would become of a payload, without sending anything.

    MAPPING is a mapping file or the name of a hook; PAYLOAD is a file with a body as the sender posts it, - for
    standard input, or the id of an event that came (evt_12).
    """
    file, presets = mapping_named(mapping_name)
    found = usable(file)
    events = events_in(given(payload, headers=headers, content_type=content_type), presets[found.preset], found)
    results = [(event, mapping.apply(found, event)) for event in events]
    if as_json:
        print_json({"events": [{"id": event.id, **mapping.mapped_as_json(mapped)} for event, mapped in results]})
    else:
        for event, mapped in results:
            _print_mapped(event, mapped)
    sys.exit(1 if any(mapped.problems for _, mapped in results) else 0)


def _presets(folder: Path) -> Presets:
    """Ours, and the user's own next to a mapping file or in a folder of them."""
    log.configure(level="error", stream=sys.stderr)
    return hooks.load_presets(folder if folder.is_dir() else folder.parent)


def mappings_folder() -> Path:
    """The folder of LEADBRIDGE_MAPPINGS. Raises LeadbridgeError when there is none."""
    folder = config.load(config.environment()).mappings
    if not folder.is_dir():
        raise LeadbridgeError(f"there is no folder {str(folder)!r}; set LEADBRIDGE_MAPPINGS or name the files")
    return folder


def _read(path: Path, presets: Presets) -> Sequence[MappingFile]:
    return hooks.read_folder(path, presets) if path.is_dir() else (hooks.read_file(path, presets),)


def _test_file(file: MappingFile, presets: Presets) -> int:
    """Run a file's examples, print what failed, and return how many did."""
    if file.mapping is None:
        for problem in file.problems:
            print_problem(problem)
        return 1
    results, problems = hooks.run_examples(file, presets)
    for problem in problems:
        print_problem(problem)
    for result in results:
        _print_result(file, result)
    broken = sum(problem.severity is Severity.ERROR for problem in problems)
    return broken + sum(not result.passed for result in results)


def _print_result(file: MappingFile, result: ExampleResult) -> None:
    click.echo(f"{'ok    ' if result.passed else 'FAILED'}  {file.name}: {result.name}")
    for difference in result.differences:
        click.echo(f"          {difference.path}")
        click.echo(f"            expected  {difference.expected}")
        click.echo(f"            found     {difference.found}")


def mapping_named(name: str) -> tuple[MappingFile, Presets]:
    """A mapping by its file or its hook's name, and the presets it may use. Raises LeadbridgeError."""
    path = Path(name)
    if not path.is_file():
        path = mappings_folder() / f"{name}.yaml"
    if not path.is_file():
        raise LeadbridgeError(f"there is no mapping {name!r}: neither a file of this name nor {str(path)!r}")
    presets = _presets(path)
    return hooks.read_file(path, presets), presets


def usable(file: MappingFile) -> HookMapping:
    """The file's mapping. Prints its problems and raises LeadbridgeError when there is none."""
    for problem in file.problems:
        if file.mapping is None:
            print_problem(problem)
    if file.mapping is None:
        raise LeadbridgeError(f"{file.file} cannot be used before these problems are fixed")
    return file.mapping


def _print_mapped(event: Event, mapped: Mapped) -> None:
    reason = f" ({mapped.reason})" if mapped.reason else ""
    click.echo(f"event {event.item + 1}{f', id {event.id}' if event.id else ''}: {mapped.state.name.lower()}{reason}")
    for action in mapping.mapped_as_json(mapped)["actions"]:
        content = action.pop("leadinfo", None) or action.pop("details", {})
        api = action.pop("api")
        click.echo(f"  {api}  {', '.join(f'{name}: {value}' for name, value in action.items())}")
        for name, value in content.items():
            click.echo(f"    {name}: {orjson.dumps(value).decode() if not isinstance(value, str) else value}")
    for problem in (*mapped.problems, *mapped.warnings):
        print_problem(problem)
