"""Everything that has to be right for the service to work, looked at one by one: what is wrong, and what to do.

Nothing is changed but what each start would change too, and nothing needs to be set up already.
"""

from __future__ import annotations

import os
import shutil
import socket
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import StrEnum
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

from bridge import bootstrap, config, outbox
from bridge.authoring.check import check
from bridge.delivery.account import access_token, read_account
from bridge.errors import LeadbridgeError, NoAnswerError, OutboxError, SettingsError
from bridge.http import Http
from bridge.model import ParametersIn
from bridge.operations.alarms import DELIVERER_SILENT_MS, low_below
from bridge.operations.alarms.inputs import ROLE
from bridge.outbox import engine, operator, registry

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping

    from bridge.config import Settings
    from bridge.outbox import Outbox
    from bridge.zoho import Snapshot

    Finding = Generator["Check", None, Outbox | None]

COMMITS: Final = 15
SLOW_COMMIT_MS: Final = 25.0
CLOCK_OFF_SECONDS: Final = 5.0
HTTP_SECONDS: Final = 10.0
NETWORK_FILE_SYSTEMS: Final = ("nfs", "cifs", "smb", "9p", "fuse.", "afs", "ceph", "gluster", "lustre")
"""SQLite's locks cannot be relied on there: https://www.sqlite.org/faq.html (question 5)."""

MOUNTS: Final = Path("/proc/mounts")


class Mark(StrEnum):
    """How one thing stands."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    SKIP = "skip"
    """It could not be looked at because of something above."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at, and what to do about it."""

    name: str
    mark: Mark
    detail: str = ""
    fix: str = ""


def examine(environ: Mapping[str, str]) -> Iterator[Check]:
    """All checks, each as soon as it is known, the ones that others need first."""
    try:
        settings = config.load(environ, credentials=True)
        yield Check(name="settings", mark=Mark.OK)
    except SettingsError as error:
        for problem in error.problems:
            yield Check(name="settings", mark=Mark.FAIL, detail=problem.message, fix=problem.fix)
        try:
            settings = config.load(environ)
        except SettingsError:
            yield Check(name="everything else", mark=Mark.SKIP, detail="the settings come first")
            return
        store = yield from _local(settings, environ)
        if store is not None:
            store.close()
        yield Check(name="zoho", mark=Mark.SKIP, detail="without its settings it cannot be asked")
        return
    store = yield from _local(settings, environ)
    yield from _zoho(settings, environ, store)
    if store is not None:
        store.close()


def _local(settings: Settings, environ: Mapping[str, str]) -> Finding:
    """What can be looked at without Zoho; returns the outbox if it can be used."""
    yield from _mappings(settings, environ)
    store = yield from _outbox(settings)
    yield from _public_url(settings)
    return store


def _mappings(settings: Settings, environ: Mapping[str, str], account: Snapshot | None = None) -> Iterator[Check]:
    if not settings.mappings.is_dir():
        fix = "make it, or set LEADBRIDGE_MAPPINGS"
        yield Check(name="mappings", mark=Mark.FAIL, detail=f"there is no folder {settings.mappings}", fix=fix)
        return
    found = check(
        (settings.mappings,),
        secret=config.secret_reader(environ),
        secrets_are_needed=True,
        account=lambda _: account,
        accounts=tuple(settings.accounts),
    )
    if not found.files:
        fix = "`leadbridge new NAME --preset P` writes a first one"
        yield Check(name="mappings", mark=Mark.WARN, detail=f"{settings.mappings} holds no mapping", fix=fix)
    for problem in found.problems:
        place = ":".join(str(part) for part in (problem.file, problem.line) if part)
        mark = Mark.FAIL if problem.severity == "error" else Mark.WARN
        yield Check(name="mappings", mark=mark, detail=f"{place}: {problem.message}", fix=problem.fix)
    if found.files and not found.problems:
        yield Check(name="mappings", mark=Mark.OK, detail=f"{len(found.files)} read")


def _outbox(settings: Settings) -> Finding:
    """Whether events can be kept; returns the outbox if so."""
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
    kind = file_system_of(folder, MOUNTS.read_text() if MOUNTS.exists() else "")
    if kind.startswith(NETWORK_FILE_SYSTEMS):
        fix = "put the file on a local disk, or use PostgreSQL: SQLite's locks do not hold over a network"
        yield Check(name="disk", mark=Mark.FAIL, detail=f"{folder} is on a network file system ({kind})", fix=fix)
    usage = shutil.disk_usage(folder)
    free, full = usage.free, usage.free < low_below(usage.total)
    fix = "free some: a full disk answers every webhook 503" if full else ""
    yield Check(name="disk", mark=Mark.WARN if full else Mark.OK, detail=f"{free / 1e9:.1f} GB free", fix=fix)


def file_system_of(folder: Path, mounts: str) -> str:
    """The type of the file system a folder is on, by the text of /proc/mounts; empty if unknown."""
    best, kind = "", ""
    for line in mounts.splitlines():
        _, mounted, found, *_ = [*line.split(), "", "", ""]
        mounted = mounted.replace("\\040", " ")
        if len(mounted) >= len(best) and (folder == Path(mounted) or Path(mounted) in folder.parents):
            best, kind = mounted, found
    return kind


def _clock(store: Outbox) -> Check:
    off = abs(store.now() / 1000 - time.time())
    if off > CLOCK_OFF_SECONDS:
        detail = f"this host and the outbox differ by {off:.0f} s"
        return Check(name="clock", mark=Mark.WARN, detail=detail, fix="keep both in time with NTP")
    return Check(name="clock", mark=Mark.OK, detail="this host and the outbox agree")


def _deliverer(store: Outbox) -> Check:
    now = store.now()
    seen = [one.seen_at for one in registry.processes(store) if one.role == ROLE]
    if seen and now - max(seen) <= DELIVERER_SILENT_MS:
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


def _zoho(settings: Settings, environ: Mapping[str, str], store: Outbox | None) -> Iterator[Check]:
    if store is None:
        yield Check(name="zoho", mark=Mark.SKIP, detail="every call is counted in the outbox, which comes first")
        return
    for name in settings.accounts:
        account = bootstrap.open_account(settings, name)
        yield _zoho_clock(account.http, account.zoho.accounts_url)
        try:
            registry.retry_token(store, name)
            access_token(account, store)
            yield Check(name=f"token {name}", mark=Mark.OK)
        except LeadbridgeError as error:
            yield Check(name=f"token {name}", mark=Mark.FAIL, detail=str(error), fix="see `leadbridge auth`")
            continue
        try:
            snapshot = read_account(account, store)
        except LeadbridgeError as error:
            fix = "authorise again with lead.ALL, journey.CREATE and journey.READ: see `leadbridge auth --help`"
            yield Check(name=f"scopes {name}", mark=Mark.FAIL, detail=str(error), fix=fix)
            continue
        detail = f"{len(snapshot.lists)} lists, {len(snapshot.journeys)} open journeys, {len(snapshot.fields)} fields"
        detail += ", tags not known" if snapshot.tags is None else f", {len(snapshot.tags)} tags"
        apis = [one for one in operator.status(store).apis if one.account == name]
        in_url = [one.api for one in apis if one.parameters_in is ParametersIn.URL]
        detail += f"; takes parameters in the URL only: {', '.join(in_url)}" if in_url else ""
        yield Check(name=f"account {name}", mark=Mark.OK, detail=detail)
        yield from _fit(settings, environ, snapshot)


def _fit(settings: Settings, environ: Mapping[str, str], snapshot: Snapshot) -> Iterator[Check]:
    """What the mappings name and the account does not have any more."""
    alone = {(one.name, one.detail) for one in _mappings(settings, environ)}
    found = [one for one in _mappings(settings, environ, snapshot) if (one.name, one.detail) not in alone]
    yield from (Check(name="names", mark=one.mark, detail=one.detail, fix=one.fix) for one in found)
    if not found:
        yield Check(name="names", mark=Mark.OK, detail="every list, journey and field that a mapping names is there")


def _zoho_clock(http: Http, accounts_url: str) -> Check:
    try:
        answer = http.send("GET", accounts_url, deadline_seconds=HTTP_SECONDS)
        off = abs(parsedate_to_datetime(answer.headers["date"]).timestamp() - time.time())
    except NoAnswerError as error:
        fix = "look at the network, ZOHO_PROXY, ZOHO_CA_BUNDLE and ZOHO_DATA_CENTER"
        return Check(name="zoho", mark=Mark.FAIL, detail=f"{accounts_url}: {error}", fix=fix)
    except (KeyError, ValueError):
        return Check(name="zoho", mark=Mark.OK, detail=f"{accounts_url} answers")
    if off > CLOCK_OFF_SECONDS:
        detail = f"this host's clock and Zoho's differ by {off:.0f} s"
        return Check(name="zoho", mark=Mark.WARN, detail=detail, fix="keep this host in time with NTP")
    return Check(name="zoho", mark=Mark.OK, detail=f"{accounts_url} answers, and the clocks agree")


def _commit(store: Outbox) -> None:
    registry.heartbeat(store, role="doctor", host=socket.gethostname(), pid=os.getpid(), digest="")


def _timed(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return (time.perf_counter() - started) * 1000
