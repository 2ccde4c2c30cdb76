"""Waiting for a condition. The deadline is for what never comes: a slow machine must not reach it."""

from __future__ import annotations

import socket
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


def is_listened_to(port: int) -> bool:
    """Whether a server listens there. A socket that asks a free port may have that port, and meet itself."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS) as client:
            return bool(client.getsockname() != client.getpeername())
    except OSError:
        return False
