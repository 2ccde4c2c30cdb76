"""`leadbridge check`: everything that is wrong with mapping files, before an event comes."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from bridge import config, log
from bridge.authoring.check import check as check_files
from bridge.authoring.check import read_snapshot, snapshot_next_to
from bridge.cli.command import Command
from bridge.cli.options.completion import complete_mappings
from bridge.cli.options.mapping import MappingPath, mappings_folder
from bridge.cli.output.annotations import github_line, sarif
from bridge.cli.output.documents import print_json
from bridge.cli.output.terminal import echo
from bridge.cli.output.text import print_problem
from bridge.model import pull_command
from bridge.operations.wording import counted

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator, Mapping

    from bridge.authoring.check import Checked
    from bridge.hooks.folder import MappingFile
    from bridge.zoho import Snapshot


WATCH_SECONDS: Final = 0.5


@click.command(
    cls=Command,
    examples=[
        "leadbridge check",
        "leadbridge check mappings/webinar.yaml --account account.json",
        "leadbridge check --secrets --online",
        "leadbridge check --watch",
        "leadbridge check --format github mappings/",
    ],
)
@click.argument("paths", nargs=-1, type=MappingPath(), shell_complete=complete_mappings)
@click.option("--account", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
              help="What `leadbridge pull` wrote; account.json next to the mappings if not given.")  # fmt: skip
@click.option("--online", is_flag=True, help="Read the account from Zoho now; needs its credentials.")
@click.option(
    "--secrets", is_flag=True, help="Treat unset secrets and unknown accounts as errors, where the service runs."
)
@click.option("--watch", is_flag=True, help="Check again whenever a file changes, until Ctrl-C.")
@click.option("--format", "form", type=click.Choice(["text", "github", "sarif", "json"]), default="text",
              help="text, annotations of GitHub Actions, SARIF 2.1.0 or JSON.")  # fmt: skip
@click.option("--json", "form", flag_value="json", help="Print the problems as JSON.")
def command(paths: tuple[Path, ...], account: Path | None, online: bool, secrets: bool, watch: bool, form: str) -> None:
    """Check mapping files and report every problem at once.

    PATHS are files, folders or names of hooks; without any, the folder of LEADBRIDGE_MAPPINGS. Lists, journeys and
    fields are compared with the account as it was last pulled, where that is known. Ends with 1 when there is an error.
    """
    log.configure(level="critical", stream=sys.stderr)
    chosen, of_file = paths or (mappings_folder(),), _account(account, online=online)

    def run() -> Checked:
        return check_files(
            chosen,
            secret=config.SecretReader(config.environment()),
            secrets_are_needed=secrets,
            account=of_file,
            accounts=config.known_accounts(config.environment()),
        )

    for _ in changes(chosen) if watch else (None,):
        if watch:
            echo(f"\n{datetime.now(UTC):%H:%M:%S} UTC")
        checked = run()
        if form in ("github", "sarif") and not secrets:
            checked = replace(checked, problems=tuple(one for one in checked.problems if one.code != "unset_secret"))
        _FORMATS[form](checked)
        unread = {one.mapping.account for one in checked.files if one.mapping is not None and of_file(one) is None}
        if unread:
            commands = ", ".join(f"`{pull_command(account)}`" for account in sorted(unread))
            echo(f"the names of lists, journeys and fields were not compared: {commands} writes them", err=True)
    sys.exit(1 if checked.errors or not checked.files else 0)


def changes(paths: tuple[Path, ...]) -> Iterator[None]:
    """Once at first, then whenever a file of these files and folders changes, comes or goes."""
    before = None
    while True:
        found = {one: (stat.st_mtime_ns, stat.st_size) for one, stat in _files(paths)}
        if found != before:
            before = found
            yield
        time.sleep(WATCH_SECONDS)


def _files(paths: tuple[Path, ...]) -> Iterator[tuple[Path, os.stat_result]]:
    for path in paths:
        for one in path.rglob("*") if path.is_dir() else path.parent.glob(f"{path.stem}*"):
            with suppress(OSError):  # gone since it was listed
                yield one, one.stat()


def _account(file: Path | None, *, online: bool) -> Callable[[MappingFile], Snapshot | None]:
    """How to come by the account of a mapping: from Zoho, from the file named, from the file next to it."""
    if file is not None and online:
        raise click.UsageError("--account and --online are two ways of saying the same: give one")
    if file is not None:
        snapshot = read_snapshot(file)
        return lambda _: snapshot
    return _from_zoho() if online else snapshot_next_to


def _from_zoho() -> Callable[[MappingFile], Snapshot | None]:
    # half a second that no other check needs
    from bridge.cli.options.account import open_account
    from bridge.cli.options.store import open_store
    from bridge.delivery.lookups import read_account

    settings = config.load(config.environment(), credentials=True)
    store = open_store(settings.database_url)
    taken: dict[str, Snapshot] = {}

    def take(file: MappingFile) -> Snapshot | None:
        if file.mapping is None:
            return None
        name = file.mapping.account
        if name not in taken:
            taken[name] = read_account(open_account(settings, name), store)
        return taken[name]

    return take


def _print(checked: Checked) -> None:
    for problem in checked.problems:
        print_problem(problem)
    warnings = len(checked.problems) - checked.errors
    counts = ((len(checked.files), "mapping file"), (checked.errors, "error"), (warnings, "warning"))
    echo(", ".join(counted(count, word) for count, word in counts), err=True)
    if not checked.files:
        echo("no mapping to check; `leadbridge new` writes one", err=True)


def _print_github(checked: Checked) -> None:
    for problem in checked.problems:
        echo(github_line(problem))


_FORMATS: Final[Mapping[str, Callable[[Checked], None]]] = {
    "text": _print,
    "github": _print_github,
    "sarif": lambda checked: print_json(sarif(checked.problems)),
    "json": lambda checked: print_json(
        {
            "files": [file.file for file in checked.files],
            "problems": [problem.as_json() for problem in checked.problems],
        }
    ),
}
