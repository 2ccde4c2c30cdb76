"""Workers and the processors they stay on, as real processes."""

from __future__ import annotations

import os
import subprocess
import sys

SETTLE = """
import os, sys, time
from bridge.web.server.processor import settle
os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
found = []
for age in map(int, sys.argv[2:]):
    reading, writing = os.pipe()
    if os.fork() == 0:
        settle(int(sys.argv[1]), age)
        os.write(writing, ",".join(map(str, sorted(os.sched_getaffinity(0)))).encode())
        time.sleep(60)
    found.append(os.read(reading, 100).decode())
print(" ".join(found), flush=True)
os.killpg(0, 9)
"""


def places(workers: int, *ages: int) -> list[str]:
    command = [sys.executable, "-c", SETTLE, str(workers), *map(str, ages)]
    ended = subprocess.run(command, stdout=subprocess.PIPE, start_new_session=True, check=False)
    return ended.stdout.decode().split()


def two() -> list[str]:
    return [str(processor) for processor in sorted(os.sched_getaffinity(0))[:2]]


def test_as_many_workers_as_processors_have_one_each() -> None:
    assert sorted(places(2, 1, 2)) == sorted(two() if len(two()) == 2 else two() * 2)


def test_a_worker_in_the_place_of_another_takes_the_processor_left_free() -> None:
    assert sorted(places(2, 1, 3)) == sorted(two() if len(two()) == 2 else two() * 2)


def test_other_numbers_of_workers_may_use_every_processor() -> None:
    assert places(1, 1) == [",".join(two())]
    assert places(3, 1) == [",".join(two())]
