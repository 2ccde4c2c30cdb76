"""What can be looked at without Zoho: mappings, the outbox with its disk and clock, the deliverer, the public URL."""

from __future__ import annotations

import os
import shutil
import socket
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

from bridge import outbox
from bridge.config.exposure import DURABLE, file_system_of, perishable
from bridge.errors import NoAnswerError, OutboxError
from bridge.http import Http
from bridge.operations.alarms import low_below
from bridge.operations.alarms.inputs import running_deliverers
from bridge.operations.doctor.check import CLOCK_OFF_SECONDS, HTTP_SECONDS, Check, Mark
from bridge.operations.doctor.mappings import look_at_mappings
from bridge.operations.doctor.service import look_at_service
from bridge.outbox import engine, registry

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping

    from bridge.config import Settings
    from bridge.outbox import Outbox

    Finding = Generator["Check", None, Outbox | None]

COMMITS: Final = 15
SLOW_COMMIT_MS: Final = 25.0
NETWORK_FILE_SYSTEMS: Final = ("nfs", "cifs", "smb", "9p", "fuse.", "afs", "ceph", "gluster", "lustre")
"""SQLite's locks cannot be relied on there: https://www.sqlite.org/faq.html (question 5)."""


def look_locally(settings: Settings, environ: Mapping[str, str]) -> Finding:
    """What can be looked at without Zoho; returns the outbox if it can be used."""
    yield from look_at_mappings(settings, environ)
    store = yield from _outbox(settings)
    yield from _public_url(settings)
    return store


def _outbox(settings: Settings) -> Finding:
    """Whether events can be stored; returns the outbox if so."""
    yield from _file_system(settings.database_url)
    store = None
    try:
        store = outbox.open_outbox(settings.database_url)
        took = sorted(_timed(lambda: _commit(store)) for _ in range(COMMITS))
    except OutboxError as error:
        fix = "look at LEADBRIDGE_DATABASE_URL, its folder's owner, the disk or the database server"
        yield Check(name="outbox", mark=Mark.FAIL, detail=str(error), fix=fix)
        if store is not None:
            store.close()
        return None
    cost = f"a commit takes {median(took):.1f} ms (the slowest of {COMMITS}: {took[-1]:.1f} ms)"
    slow = median(took) > SLOW_COMMIT_MS
    fix = "use a faster disk: every webhook waits for a share of it" if slow else ""
    yield Check(name="outbox", mark=Mark.WARN if slow else Mark.OK, detail=f"{store.name}: {cost}", fix=fix)
    yield _durability(store)
    yield _clock(store)
    yield _deliverer(store)
    yield from look_at_service(store, settings)
    return store


def _durability(store: Outbox) -> Check:
    """Whether an answered webhook survives a power failure, by the database's settings."""
    weak = sorted(engine.weak_settings(store))
    if not weak:
        return Check(name="durability", mark=Mark.OK, detail="a commit is on disk before a webhook is answered")
    detail = f"a power failure of the database's host can lose answered webhooks: {', '.join(weak)} is not on"
    mark = Mark.WARN if weak == ["full_page_writes"] else Mark.FAIL  # some file systems never tear a page
    fix = "set it on in postgresql.conf; behind a pooler, for the role" if not store.is_file else "use a local disk"
    return Check(name="durability", mark=mark, detail=detail, fix=fix)


def _file_system(url: str) -> Iterator[Check]:
    if not url.startswith("sqlite:///"):
        return
    folder = Path(url.removeprefix("sqlite:///")).absolute().parent
    if not folder.is_dir():
        yield Check(name="disk", mark=Mark.FAIL, detail=f"there is no folder {folder}", fix="make or mount it")
        return
    if why := perishable(url):
        yield Check(name="disk", mark=Mark.WARN, detail=why, fix=DURABLE)
    kind = file_system_of(folder)
    if kind.startswith(NETWORK_FILE_SYSTEMS):
        fix = "put the file on a local disk, or use PostgreSQL: SQLite's locks do not hold over a network"
        yield Check(name="disk", mark=Mark.FAIL, detail=f"{folder} is on a network file system ({kind})", fix=fix)
    usage = shutil.disk_usage(folder)
    free, full = usage.free, usage.free < low_below(usage.total)
    fix = "free some: a full disk answers every webhook 503" if full else ""
    yield Check(name="disk", mark=Mark.WARN if full else Mark.OK, detail=f"{free / 1e9:.1f} GB free", fix=fix)


def _clock(store: Outbox) -> Check:
    off = abs(store.now() / 1000 - time.time())
    if off > CLOCK_OFF_SECONDS:
        detail = f"this host and the outbox differ by {off:.0f} s"
        return Check(name="clock", mark=Mark.WARN, detail=detail, fix="keep both in time with NTP")
    return Check(name="clock", mark=Mark.OK, detail="this host and the outbox agree")


def _deliverer(store: Outbox) -> Check:
    if running_deliverers(store, now=store.now()):
        return Check(name="deliverer", mark=Mark.OK)
    fix = "start `leadbridge serve`, or `leadbridge deliver`"
    return Check(name="deliverer", mark=Mark.WARN, detail="none is running: leads are stored, none is sent", fix=fix)


def _public_url(settings: Settings) -> Iterator[Check]:
    if not settings.public_url:
        fix = "set LEADBRIDGE_PUBLIC_URL, so that `leadbridge hooks` can show what to paste"
        yield Check(name="public url", mark=Mark.WARN, detail="it is not set", fix=fix)
        return
    with Http() as http:
        try:
            answer = http.send("GET", f"{settings.public_url}/livez", deadline_seconds=HTTP_SECONDS)
        except NoAnswerError as error:
            fix = "look at the name, the certificate, the proxy, and whether the service runs"
            yield Check(name="public url", mark=Mark.FAIL, detail=f"{settings.public_url}: {error}", fix=fix)
            return
    if answer.status == 200 and b'"live"' in answer.body:
        yield Check(name="public url", mark=Mark.OK, detail=settings.public_url)
        return
    detail = f"{settings.public_url}/livez answers {answer.status}, and not as Leadbridge does"
    yield Check(name="public url", mark=Mark.FAIL, detail=detail, fix="let the proxy pass /hooks/ and /livez to it")


def _commit(store: Outbox) -> None:
    registry.heartbeat(store, role="doctor", host=socket.gethostname(), pid=os.getpid())


def _timed(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return (time.perf_counter() - started) * 1000
