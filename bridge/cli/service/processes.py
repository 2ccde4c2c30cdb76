"""The service as processes: what each part runs, and the parts under one supervisor."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from functools import cache
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from bridge import bootstrap, config, metrics, outbox
from bridge.cli.service.supervisor import Part, supervise
from bridge.enrichment.pipeline import Completer
from bridge.errors import LeadbridgeError
from bridge.hooks.reload import LiveHooks
from bridge.http import Http
from bridge.operations.maintenance import Upkeep

if TYPE_CHECKING:
    from bridge.config import Settings


ADMIN_THREADS: Final = 4


def run_parts(*names: str, credentials: bool) -> None:
    """Run these parts under one supervisor until SIGTERM, then exit. Raises LeadbridgeError before anything starts."""
    settings = settings_of(credentials=credentials)
    binds = {"receiver": ("LEADBRIDGE_BIND", settings.bind), "admin": ("LEADBRIDGE_ADMIN_BIND", settings.admin_bind)}
    for setting, bind in (binds[name] for name in names if name in binds):
        _refuse_taken(setting, bind)
    bootstrap.prepare_outbox(settings)
    parts = [Part(name=name, arguments=("part", name)) for name in names]
    with TemporaryDirectory(prefix="leadbridge-metrics-") as folder:
        environ = {metrics.FOLDER: folder} | dict(config.environment())
        code = supervise(parts, environ, on_hangup=lambda: bootstrap.ring(settings))
    sys.exit(code)


def _refuse_taken(setting: str, bind: str) -> None:
    """Say at once that an address is taken, where gunicorn would go on trying. Raises LeadbridgeError."""
    host, _, port = bind.rpartition(":")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host.strip("[]"), int(port)), family=family).close()
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise LeadbridgeError(f"{setting} is {bind!r}, which cannot be listened on: {reason}") from error


def settings_of(part: str = "", *, credentials: bool) -> Settings:
    """The settings of this process, its log configured. Raises SettingsError."""
    settings = config.load(config.environment(), credentials=credentials)
    bootstrap.configure_log(settings, part=part)
    return settings


def run_deliverer(settings: Settings) -> None:
    """Deliver, fetch and maintain until SIGTERM."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    Upkeep(outbox.open_outbox(settings.database_url), settings).start(stop)
    deliverer = bootstrap.open_deliverer(settings)
    completing = open_completer(settings).start(stop)
    try:
        deliverer.run(stop)
    finally:
        stop.set()  # a deliverer that broke must not be kept alive by the other thread
        completing.join()


def open_completer(settings: Settings) -> Completer:
    """What fetches the answers of ids-only senders; the mappings are read when there is the first to fetch."""
    store = outbox.open_outbox(settings.database_url)
    secret = config.secret_reader(config.environment())

    @cache
    def live() -> LiveHooks:
        opened = LiveHooks(settings.mappings, secret, store)
        opened.watch()
        return opened

    http = Http(proxy=settings.zoho.proxy or None, public_only=not settings.fetch_url)
    return Completer(store, lambda: live().hooks, secret, http, base_url=settings.fetch_url)


def run_server(name: str, settings: Settings) -> None:
    """Serve `receiver` or `admin` over HTTP until SIGTERM."""
    from bridge.web import create_admin_app, create_app
    from bridge.web.server import Server

    if name == "admin":
        Server(create_admin_app, bind=settings.admin_bind, workers=1, threads=ADMIN_THREADS).run()
    Server(create_app, bind=settings.bind, workers=settings.workers, threads=settings.threads).run()
