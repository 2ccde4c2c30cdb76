"""Structured logs: one canonical line per request, event, call and delivery that reached an end.

JSON lines on standard output; on a terminal text, coloured unless NO_COLOR is set (https://no-color.org). The names of
all events are declared here with their meaning; a name that is not declared cannot be logged. Addresses never appear:
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
from select import PIPE_BUF
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TextIO

import orjson
import structlog
from structlog.typing import FilteringBoundLogger as _FilteringBoundLogger

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Logger = _FilteringBoundLogger


class Line(NamedTuple):
    """A kind of log line: what it means, and the names of the fields it may carry, with spaces between."""

    description: str
    fields: str = ""


EVENTS: Final[Mapping[str, Line]] = {
    "service.started": Line("A part of the service runs.", "part pid"),
    "service.stopping": Line("A part was asked to stop and drains.", "parts"),
    "service.stopped": Line("A part ended."),
    "service.part_died": Line("A part ended by itself; it is started again.", "part exit_code"),
    "mappings.loaded": Line("The mapping files were read.", "folder hooks closed stale"),
    "mappings.unreadable": Line(
        "The folder of the mapping files cannot be read for now; the mappings in use stay so.", "folder error fix"
    ),
    "reload.asked": Line("Every process was asked to read its mappings and secrets again."),
    "mapping.rejected": Line(
        "A mapping file has problems and is not used; its last good text is, where there is one.",
        "hook file line column path problem fix last_good_in_use",
    ),
    "mapping.drifted": Line(
        "A form lacks a question that its mapping names; the closest one it asks is reported.",
        "hook question closest place",
    ),
    "preset.rejected": Line("A preset file has problems and is not used.", "file line path problem"),
    "hook.closed": Line(
        "A hook cannot take requests: its mapping is bad or one of its secrets is not set.", "hook problems"
    ),
    "hook.account_unknown": Line(
        "A hook's Zoho account is not in the settings: it takes requests, and its leads wait.", "hook problem fix"
    ),
    "hook.went_live": Line(
        "A draft went live. What it held back is sent only when a person says so, by the command named.", "hook fix"
    ),
    "request.answered": Line(
        "A webhook was taken, and answered with these states of its events.", "hook status duration_ms states"
    ),
    "handshake.answered": Line(
        "A sender's handshake was answered; nothing of it is stored.", "hook status duration_ms method"
    ),
    "request.rejected": Line(
        "A request was rejected; nothing of it was stored.", "hook status duration_ms why error hint client"
    ),
    "page.answered": Line("A health page was asked for; at level debug.", "page status"),
    "console.signed_in": Line("A person signed in to the console.", "actor client"),
    "console.rejected": Line("A sign-in to the console was rejected.", "client why"),
    "request.failed": Line(
        "A webhook could not be stored; the sender was asked to try again.", "hook status duration_ms error"
    ),
    "event.recorded": Line(
        "An event was stored with its state and its deliveries.",
        "hook event_id state reason kind lead_id deliveries duplicate update",
    ),
    "event.completed": Line(
        "What an event's sender left out was fetched, and the event mapped; or it was given up (refused).",
        "hook event_id state reason kind lead_id deliveries tries age_ms",
    ),
    "fetch.asked": Line(
        "A sender of ids only was asked for answers.", "event_id host step http_status result duration_ms"
    ),
    "fetch.failed": Line(
        "An event's answers could not be fetched; it is tried again.", "hook event_id error tries again_at"
    ),
    "fetch.paused": Line("A sender refuses the token: it is asked no more but for a probe.", "hook error variable fix"),
    "fetch.resumed": Line("A sender is asked for answers again.", "hook"),
    "fetch.token_unset": Line("Events wait for a token that is not set.", "hook variable fix"),
    "fetch.no_mapping": Line("Events wait for their answers, and this process has no mapping for them.", "hook fix"),
    "call.finished": Line(
        "A call to Zoho ended, with what it meant.",
        "account api call_id leads moved http_status code effect results duration_ms",
    ),
    "call.abandoned": Line(
        "A call was given up before it was sent: its deliverer had been paused for too long.", "account call_id"
    ),
    "delivery.delivered": Line(
        "A delivery reached Zoho.", "account api call_id delivery_id event_id lead_id result attempts age_ms"
    ),
    "delivery.died": Line(
        "A delivery was given up, with the reason.",
        "account api call_id delivery_id event_id lead_id result attempts age_ms reason code",
    ),
    "lane.held": Line(
        "A lane stopped because its configuration is wrong; its leads wait.",
        "account api call_id lane target reason probe_at",
    ),
    "lane.released": Line("A held lane goes on.", "account api call_id lane target"),
    "api.locked": Line(
        "Zoho closed an API; nothing is sent to it until the lock ends.",
        "account api call_id until budget limit calls_by_us calls_by_others",
    ),
    "api.failing": Line("An API fails by itself; it is probed until it answers.", "account api call_id until failures"),
    "api.recovered": Line("A failing API answers again.", "account api call_id"),
    "clock.jumped": Line(
        "The outbox's clock was set; after a jump ahead no call is made until the ledger is true again.",
        "by_ms calls_wait",
    ),
    "token.refreshed": Line("A new access token was obtained.", "account expires_in_s"),
    "token.failed": Line("No access token can be had.", "account error permanent"),
    "account.read": Line("The account's lists, journeys and fields were read.", "account lists journeys fields"),
    "account.unreadable": Line("The account could not be read, or a tag not be created.", "account error"),
    "tag.created": Line("A tag that a mapping wants (`create: true`) was created in Zoho.", "account tag"),
    "outbox.migrated": Line("The outbox has a new schema.", "versions"),
    "outbox.purged": Line("A round of purging ended, with how much went.", "bodies requests calls"),
    "outbox.restored": Line(
        "A copy of the outbox is used for the first time; what was open in it may be sent twice.",
        "copied_at perhaps_sent_twice",
    ),
    "outbox.unavailable": Line("The outbox cannot be read or written.", "error hook call_id event_id"),
    "alarm.raised": Line(
        "An alarm became active: what is wrong, its severity and the fix.",
        "alarm subject severity message fix since",
    ),
    "alarm.cleared": Line("An alarm ended.", "alarm subject severity"),
    "alarm.sent": Line(
        "Alarms were reported to a channel: webhook, slack, teams or mail.",
        "channel host message_id raised cleared error",
    ),
    "alarm.not_sent": Line("An alarm channel took no report; it is tried again.", "channel host message_id error"),
    "operator.acted": Line(
        "A person did something, at the command line or in the console; the audit has the same.",
        "actor source act subject count result",
    ),
    "job.failed": Line("A job could not go on; it is tried again.", "job act error"),
    "server.logged": Line("The web server has something to say about its processes.", "message error"),
    "library.logged": Line(
        "A library logged or warned; its text stands there without the values, which may be personal.",
        "logger message error",
    ),
    "code.broke": Line("Our own code failed; what it worked on is stored.", "error where hook file call_id account"),
}
"""Every line by its name. Each also has `event`, `level`, `timestamp` and, within a request, `request_id`."""

_request_id: Final[ContextVar[str]] = ContextVar("request_id", default="")
_kept: Final[ContextVar[list[bytes] | None]] = ContextVar("kept", default=None)
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
        line = _as_json(None, "info", _complete(None, "info", fields))
        kept = _kept.get()
        if kept is None:
            _write[0](line)
        else:
            kept.append(line)
    else:
        get_logger().info(event, **fields)


class Together:
    """What `info` gets within the block is written in one go at its end: a system call less for each line."""

    def __enter__(self) -> None:
        """Start to keep the lines of this thread."""
        _kept.set([])

    def __exit__(self, *_: object) -> None:
        """Write them, whatever happened."""
        lines = _kept.get() or []
        _kept.set(None)
        for piece in _pieces(lines):
            _write[0](piece)


def _pieces(lines: list[bytes]) -> Iterator[bytes]:
    """Whole lines in pieces that no other process can write into: a pipe takes no more at once."""
    piece: list[bytes] = []
    for line in lines:
        if piece and sum(map(len, piece)) + len(piece) + len(line) >= PIPE_BUF:
            yield b"\n".join(piece)
            piece = []
        piece.append(line)
    if piece:
        yield b"\n".join(piece)


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
        raise ValueError(f"the log event {line['event']!r} is not declared in bridge/log.py")
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
