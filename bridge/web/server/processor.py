"""Each worker on a processor of its own, where there are as many workers as processors."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


def settle(workers: int, age: int) -> None:
    """Stay on one processor; `age` is this worker's number, counted from 1.

    Its caches then hold what the worker needs, and since only one thread of a process runs Python at a time, nothing is
    lost. A worker that takes the place of another finds the processor that its siblings left free.
    """
    processors = sorted(os.sched_getaffinity(0))
    if not 1 < len(processors) == workers:
        return
    with contextlib.suppress(OSError):  # not every host allows it, and nothing but speed depends on it
        free = [processor for processor in processors if processor not in _taken()] or processors
        preferred = processors[age % len(processors)]
        os.sched_setaffinity(0, {preferred if preferred in free else free[0]})


def _taken() -> set[int]:
    """The processors on which siblings stay. Raises OSError."""
    parent = os.getppid()
    siblings = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    taken: set[int] = set()
    for sibling in map(int, siblings):
        with contextlib.suppress(ProcessLookupError):
            allowed = os.sched_getaffinity(sibling)
            taken |= allowed if len(allowed) == 1 and sibling != os.getpid() else set()
    return taken
