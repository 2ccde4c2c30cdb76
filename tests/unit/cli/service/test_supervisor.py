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


ORPHANS = """
import ctypes, os, time
from bridge.cli.service.supervisor import reap_orphans
ctypes.CDLL(None).prctl(36, 1)  # PR_SET_CHILD_SUBREAPER: orphans are left to this process, as in a container
waiting, going = os.pipe()
own = os.fork()
if not own:
    os.close(going)
    os.read(waiting, 1)
    os._exit(7)
parent = os.fork()
if not parent:
    for _ in range(3):
        if not os.fork():
            os._exit(0)
    os._exit(0)
os.waitpid(parent, 0)

def children():
    return open(f"/proc/self/task/{os.getpid()}/children").read().split()

while children() != [str(own)]:
    reap_orphans({own})
os.close(going)
reap_orphans({own})
print(os.waitstatus_to_exitcode(os.waitpid(own, 0)[1]))
"""


def test_ended_orphans_are_reaped_and_own_parts_are_left_to_their_owner() -> None:
    ended = subprocess.run([sys.executable, "-c", ORPHANS], capture_output=True, timeout=300, check=False, text=True)
    assert (ended.returncode, ended.stdout.strip()) == (0, "7"), ended.stderr


def test_a_part_that_dies_five_times_in_a_row_stops_everything_with_an_error() -> None:
    ended = subprocess.run([sys.executable, "-c", SUPERVISE], capture_output=True, timeout=300, check=False)
    lines = [orjson.loads(line) for line in ended.stdout.splitlines() if line.startswith(b"{")]
    deaths = [line for line in lines if line["event"] == "service.part_died"]
    assert ended.returncode == 1
    assert [(line["part"], line["exit_code"]) for line in deaths] == [("bad", 2)] * 5
    assert [line["event"] for line in lines[-2:]] == ["service.stopping", "service.stopped"]


SIGNALLED = """
import signal
from bridge.cli.service.supervisor import SignalFlag
flag = SignalFlag()
signal.signal(signal.SIGALRM, lambda *_: flag.set())
signal.setitimer(signal.ITIMER_REAL, 0.0002, 0.0002)
heard = 0
while heard < 5_000:
    flag.wait(0.00001)
    heard += flag.clear()
signal.setitimer(signal.ITIMER_REAL, 0)
"""


def test_a_signal_at_any_point_of_waiting_is_heard() -> None:
    ran = subprocess.run([sys.executable, "-c", SIGNALLED], capture_output=True, text=True, timeout=100, check=False)
    assert ran.returncode == 0, ran.stderr[-500:]
