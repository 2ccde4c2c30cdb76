"""Tools that judge deployment files. CI has all of them; elsewhere a test whose tool is missing says how to have it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., subprocess.CompletedProcess[str]]

DEPLOY = Path(__file__).parents[2] / "deploy"


@pytest.fixture(scope="session")
def run() -> Run:
    """Runs a tool to its end and gives what it printed. Where it is missing, CI fails and others are reported."""

    def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
        tool = str(command[0])
        if shutil.which(tool) is None:
            assert not os.environ.get("CI"), f"{tool} is not installed"
            pytest.skip(f"{tool} is not installed (apt-get install nginx-light prometheus systemd)")
        return subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=100, check=False)

    return run
