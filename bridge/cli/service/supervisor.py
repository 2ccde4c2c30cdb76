"""Several processes as one: started together, started again when one dies, stopped together, never orphaned."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bridge import log
from bridge.errors import OutboxError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence, Set
    from types import FrameType

from bridge.cli.service.lifeline import DRAIN_SECONDS

MAX_DEATHS: Final = 5
DEATHS_WITHIN_SECONDS: Final = 60
ROUND_SECONDS: Final = 0.2
"""How often it looks at its parts and for signals."""


class SignalFlag:
    """What a signal's handler sets. A `threading.Event` will not do: the code that is interrupted may hold its lock."""

    def __init__(self) -> None:
        self._is_set = False

    def set(self) -> None:
        """Set it; from a handler, too."""
        self._is_set = True

    def clear(self) -> bool:
        """Clear it; whether it was set."""
        if not self._is_set:
            return False
        self._is_set = False
        return True

    def wait(self, seconds: float) -> bool:
        """Wait until it is set, so long at most; whether it is."""
        until = time.monotonic() + seconds
        while not self._is_set and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, ROUND_SECONDS))
        return self._is_set


@dataclass(slots=True, kw_only=True)
class Part:
    """One process of the service: a name for the logs, and the arguments after `leadbridge`."""

    name: str
    arguments: tuple[str, ...]
    process: subprocess.Popen[bytes] | None = None
    died_at: deque[float] = field(default_factory=lambda: deque(maxlen=MAX_DEATHS))


def supervise(
    parts: Sequence[Part], environ: Mapping[str, str], *, on_hangup: Callable[[], None] = lambda: None
) -> int:
    """Run the parts, in this environment, until SIGTERM or SIGINT; return the exit code. SIGHUP calls `on_hangup`.

    A part that dies is started again; one that dies five times within a minute stops everything with code 1.
    The parts hold the reading end of a pipe of this process: when this process goes, however it goes, they stop.
    """
    lifeline, held_open = os.pipe()
    stopping, hangup = SignalFlag(), SignalFlag()
    signal.signal(signal.SIGHUP, _on_sighup(stopping, hangup))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    try:
        for part in parts:
            _start(part, lifeline, environ)
        healthy = _watch(parts, lifeline, environ, stopping, lambda: _respect(hangup, on_hangup))
    finally:
        _stop(parts)
        os.close(held_open)
        os.close(lifeline)
    return 0 if healthy else 1


def _on_sighup(stopping: SignalFlag, hangup: SignalFlag) -> Callable[[int, FrameType | None], None]:
    """SIGHUP asks for a reload, unless the terminal that this was started from is what hung up."""
    had_terminal = os.isatty(0)

    def heard(_number: int, _frame: FrameType | None) -> None:
        (stopping if had_terminal and not os.isatty(0) else hangup).set()

    return heard


def _respect(hangup: SignalFlag, on_hangup: Callable[[], None]) -> None:
    if not hangup.clear():
        return
    try:
        on_hangup()
    except OutboxError as error:
        log.get_logger().error("outbox.unavailable", error=str(error))


def _start(part: Part, lifeline: int, environ: Mapping[str, str]) -> None:
    command = [sys.executable, "-m", "bridge", *part.arguments, "--lifeline", str(lifeline)]
    part.process = subprocess.Popen(command, pass_fds=(lifeline,), env=dict(environ))  # noqa: S603 - our own command
    log.get_logger().info("service.started", part=part.name, pid=part.process.pid)


def _watch(
    parts: Sequence[Part],
    lifeline: int,
    environ: Mapping[str, str],
    stopping: SignalFlag,
    each_round: Callable[[], None],
) -> bool:
    """Start dead parts again until asked to stop; False when one dies too often."""
    while not stopping.wait(ROUND_SECONDS):
        each_round()
        if os.getpid() == 1:
            reap_orphans({part.process.pid for part in parts if part.process is not None})
        for part in parts:
            if part.process is None or part.process.poll() is None:
                continue
            log.get_logger().error("service.part_died", part=part.name, exit_code=part.process.returncode)
            if _dies_too_often(part):
                return False
            if stopping.wait(min(2 ** (len(part.died_at) - 1) * 0.25, 5)):
                return True
            _start(part, lifeline, environ)
    return True


def reap_orphans(own: Set[int]) -> None:
    """As the first process of a container: reap orphaned processes that have ended, and none of `own`."""
    with contextlib.suppress(ChildProcessError):  # there is none
        while (ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)) and ended.si_pid not in own:
            os.waitpid(ended.si_pid, 0)


def _dies_too_often(part: Part) -> bool:
    part.died_at.append(time.monotonic())
    return len(part.died_at) == MAX_DEATHS and part.died_at[-1] - part.died_at[0] < DEATHS_WITHIN_SECONDS


def _stop(parts: Sequence[Part]) -> None:
    """Ask every part to drain, the last started first; kill those that do not."""
    running = [part.process for part in reversed(parts) if part.process is not None and part.process.poll() is None]
    log.get_logger().info("service.stopping", parts=[part.name for part in parts])
    for process in running:
        process.terminate()
    deadline = time.monotonic() + DRAIN_SECONDS
    for process in running:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    log.get_logger().info("service.stopped")
