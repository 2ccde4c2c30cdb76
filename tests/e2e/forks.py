"""Commands of the product in processes that are forked from one that has imported them all.

Each is a process of its own, with the folder, the environment and the streams that it is given, and comes in by the
entry point of `leadbridge`. It does without what most commands spend most of their time on: starting the interpreter
and importing. That none needs what another imported before it, an import contract sees to: there are no circles.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from bridge.cli.commands import COMMANDS, module_of
from bridge.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["pytest", __name__, *(module_of(name) for name in COMMANDS)])


class Forked:
    """A command that runs, and what it prints, in two files of `streams`. It does not outlive the tests."""

    def __init__(
        self, arguments: Sequence[str], *, folder: Path, environment: Mapping[str, str], streams: Path, name: str
    ) -> None:
        self.output, self.errors = streams / f"{name}.out", streams / f"{name}.err"
        self.output.touch()
        self.errors.touch()
        self.process = _FORKS.Process(
            target=_become, args=(tuple(arguments), folder, dict(environment), self.output, self.errors), daemon=True
        )
        self.process.start()

    def destroy(self) -> None:
        """Leave nothing of it."""
        self.process.kill()
        self.process.join()


def run_command(
    arguments: Sequence[str], *, folder: Path, environment: Mapping[str, str], seconds: float
) -> subprocess.CompletedProcess[str]:
    """Run `leadbridge` with these arguments to its end; raises TimeoutExpired after `seconds`, as `subprocess.run`."""
    with TemporaryDirectory(prefix="leadbridge-command-") as streams:
        forked = Forked(arguments, folder=folder, environment=environment, streams=Path(streams), name="command")
        forked.process.join(seconds)
        code = forked.process.exitcode
        if code is None:
            forked.destroy()
            raise subprocess.TimeoutExpired(arguments, seconds)
        return subprocess.CompletedProcess(
            arguments, code, forked.output.read_text("utf-8"), forked.errors.read_text("utf-8")
        )


def _become(
    arguments: tuple[str, ...], folder: Path, environment: Mapping[str, str], output: Path, errors: Path
) -> None:
    """Make of this process the command."""
    for number, path in ((1, output), (2, errors)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_APPEND), number)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    sys.argv = ["leadbridge", *arguments]
    main()
