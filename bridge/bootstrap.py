"""The one place that puts real parts together. Tests put together others."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bridge import config, log, outbox, zoho
from bridge.account import Account, Limits, budget
from bridge.deliver import Deliverer
from bridge.errors import OutboxUnavailableError
from bridge.hooks import load_hooks, load_presets
from bridge.http import Http
from bridge.model import DEFAULT_ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.config import Settings
    from bridge.outbox import Outbox
    from bridge.receive import Hooks

SCALED_APIS: Final = ("subscribe", "trigger")
"""The APIs whose limits the settings can scale, to match a sandbox."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """What a receiving process holds."""

    settings: Settings
    outbox: Outbox
    hooks: Hooks


def prepare_outbox(settings: Settings) -> None:
    """Bring the outbox's tables up to this code before any part starts.

    Raises OutboxVersionError and OutboxMovedError, which no waiting mends; an outbox that is away is only logged,
    since every part asks again when it needs it.
    """
    store = outbox.open_outbox(settings.database_url)
    try:
        versions = store.migrate()
        if versions:
            log.get_logger().info("outbox.migrated", versions=versions)
    except OutboxUnavailableError as error:
        log.get_logger().error("outbox.unavailable", error=str(error))
    finally:
        store.close()


def open_receiver(settings: Settings, environ: Mapping[str, str]) -> Receiver:
    """The parts of a receiving process. A bad mapping or an outbox that is away does not stop it."""
    prepare_outbox(settings)
    store = outbox.open_outbox(settings.database_url)
    hooks = load_hooks(settings.mappings, load_presets(), config.secret_reader(environ), store)
    return Receiver(settings=settings, outbox=store, hooks=hooks)


def open_account(settings: Settings) -> Account:
    """The Zoho account of the settings."""
    return Account(
        name=DEFAULT_ACCOUNT,
        zoho=settings.zoho,
        http=Http(proxy=settings.zoho.proxy or None, ca_file=settings.zoho.ca_bundle or None),
        limits={api.name: _limits(api, settings) for api in zoho.APIS.values()},
        deliverer=f"{socket.gethostname()}:{os.getpid()}",
    )


def open_deliverer(settings: Settings) -> Deliverer:
    """The parts of a delivering process."""
    prepare_outbox(settings)
    return Deliverer(outbox.open_outbox(settings.database_url), [open_account(settings)])


def _limits(api: zoho.Api, settings: Settings) -> Limits:
    if api.name not in SCALED_APIS:
        return Limits(budget=api.budget, window_ms=api.window_ms, lock_ms=api.lock_ms)
    calls = settings.trigger_calls if api.name == "trigger" else settings.subscribe_calls
    return Limits(
        budget=budget(calls),
        window_ms=int(settings.window_seconds * 1000),
        lock_ms=int(settings.lock_seconds * 1000),
    )
