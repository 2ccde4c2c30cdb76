"""Waiting for a condition. The deadline is for what never comes: a slow machine must not reach it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE_SECONDS: Final = 300.0


def wait_until(true: Callable[[], Any], *, seconds: float = PATIENCE_SECONDS) -> Any:
    """Ask until the answer is true, and return it; fails when that takes longer than `seconds`."""
    deadline = time.monotonic() + seconds
    while not (answer := true()):
        assert time.monotonic() < deadline, f"not so within {seconds:g} s"
        time.sleep(0.05)
    return answer
