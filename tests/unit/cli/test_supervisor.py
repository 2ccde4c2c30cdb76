"""Several processes as one, at their ends."""

from __future__ import annotations

import subprocess
import sys

import orjson

SUPERVISE = """
import os
import sys
from bridge import log
from bridge.cli.service import supervisor
log.configure()
parts = [supervisor.Part(name="good", arguments=("sandbox", "--port", "0")),
         supervisor.Part(name="bad", arguments=("no-such-command",))]
sys.exit(supervisor.supervise(parts, os.environ))
"""


def test_a_part_that_dies_five_times_in_a_row_stops_everything_with_an_error() -> None:
    ended = subprocess.run([sys.executable, "-c", SUPERVISE], capture_output=True, timeout=60, check=False)
    lines = [orjson.loads(line) for line in ended.stdout.splitlines() if line.startswith(b"{")]
    deaths = [line for line in lines if line["event"] == "service.part_died"]
    assert ended.returncode == 1
    assert [(line["part"], line["exit_code"]) for line in deaths] == [("bad", 2)] * 5
    assert [line["event"] for line in lines[-2:]] == ["service.stopping", "service.stopped"]
