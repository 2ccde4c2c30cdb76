"""The service as processes under one supervisor, which imports only what supervising needs."""

from __future__ import annotations

import os
import socket
import sys
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from bridge import bootstrap, config, metrics
from bridge.cli.service.supervisor import Part, supervise
from bridge.errors import LeadbridgeError

if TYPE_CHECKING:
    from bridge.config import Settings


def run_parts(*names: str, credentials: bool) -> None:
    """Run these parts under one supervisor until SIGTERM, then exit; `console` only where the settings have one.

    Raises LeadbridgeError before anything starts.
    """
    settings = settings_of(credentials=credentials)
    binds = {"receiver": ("LEADBRIDGE_BIND", settings.bind), "admin": ("LEADBRIDGE_ADMIN_BIND", settings.admin_bind)}
    if settings.console is not None:
        binds["console"] = ("LEADBRIDGE_CONSOLE_BIND", settings.console.bind)
    names = tuple(name for name in names if name != "console" or name in binds)
    for setting, bind in (binds[name] for name in names if name in binds):
        _refuse_taken(setting, bind)
    if "receiver" in names and not settings.mappings.is_dir():
        raise LeadbridgeError(
            f"LEADBRIDGE_MAPPINGS is {str(settings.mappings)!r}, and there is no such folder; make or mount it, "
            "or name the right one"
        )
    bootstrap.prepare_outbox(settings)
    parts = [Part(name=name, arguments=("part", name)) for name in names]
    with TemporaryDirectory(prefix="leadbridge-metrics-") as folder:
        environ = {metrics.FOLDER: folder} | dict(config.environment())
        code = supervise(parts, environ, on_hangup=lambda: bootstrap.notify_reload(settings))
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
