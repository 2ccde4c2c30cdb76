"""Named points between two steps of the product, at which a process of the crash harness can die or stop.

Nothing of this is in the product: the names are those of its queries, its commits and its calls, and the steps are
wrapped from outside. The harness writes the name of a point into the file `next`; the first process that passes that
point takes the file away and kills itself as SIGKILL does, with nothing flushed and nothing closed. With `stop` before
the name it stops itself instead, until it gets SIGCONT.
"""

from __future__ import annotations

import re
import signal
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SHORT_TIMES_MS = {
    "bridge.delivery.scheduler": {"SEND_MS": 1_000, "CALL_MS": 4_000, "LEASE_MS": 6_000},
    "bridge.delivery.send": {"CALL_MS": 4_000},
}
"""So that what a dead deliverer had claimed goes on within seconds."""

_WRITING = re.compile(r"\b(INSERT|UPDATE|DELETE)\b", re.IGNORECASE)


def arm(folder: str) -> None:
    """Wrap the product's steps."""
    import importlib

    passing = _Passing(Path(folder))
    _wrap_queries(passing)
    _wrap_commits(passing)
    _wrap_calls(passing)
    for module, times in SHORT_TIMES_MS.items():
        for name, value in times.items():
            setattr(importlib.import_module(module), name, value)


class _Passing:
    """Called with the name of a point each time it is passed."""

    def __init__(self, folder: Path) -> None:
        self._next = folder / "next"
        self._seen = folder / "seen"
        self._known: set[str] = set()

    def __call__(self, name: str) -> None:
        if name not in self._known:
            self._known.add(name)
            (self._seen / name).touch()
        try:
            wanted = self._next.read_text()
        except FileNotFoundError:
            return
        if wanted in (name, f"stop {name}"):
            with suppress(FileNotFoundError):
                self._next.rename(self._next.with_name("taken"))
                # To this thread: a stop that another thread takes lets this one go on for a moment.
                signal.pthread_kill(threading.get_ident(), signal.SIGKILL if wanted == name else signal.SIGSTOP)


def _wrap_queries(passing: Callable[[str], None]) -> None:
    """Before each named query that writes, and after it."""
    from bridge.outbox.engine.transaction import Transaction

    for method in ("row", "run", "run_many", "run_each", "run_rows"):
        setattr(Transaction, method, _around(getattr(Transaction, method), passing))


def _around(method: Callable[..., Any], passing: Callable[[str], None]) -> Callable[..., Any]:
    def around(self: Any, query: str, /, *arguments: Any, **named: Any) -> Any:
        writes = _WRITING.search(self._queries[query]) is not None
        if writes:
            passing(f"before {query}")
        result = method(self, query, *arguments, **named)
        if writes:
            passing(f"after {query}")
        return result

    return around


def _wrap_commits(passing: Callable[[str], None]) -> None:
    from bridge.outbox.engine.postgres import PostgresOutbox
    from bridge.outbox.engine.sqlite import SqliteOutbox

    for kind in (SqliteOutbox, PostgresOutbox):
        kind._to_write = _committing(kind._to_write, passing)  # type: ignore[method-assign]
        kind._to_write_batch = _committing(kind._to_write_batch, passing)  # type: ignore[method-assign]


def _committing(write: Callable[..., Any], passing: Callable[[str], None]) -> Any:
    @contextmanager
    def committing(self: Any, **how: Any) -> Iterator[Any]:
        with write(self, **how) as connection:
            yield connection
            passing("before commit")
        passing("after commit")

    return committing


def _wrap_calls(passing: Callable[[str], None]) -> None:
    """Around a call to Zoho, and between storing a webhook and answering it."""
    from bridge import zoho
    from bridge.delivery import scheduler as deliver
    from bridge.web import app

    for module, name in ((zoho, "send"), (deliver, "make_call"), (app, "receive")):
        setattr(module, name, _between(getattr(module, name), name, passing))


def _between(step: Callable[..., Any], name: str, passing: Callable[[str], None]) -> Callable[..., Any]:
    def between(*arguments: Any, **named: Any) -> Any:
        passing(f"before {name}")
        result = step(*arguments, **named)
        passing(f"after {name}")
        return result

    return between
