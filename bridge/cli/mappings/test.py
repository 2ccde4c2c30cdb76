"""`leadbridge test`: the examples next to the mapping files are run."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from bridge.cli.command import Command
from bridge.cli.output.terminal import Styled, echo
from bridge.cli.output.text import print_problem
from bridge.hooks import folder as hooks
from bridge.model import Severity
from bridge.operations.wording import counted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bridge.hooks.folder import MappingFile
    from bridge.hooks.presets import Presets
    from bridge.mapping import ExampleResult

from bridge.cli.options.completion import complete_mappings
from bridge.cli.options.mapping import MappingPath, mappings_folder, presets_for


@click.command(
    cls=Command,
    examples=[
        "leadbridge test",
        "leadbridge test mappings/webinar.yaml",
    ],
)
@click.argument("paths", nargs=-1, type=MappingPath(), shell_complete=complete_mappings)
def command(paths: tuple[Path, ...]) -> None:
    """Run the examples next to the mapping files.

    PATHS are mapping files, folders or names of hooks; without any, the folder of LEADBRIDGE_MAPPINGS. Ends with 1
    when an example does not meet its expectation.
    """
    presets = presets_for(paths[0] if paths else mappings_folder())
    files = [file for path in paths or (mappings_folder(),) for file in _read(path, presets)]
    failed = sum(_test_file(file, presets) for file in files)
    echo(f"{counted(len(files), 'mapping file')}, {counted(failed, 'failure')}", err=True)
    sys.exit(1 if failed or not files else 0)


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
    mark = Styled("ok    ", "green") if result.passed else Styled("FAILED", "red")
    echo(mark, f"  {file.name}: {result.name}")
    for difference in result.differences:
        echo(f"          {difference.path}")
        echo(f"            expected  {difference.expected}")
        echo(f"            found     {difference.found}")
