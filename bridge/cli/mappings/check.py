"""`leadbridge check`: everything that is wrong with mapping files, before an event comes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bridge import config, log
from bridge.authoring.check import check as check_files
from bridge.authoring.check import read_snapshot, snapshot_next_to
from bridge.cli.command import Command
from bridge.cli.options.mapping import mappings_folder
from bridge.cli.output.documents import print_json
from bridge.cli.output.terminal import echo
from bridge.cli.output.text import counted, print_problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from bridge.authoring.check import Checked
    from bridge.hooks.folder import MappingFile
    from bridge.zoho import Snapshot


@click.command(
    cls=Command,
    examples=[
        "leadbridge check",
        "leadbridge check mappings/webinar.yaml --account account.json",
        "leadbridge check --secrets --online",
    ],
)
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--account", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
              help="What `leadbridge pull` wrote; account.json next to the mappings if not given.")  # fmt: skip
@click.option("--online", is_flag=True, help="Read the account from Zoho now; needs its credentials.")
@click.option(
    "--secrets", is_flag=True, help="Unset secrets and unknown accounts are errors: for where the service runs."
)
@click.option("--json", "as_json", is_flag=True, help="Print the problems as JSON.")
def command(paths: tuple[Path, ...], account: Path | None, online: bool, secrets: bool, as_json: bool) -> None:
    """Check mapping files and report every problem at once.

    PATHS are files or folders; without any, the folder of LEADBRIDGE_MAPPINGS. Lists, journeys and fields are compared
    with the account as it was last pulled, where that is known. Ends with 1 when there is an error.
    """
    log.configure(level="critical", stream=sys.stderr)
    checked = check_files(
        paths or (mappings_folder(),),
        secret=config.secret_reader(config.environment()),
        secrets_are_needed=secrets,
        account=_account(account, online=online),
        accounts=config.known_accounts(config.environment()),
    )
    if as_json:
        files = [file.file for file in checked.files]
        print_json({"files": files, "problems": [problem.as_json() for problem in checked.problems]})
    else:
        _print(checked)
    sys.exit(1 if checked.errors or not checked.files else 0)


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
    from bridge.delivery.account import read_account

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
