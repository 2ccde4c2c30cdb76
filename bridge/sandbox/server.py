"""Runs the sandbox until it is asked to stop."""

from __future__ import annotations

import signal
import socket
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from werkzeug.serving import WSGIRequestHandler, make_server

from bridge.sandbox.app import create_app
from bridge.sandbox.world import wall_clock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bridge.sandbox.settings import SandboxSettings
    from bridge.sandbox.world import Clock, Sleep

_BACKLOG = 128


@contextmanager
def running(
    settings: SandboxSettings,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    clock: Clock = wall_clock,
    sleep: Sleep = time.sleep,
) -> Iterator[str]:
    """A sandbox that serves in threads of its own; gives its URL (no slash at the end). Port 0 takes a free one.

    Raises OSError when the address cannot be bound. Answers in flight are not waited for at the end.
    """
    app = create_app(settings, clock=clock, sleep=sleep)
    # Bound here and not by werkzeug, which ends the whole process when the port is taken.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family, backlog=_BACKLOG) as bound:
        server = make_server(host, port, app, threaded=True, request_handler=_QuietHandler, fd=bound.fileno())
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="sandbox", daemon=True)
    thread.start()
    try:
        shown_host = f"[{host}]" if ":" in host else host
        yield f"http://{shown_host}:{server.port}"
    finally:
        server.shutdown()
        thread.join()


def serve(settings: SandboxSettings, host: str, port: int, on_ready: Callable[[str], None]) -> None:
    """Serves until SIGTERM or SIGINT; calls `on_ready` with the URL once connections are taken.

    Only for the main thread, where signals arrive. Raises OSError when the address cannot be bound.
    """
    numbers = {signal.SIGTERM, signal.SIGINT}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, numbers)  # in all threads that start from here, too
    try:
        with running(settings, host=host, port=port) as url:
            on_ready(url)
            signal.sigwait(numbers)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _QuietHandler(WSGIRequestHandler):
    """Writes no line per request: the sandbox's record of calls says more, and standard error stays readable."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Writes nothing."""
