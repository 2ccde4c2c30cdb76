"""The part that delivers: deliveries, the fetching of answers, and maintenance in one process."""

from __future__ import annotations

import signal
import threading
from functools import cache
from typing import TYPE_CHECKING

from bridge import bootstrap, config, outbox
from bridge.enrichment.pipeline import Completer
from bridge.hooks.reload import LiveHooks
from bridge.http import Http
from bridge.operations.daily_reconciliation import DailyReconciliation
from bridge.operations.maintenance import Upkeep

if TYPE_CHECKING:
    from bridge.config import Settings


def run_deliverer(settings: Settings) -> None:
    """Deliver, fetch and maintain until SIGTERM."""
    stop = threading.Event()
    bootstrap.configure_traces(settings, part="deliverer")
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    Upkeep(outbox.open_outbox(settings.database_url), settings).start(stop)
    deliverer = bootstrap.open_deliverer(settings)
    open_reconciliation(settings).start(stop)
    completing = open_completer(settings).start(stop)
    try:
        deliverer.run(stop)
    finally:
        stop.set()  # a deliverer that broke must not be kept alive by the other thread
        completing.join()


def open_reconciliation(settings: Settings) -> DailyReconciliation:
    """What compares deliveries with Zoho's lists now and then."""
    accounts = {name: bootstrap.open_account(settings, name) for name in settings.accounts}
    return DailyReconciliation(outbox.open_outbox(settings.database_url), settings, accounts)


def open_completer(settings: Settings) -> Completer:
    """What fetches the answers of ids-only senders; the mappings are read when there is the first to fetch."""
    store = outbox.open_outbox(settings.database_url)
    secret = config.SecretReader(config.environment())

    @cache
    def live() -> LiveHooks:
        opened = LiveHooks(settings.mappings, secret, store, reports=False)
        opened.watch()
        return opened

    http = Http(proxy=settings.zoho.proxy or None, public_only=not settings.fetch_url)
    return Completer(store, lambda: live().hooks, secret, http, base_url=settings.fetch_url)
