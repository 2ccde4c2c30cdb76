"""The demo's processes: the sandbox and the service, on free loopback ports, over a temporary outbox."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING, Any, Final

import orjson
from werkzeug.security import generate_password_hash

from bridge import config
from bridge.authoring.shipped_examples import EXAMPLES
from bridge.errors import LeadbridgeError, NoAnswerError
from bridge.http import Http, HttpAnswer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

START_SECONDS: Final = 120
HTTP_SECONDS: Final = 10

SECRET_NAMES: Final = (
    "TYPEFORM_SECRET",
    "WEBSITE_FORM_TOKEN",
    "JSON_BATCH_SECRET",
    "CALENDLY_SIGNING_KEY",
    "ELEMENTOR_TOKEN",
    "HUBSPOT_CLIENT_SECRET",
    "SHOPIFY_SECRET",
    "TALLY_SECRET",
)
"""Every secret that the examples name."""


CONSOLE_USER: Final = "demo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The running demo: where things are, and the hooks' secrets by their variables' names."""

    hooks_url: str
    admin_url: str
    sandbox_url: str
    database_url: str
    mappings: Path
    log: Path
    secrets: Mapping[str, str]
    http: Http
    console_url: str = ""
    console_password: str = field(default="", repr=False)
    service_pid: int = 0

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> HttpAnswer:
        """Post a webhook. Raises NoAnswerError."""
        return self.http.send("POST", self.hooks_url + path, body=body, headers=headers, deadline_seconds=HTTP_SECONDS)

    def zoho(self) -> dict[str, Any]:
        """What the sandbox holds."""
        answer = self.http.send("GET", f"{self.sandbox_url}/_sandbox/state", deadline_seconds=HTTP_SECONDS)
        state: dict[str, Any] = orjson.loads(answer.body)
        return state


@contextmanager
def stage(*, sandbox: Sequence[str] = (), settings: Mapping[str, str] | None = None) -> Iterator[Stage]:
    """Start everything, wait until it takes webhooks, and take it all down again.

    `sandbox` are further arguments for the sandbox, `settings` further settings for the service; they win over the
    demo's own. Raises LeadbridgeError when the service does not start.
    """
    with TemporaryDirectory(prefix="leadbridge-demo-") as folder, Http() as http:
        log = Path(folder) / "leadbridge.log"
        with log.open("wb") as log_file, _started(["sandbox", "--port", "0", *sandbox], log_file, pipe=True) as zoho:
            sandbox_url = _first_line(zoho)
            hooks_port, admin_port, console_port = _free_ports(3)
            ready = Stage(
                hooks_url=f"http://127.0.0.1:{hooks_port}",
                admin_url=f"http://127.0.0.1:{admin_port}",
                sandbox_url=sandbox_url,
                database_url=(settings or {}).get("LEADBRIDGE_DATABASE_URL", f"sqlite:///{folder}/leadbridge.db"),
                mappings=Path((settings or {}).get("LEADBRIDGE_MAPPINGS", EXAMPLES)),
                log=log,
                secrets={name: secrets.token_hex(16) for name in SECRET_NAMES},
                http=http,
                console_url=f"http://127.0.0.1:{console_port}",
                console_password=secrets.token_urlsafe(9),
            )
            with _started(["serve"], log_file, environ=_settings(ready) | dict(settings or {})) as service:
                _wait_until_ready(ready)
                yield replace(ready, service_pid=service.pid)
                http.close()  # else the service, when asked to stop, waits for more on the connections kept open


def _settings(ready: Stage) -> dict[str, str]:
    return {
        "LEADBRIDGE_DATABASE_URL": ready.database_url,
        "LEADBRIDGE_MAPPINGS": str(ready.mappings),
        "LEADBRIDGE_BIND": ready.hooks_url.removeprefix("http://"),
        "LEADBRIDGE_ADMIN_BIND": ready.admin_url.removeprefix("http://"),
        "LEADBRIDGE_CONSOLE_BIND": ready.console_url.removeprefix("http://"),
        "LEADBRIDGE_CONSOLE_USERS": f"{CONSOLE_USER}:admin:{generate_password_hash(ready.console_password)}",
        "ZOHO_ACCOUNTS_URL": ready.sandbox_url,
        "ZOHO_API_URL": ready.sandbox_url,
        "ZOHO_CLIENT_ID": "demo",
        "ZOHO_CLIENT_SECRET": "demo",
        "ZOHO_REFRESH_TOKEN": "demo",
        **ready.secrets,
    }


@contextmanager
def _started(
    arguments: list[str], log: IO[bytes], *, environ: Mapping[str, str] | None = None, pipe: bool = False
) -> Iterator[subprocess.Popen[bytes]]:
    """A `leadbridge` process, stopped in order at the end. Settings of the caller's own environment do not reach it."""
    ours = ("LEADBRIDGE_", "ZOHO_")
    inherited = {name: value for name, value in config.environment().items() if not name.startswith(ours)}
    inherited[config.SETTINGS_FILE] = ""
    lifeline, held_open = os.pipe()  # when this process is gone, however it went, the other stops
    process = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "bridge", *arguments, "--lifeline", str(lifeline)],
        stdout=subprocess.PIPE if pipe else log,
        stderr=log,
        env=inherited | dict(environ or {}),
        pass_fds=(lifeline,),
        start_new_session=True,  # Ctrl-C reaches this process alone, which then stops the others in order
    )
    os.close(lifeline)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()
        os.close(held_open)
        if process.stdout is not None:
            process.stdout.close()


def _first_line(process: subprocess.Popen[bytes]) -> str:
    line = process.stdout.readline() if process.stdout is not None else b""
    if not line:
        raise LeadbridgeError("the sandbox did not start")
    return line.decode().strip()


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(listener.getsockname()[1]) for listener in sockets]
    for listener in sockets:
        listener.close()
    return ports


def _wait_until_ready(ready: Stage) -> None:
    """Until it takes webhooks and shows the console. Raises LeadbridgeError when that takes too long."""
    deadline = time.monotonic() + START_SECONDS
    for url in (f"{ready.hooks_url}/readyz", f"{ready.console_url}/login"):
        while not _answers(ready.http, url):
            if time.monotonic() > deadline:
                tail = os.linesep.join(ready.log.read_text(errors="replace").splitlines()[-15:])
                message = f"the service was not ready within {START_SECONDS} seconds; the end of its log:\n{tail}"
                raise LeadbridgeError(message)
            time.sleep(0.1)


def _answers(http: Http, url: str) -> bool:
    try:
        return http.send("GET", url, deadline_seconds=HTTP_SECONDS).status == 200
    except NoAnswerError:
        return False
