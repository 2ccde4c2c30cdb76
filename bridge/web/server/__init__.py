"""gunicorn, set up for this service. Its home: nothing else imports it.

Under a server of one's own: gunicorn --worker-class bridge.web.server.worker.Worker 'bridge.web:create_app()'.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication

from bridge import log
from bridge.web.server.logger import Logger
from bridge.web.server.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

KEEPALIVE_SECONDS = 75
"""Longer than the idle time of the usual proxies (nginx: 60 s), so that it is the proxy that closes."""


class Server(BaseApplication):
    """A gunicorn master for one application. `run()` returns never: it exits the process.

    Where it listens is logged with the `page` that a person asks for there.
    """

    def __init__(self, make_app: Callable[[], Flask], *, bind: str, workers: int, threads: int, page: str = "") -> None:
        self._make_app = make_app
        self._options: dict[str, Any] = {
            "bind": bind,
            "workers": workers,
            "threads": threads,
            "worker_class": Worker,
            "logger_class": Logger,
            "keepalive": KEEPALIVE_SECONDS,
            "graceful_timeout": 20,
            "loglevel": "warning",
            "proc_name": "leadbridge",
            "control_socket_disable": True,
            "when_ready": lambda _: log.get_logger().info("service.listening", url=f"http://{bind}/{page}"),
        }
        super().__init__()

    def load_config(self) -> None:
        """Take the options given; no file and no command line is read."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Make the application, in each worker, after the fork."""
        return self._make_app()
