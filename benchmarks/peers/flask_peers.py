"""Under Flask and gunicorn's own threaded worker: the handler that does nothing, and the script that calls Zoho."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

import orjson

from benchmarks.peers.peer import HOST, Peer, PeerError, Running, free_port, processes
from benchmarks.peers.webhooks import SECRET
from bridge.http import Http
from bridge.sandbox import default_account

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WORKERS, THREADS = 2, 16
ANSWER_SECONDS: Final = 0.15
"""How long a call to Zoho is taken to last. Zoho says nothing about it: an assumption."""

_GUNICORN: Final = f"gunicorn, gthread, {WORKERS} workers of {THREADS} threads"


def bare() -> Peer:
    """The reference."""
    return Peer(
        name="bare Flask",
        setup=f"reads the body and forgets it; {_GUNICORN}",
        synced="nothing",
        start=_bare,
        is_killed=False,
    )


def inline_script() -> Peer:
    """The script against a Zoho that answers at once and has Zoho's limits."""
    return Peer(
        name="inline script",
        setup=f"signature, JSON, one Subscribe call to the sandbox, which has Zoho's limit; {_GUNICORN}",
        synced="at Zoho",
        start=partial(_inline, _Zoho(arguments=(), seconds=0)),
    )


def inline_script_without_limit() -> Peer:
    """The script against a Zoho without limits that takes a while to answer."""
    return Peer(
        name=f"inline script, no limit, Zoho takes {ANSWER_SECONDS * 1000:g} ms",
        setup="the same, but the sandbox has no limit and answers as late as an API on the internet may (assumed)",
        synced="at Zoho",
        start=partial(_inline, _Zoho(arguments=("--subscribe-calls", "1000000"), seconds=ANSWER_SECONDS)),
        is_killed=False,
    )


@contextmanager
def _bare(folder: Path) -> Iterator[Running]:
    port = free_port()
    with processes(_gunicorn(port, "benchmarks.receive.bare:create_app()"), port, folder) as group:
        yield Running(port=port, group=group, stored=set)


@contextmanager
def _inline(zoho: _Zoho, folder: Path) -> Iterator[Running]:
    port = free_port()
    with zoho.running() as url, Http() as http:
        environ = {
            "TYPEFORM_SECRET": SECRET,
            "ZOHO_URL": url,
            "ZOHO_LIST_KEY": default_account().lists[0].key,
            "ZOHO_CLIENT_ID": "id",
            "ZOHO_CLIENT_SECRET": "secret",
            "ZOHO_REFRESH_TOKEN": "token",
        }
        command = _gunicorn(port, "benchmarks.peers.inline_script:app")
        with processes(command, port, folder, environ=environ) as group:
            yield Running(port=port, group=group, stored=partial(_leads, http, url))


def _gunicorn(port: int, application: str) -> list[str]:
    options = ["--worker-class", "gthread", "--workers", str(WORKERS), "--threads", str(THREADS)]
    return [sys.executable, "-m", "gunicorn", *options, "--no-control-socket", "--bind", f"{HOST}:{port}", application]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Zoho:
    """A sandbox: what it is started with, and how long each Subscribe call takes."""

    arguments: tuple[str, ...]
    seconds: float

    @contextmanager
    def running(self) -> Iterator[str]:
        command = [sys.executable, "-m", "bridge", "sandbox", "--port", "0", *self.arguments]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert process.stdout is not None
        try:
            url = process.stdout.readline().decode().strip()
            self._slow_down(url)
            yield url
        finally:
            process.terminate()
            process.wait()
            process.stdout.close()

    def _slow_down(self, url: str) -> None:
        if not self.seconds:
            return
        fault = orjson.dumps({"kind": "slow", "api": "subscribe", "seconds": self.seconds})
        headers = {"Content-Type": "application/json"}
        with Http() as http:
            answer = http.send("POST", f"{url}/_sandbox/faults", body=fault, headers=headers, deadline_seconds=10)
        if answer.status != 200:
            raise PeerError(f"the sandbox refused to be slow: {answer.body.decode()}")


def _leads(http: Http, url: str) -> set[str]:
    """The ids of the people in the list: the names in their addresses."""
    state = orjson.loads(http.send("GET", f"{url}/_sandbox/state", deadline_seconds=30).body)
    return {address.partition("@")[0] for address in state["leads"][default_account().lists[0].name]}
