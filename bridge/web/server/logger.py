"""gunicorn's log lines as lines of the service's own log, without anything of a request in them.

Under a gunicorn of one's own: --logger-class bridge.web.server.logger.Logger.
"""

from __future__ import annotations

import sys
from typing import Any, Final

import structlog
from gunicorn.glogging import Logger as GunicornLogger

from bridge import log, metrics

_REFUSED: Final = "Invalid request from"
"""How gunicorn's own workers begin the line of what is no HTTP; the rest is the request's text."""

_ABOUT_A_REQUEST: Final = (_REFUSED, "Error handling request")


class Logger(GunicornLogger):
    """Writes what gunicorn says about its processes; of what it says about requests, the kind of error alone."""

    def setup(self, cfg: Any) -> None:
        """Start, in the master; each worker's application configures the log once more."""
        super().setup(cfg)
        if not structlog.is_configured():
            log.configure(level=cfg.loglevel)

    def critical(self, msg: Any, *args: Any, **kwargs: Any) -> None:
        """A line at level critical."""
        _write("critical", msg, args, kwargs)

    def error(self, msg: Any, *args: Any, **kwargs: Any) -> None:
        """A line at level error."""
        _write("error", msg, args, kwargs)

    def warning(self, msg: Any, *args: Any, **kwargs: Any) -> None:
        """A line at level warning."""
        _write("warning", msg, args, kwargs)

    def info(self, msg: Any, *args: Any, **kwargs: Any) -> None:
        """A line at level debug: gunicorn logs each start and end of a process, as the service does itself."""
        _write("debug", msg, args, kwargs)

    def debug(self, msg: Any, *args: Any, **kwargs: Any) -> None:
        """Nothing: its lines hold settings and request texts."""

    def exception(self, msg: Any, *args: Any, **kwargs: Any) -> None:
        """A line at level error, with the kind of the current exception."""
        _write("error", msg, args, {"exc_info": True} | kwargs)

    def log(self, lvl: Any, msg: Any, *args: Any, **kwargs: Any) -> None:
        """A line at a level given by its name or number."""
        _write("error" if str(lvl).lower() in ("error", "critical", "40", "50") else "debug", msg, args, kwargs)


def _write(level: str, msg: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    text, error = str(msg), sys.exc_info()[0] if kwargs.get("exc_info") else None
    if text.startswith(_REFUSED):
        metrics.count(metrics.REQUESTS, "", "400")
        metrics.count(metrics.REJECTED, "", "malformed")
        fields: dict[str, Any] = {"hook": "", "status": 400, "why": "malformed", "error": "not HTTP"}
        log.get_logger().warning("request.rejected", **fields)
        return
    if args and not text.startswith(_ABOUT_A_REQUEST):
        text = text % args
    more = {"error": error.__name__} if error else {}
    getattr(log.get_logger(), level)("server.logged", message=text.rstrip(), **more)
