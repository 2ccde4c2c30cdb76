from __future__ import annotations

import ast
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import requests

from bridge.sandbox import SandboxSettings, running
from tests.waiting import PATIENCE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAM = (
    "from bridge.sandbox import SandboxSettings, serve\n"
    "serve(SandboxSettings(), '127.0.0.1', 0, lambda url: print(url, flush=True))\n"
    "print('ended', flush=True)\n"
)


@pytest.fixture
def process() -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", PROGRAM]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=environment) as running_one:
        yield running_one
        running_one.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_reports_its_url_writes_no_request_lines_and_ends_at_a_signal(
    process: subprocess.Popen[str], number: signal.Signals
) -> None:
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    assert requests.get(f"{url}/_sandbox/state", timeout=PATIENCE_SECONDS).status_code == 200

    process.send_signal(number)
    out, err = process.communicate(timeout=PATIENCE_SECONDS)
    assert (process.returncode, out, err) == (0, "ended\n", "")


def test_a_port_in_use_is_an_error_for_the_caller() -> None:
    with running(SandboxSettings()) as url:
        port = int(url.rpartition(":")[2])
        with pytest.raises(OSError, match="in use"), running(SandboxSettings(), port=port):
            pass


def test_the_sandbox_knows_nothing_of_the_client_it_judges() -> None:
    program = "import sys, bridge.sandbox; print([name for name in sys.modules if name.startswith('bridge.')])"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    loaded = subprocess.check_output([sys.executable, "-c", program], text=True, env=environment)
    assert {name.split(".")[1] for name in ast.literal_eval(loaded)} == {
        "documents",
        "errors",
        "model",
        "sandbox",
        "web_address",
    }


def test_two_sandboxes_share_nothing() -> None:
    with running(SandboxSettings()) as one, running(SandboxSettings()) as other:
        requests.post(f"{one}/oauth/v2/token", timeout=PATIENCE_SECONDS)
        counts = [
            len(requests.get(f"{url}/_sandbox/state", timeout=PATIENCE_SECONDS).json()["calls"]) for url in (one, other)
        ]
    assert counts == [1, 0]
