"""The one place that puts real parts together. Tests put together others.

What only one kind of process holds is imported where it is opened: the supervisor and the commands that look need
neither mappings nor HTTP, which take 0.5 s to import.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bridge import config, log, outbox, tracing, zoho
from bridge.config.exposure import DURABLE, perishable
from bridge.delivery.account import Account, Limits, budget
from bridge.errors import OutboxUnavailableError
from bridge.model import DEFAULT_ACCOUNT
from bridge.outbox import lifecycle, registry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.config import Settings
    from bridge.delivery.scheduler import Deliverer
    from bridge.hooks.hook import Hooks
    from bridge.hooks.reload import LiveHooks
    from bridge.outbox import Outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """What a receiving process holds."""

    settings: Settings
    outbox: Outbox
    live: LiveHooks

    @property
    def hooks(self) -> Hooks:
        """The hooks active now."""
        return self.live.hooks


def configure_log(settings: Settings, *, part: str = "") -> None:
    """Set up logging as the settings ask for this part of the service."""
    level = settings.log_levels.get(part, settings.log_level)
    log.configure(level=level, addresses=settings.log_addresses)


def configure_traces(settings: Settings, *, part: str) -> None:
    """Trace in this process if the settings say so; after a fork. Raises LeadbridgeError."""
    if settings.traces:
        tracing.configure(part)


def prepare_outbox(settings: Settings) -> None:
    """Bring the outbox's tables up to this code before any part starts.

    Raises OutboxVersionError and OutboxMovedError, which no waiting fixes; an outbox that is away is only logged,
    since every part asks again when it needs it.
    """
    store = outbox.open_outbox(settings.database_url)
    if why := perishable(settings.database_url):
        log.get_logger().warning("outbox.perishable", error=why, fix=DURABLE)
    try:
        versions = store.migrate()
        if versions:
            log.get_logger().info("outbox.migrated", versions=versions)
        restored = lifecycle.settle_restored(store, _windows(settings))
        if restored:
            log.get_logger().warning(
                "outbox.restored", copied_at=log.shown_time(restored.copied_at), perhaps_sent_twice=restored.open_count
            )
    except OutboxUnavailableError as error:
        log.get_logger().error("outbox.unavailable", error=str(error))
    finally:
        store.close()


def _windows(settings: Settings) -> dict[tuple[str, str], tuple[int, int]]:
    """The calls of a window and its length in milliseconds, for every account and API."""
    apis = limits(settings)
    return {(account, name): (one.limit, one.window_ms) for account in settings.accounts for name, one in apis.items()}


def open_receiver(settings: Settings, environ: Mapping[str, str], *, reports: bool = True) -> Receiver:
    """The parts of a receiving process, which logs its mappings if it `reports`.

    A bad mapping or an outbox that is away does not stop it.
    """
    from bridge.hooks.reload import LiveHooks

    prepare_outbox(settings)
    store = outbox.open_outbox(settings.database_url)
    store.compress_bodies = settings.compress_bodies
    accounts, secret = tuple(settings.accounts), config.SecretReader(environ)
    live = LiveHooks(settings.mappings, secret, store, accounts=accounts, reports=reports)
    return Receiver(settings=settings, outbox=store, live=live)


def notify_reload(settings: Settings) -> None:
    """Ask every process on every host to read its mappings and secrets again. Raises OutboxError."""
    store = outbox.open_outbox(settings.database_url)
    try:
        registry.request_reload(store)
        log.get_logger().info("reload.asked")
    finally:
        store.close()


def open_account(settings: Settings, name: str = DEFAULT_ACCOUNT) -> Account:
    """One Zoho account of the settings. Raises LeadbridgeError when there is none of this name."""
    from bridge.http import Http

    if name not in settings.accounts:
        from bridge.documents import unknown_name

        known = ", ".join(settings.accounts)
        more = f"known: {known}; add it to LEADBRIDGE_ACCOUNTS"
        raise unknown_name("Zoho account", name, settings.accounts, more)
    zoho_settings = settings.accounts[name]
    return Account(
        name=name,
        zoho=zoho_settings,
        http=Http(proxy=zoho_settings.proxy or None, ca_file=zoho_settings.ca_bundle or None),
        limits=limits(settings),
        deliverer=registry.this_process(),
    )


def open_deliverer(settings: Settings) -> Deliverer:
    """The parts of a delivering process, for all accounts of the settings."""
    from bridge.delivery.scheduler import Deliverer

    prepare_outbox(settings)
    accounts = [open_account(settings, name) for name in settings.accounts]
    store = outbox.open_outbox(settings.database_url)
    with suppress(OutboxUnavailableError):  # logged already
        for account in accounts:
            registry.retry_token(store, account.name)
    return Deliverer(store, accounts)


def limits(settings: Settings) -> dict[str, Limits]:
    """What we allow ourselves at each API."""
    return {api.name: _limits(api, settings) for api in zoho.APIS.values()}


def _limits(api: zoho.Api, settings: Settings) -> Limits:
    scaled = {
        "subscribe": (settings.subscribe_calls, settings.subscribe_others),
        "trigger": (settings.trigger_calls, settings.trigger_others),
    }
    if not api.has_leads:
        return Limits(limit=api.limit, budget=api.budget, window_ms=api.window_ms, lock_ms=api.lock_ms)
    calls, others = scaled.get(api.name, (api.limit, 0))
    return Limits(
        limit=calls,
        budget=budget(calls, headroom_percent=settings.headroom_percent, others=others),
        window_ms=int(settings.window_seconds * 1000),
        lock_ms=int(settings.lock_seconds * 1000),
    )
