"""An outbox on a disk without room, produced by a limit of 0 bytes on what a process may write to files."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from bridge.outbox import open_outbox
from tests.builders import OutboxDriver

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FULL = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
from bridge.cli.main import main
main()
"""


@pytest.fixture(params=["nobody has it open", "a service has it open"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    address = f"sqlite:///{tmp_path / 'outbox.db'}"
    with closing(open_outbox(address)) as outbox:
        outbox.migrate()
        OutboxDriver(outbox).send()
        if request.param == "nobody has it open":
            outbox.close()
        yield address


def leadbridge(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", FULL, *arguments]
    return subprocess.run(command, env={"LEADBRIDGE_DATABASE_URL": url}, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("command", [("status",), ("show", "evt_1"), ("list",)])
def test_commands_that_look_work(url: str, command: tuple[str, ...]) -> None:
    done = leadbridge(url, *command)
    assert "cannot be used" not in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout.strip()


def test_purge_says_what_to_do(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'outbox.db'}"
    with closing(open_outbox(address)) as outbox:
        outbox.migrate()
    done = leadbridge(address, "purge", "--yes")
    assert done.returncode == 1
    assert "free some space" in done.stderr
