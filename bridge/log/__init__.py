"""Structured logs: one canonical line per request, event, call and delivery that reached an end.

JSON lines on standard output; on a terminal text, coloured unless NO_COLOR is set (https://no-color.org). The names of
all events are declared in `lines.py`; a name that is not declared cannot be logged. Addresses never appear:
a keyed lead id stands in their place.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, TextIO

import orjson
import structlog
from structlog.typing import FilteringBoundLogger as _FilteringBoundLogger

from bridge.log.lines import EVENTS, Line

if TYPE_CHECKING:
    from collections.abc import Mapping

Logger = _FilteringBoundLogger


_request_id: Final[ContextVar[str]] = ContextVar("request_id", default="")
_ready: Final[list[Any]] = []
"""The logger that all others are made from, once `configure` was called: making it again costs more than a line."""

_write: Final[list[Any]] = []
"""How `info` writes JSON lines, where it does."""

_shown: Final = {"addresses": False}

LEVELS: Final = ("debug", "info", "warning", "error", "critical")


def configure(*, level: str = "info", stream: TextIO | None = None, addresses: bool = False) -> None:
    """Set up logging for this process, to standard output unless another stream is given.

    With `addresses`, a lead is named by its whole address in place of its lead id.

    JSON lines, each in one write so that lines of several threads never mix; coloured text on a terminal.
    """
    out = stream or sys.stdout
    for_people = out.isatty()
    structlog.configure(
        processors=[_complete, *_renderers(for_people)],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(out) if for_people else structlog.BytesLoggerFactory(out.buffer),
        cache_logger_on_first_use=False,
    )
    _ready[:] = [structlog.get_logger().bind()]
    at_info = LEVELS.index(level) <= LEVELS.index("info")
    _write[:] = [structlog.BytesLogger(out.buffer).msg] if at_info and not for_people else []
    _shown["addresses"] = addresses
    _listen_to_libraries()


class _Libraries(logging.Handler):
    """What libraries tell Python's own `logging`, as lines of this log."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one: the text as it stands in the library's code, since what is filled in may be personal."""
        warned = record.args[0] if record.name == "py.warnings" and isinstance(record.args, tuple) else ""
        text = str(warned).partition("\n")[0] if warned else str(record.msg)
        error = record.exc_info[0] if record.exc_info else None
        more = {"error": error.__name__} if error else {}
        write = get_logger().error if record.levelno >= logging.ERROR else get_logger().warning
        write("library.logged", logger=record.name, message=text, **more)


def _listen_to_libraries() -> None:
    logging.getLogger("urllib3").setLevel(logging.ERROR)  # below, it names whole URLs, and people may stand in them
    root = logging.getLogger()
    if not any(isinstance(handler, _Libraries) for handler in root.handlers):
        root.addHandler(_Libraries(level=logging.WARNING))
        logging.captureWarnings(capture=True)


def get_logger(**fields: Any) -> Logger:
    """A logger whose lines all carry the given fields."""
    ready = structlog.is_configured() and _ready
    logger: Logger = ready[0].bind(**fields) if ready else structlog.get_logger(**fields)
    return logger


def info(event: str, **fields: Any) -> None:
    """One line at level info, as `get_logger(...).info(...)` writes it, for what is written at every webhook."""
    if structlog.is_configured() and _write:
        fields["event"] = event
        _write[0](_as_json(None, "info", _complete(None, "info", fields)))
    else:
        get_logger().info(event, **fields)


def start_request(request_id: str) -> None:
    """From now on every line of this thread carries the id of this request."""
    _request_id.set(request_id)


def lead_id(key: bytes, lead: str) -> str:
    """The pseudonym for a lead's address in logs: stable for one outbox, worthless without its key.

    It is a keyed BLAKE2 (RFC 7693), so the key has at most 64 bytes; it takes a third of an HMAC's time. Where
    `configure` was called to show addresses, it is the address itself.
    """
    return lead if not lead or _shown["addresses"] else pseudonym(key, lead)


def pseudonym(key: bytes, lead: str) -> str:
    """The lead id, whatever the settings of the log are."""
    return "lead_" + hashlib.blake2b(lead.encode("utf-8", "surrogatepass"), key=key, digest_size=8).hexdigest()


def undeclared(line: Mapping[str, Any]) -> set[str]:
    """The fields of a written line that its declaration does not have."""
    declared = EVENTS.get(str(line["event"]), Line("")).fields.split()
    return set(line) - {"event", "level", "timestamp", "request_id", *declared}


def shown_time(at: int | None) -> str | None:
    """A time in ms UTC as lines have it: `2026-03-04T15:00:00.000Z`."""
    if at is None:
        return None
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def broke(error: Exception, **fields: Any) -> str:
    """Log that our own code failed, and return where. The error's text is left out: it may hold personal data."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{place.filename.rpartition('/bridge/')[2]}:{place.lineno}"
    get_logger().error("code.broke", error=type(error).__name__, where=where, **fields)
    return where


def _complete(_: Any, level: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Add the request, the level and the time; refuse a name that is not declared."""
    if line["event"] not in EVENTS:
        raise ValueError(f"the log event {line['event']!r} is not declared in bridge/log/lines.py")
    request_id = _request_id.get()
    if request_id:
        line["request_id"] = request_id
    line["level"] = level
    line["timestamp"] = datetime.now(UTC)
    return line


def _renderers(for_people: bool) -> list[Any]:
    if for_people:
        return [_for_people, structlog.dev.ConsoleRenderer(colors=not os.environ.get("NO_COLOR"))]
    return [_as_json]


def _for_people(_: Any, __: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """The time written out, and no text that a terminal would obey."""
    line["timestamp"] = f"{line['timestamp']:%Y-%m-%dT%H:%M:%S.%fZ}"
    return {name: _CONTROL.sub(_escaped, value) if isinstance(value, str) else value for name, value in line.items()}


_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""Control characters (C0, DEL, C1), line separators, and bidirectional marks, overrides and isolates (UTR 36)."""


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


def _as_json(_: Any, __: str, line: structlog.typing.EventDict) -> bytes:
    """The time is written here too, as RFC 3339 has it: for a fifth of what `datetime` itself takes.

    Control characters that JSON lets stand raw are escaped: a log is read on terminals, too.
    """
    text = orjson.dumps(line, default=str, option=orjson.OPT_UTC_Z)
    if text.isascii() and b"\x7f" not in text:
        return text
    return _CONTROL.sub(_escaped, text.decode()).encode()
