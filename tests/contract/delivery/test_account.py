"""How long no token is asked for after Zoho refused one: longer each time, over restarts, on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from bridge import bootstrap, config, outbox, sandbox
from bridge.cli.main import leadbridge
from bridge.delivery.account import Account
from bridge.delivery.token import access_token
from bridge.errors import TokenError
from bridge.outbox import queue, registry
from bridge.sandbox import SandboxSettings
from tests.conftest import START, StillClock

if TYPE_CHECKING:
    from pathlib import Path

MINUTE_MS = 60_000


def _account(url: str) -> Account:
    credentials = dict.fromkeys(("ZOHO_CLIENT_ID", "ZOHO_CLIENT_SECRET", "ZOHO_REFRESH_TOKEN"), "sandbox")
    environ = {"ZOHO_ACCOUNTS_URL": url, "ZOHO_API_URL": url, **credentials}
    return bootstrap.open_account(config.load(environ, credentials=True))


def test_after_too_many_requests_it_is_quiet_for_10_20_40_and_60_minutes(outbox_url: str) -> None:
    clock = StillClock(START)
    with sandbox.running(SandboxSettings(tokens_per_window=0), clock=clock) as url:
        for failures, minutes in enumerate((10, 20, 40, 60, 60), 1):
            store = outbox.open_outbox(outbox_url, clock=clock)  # each time as a process that was just started
            store.migrate()
            _refused(_account(url), store)
            stored = registry.token(store, "default")
            assert stored is not None
            assert (stored.failures, stored.retry_at) == (failures, clock.now + minutes * MINUTE_MS)
            clock.pass_ms(minutes * MINUTE_MS - 1)
            _refused(_account(url), store)
            unasked = registry.token(store, "default")
            assert unasked is not None
            assert (unasked.failures, unasked.retry_at) == (stored.failures, stored.retry_at), "it asked too early"
            clock.pass_ms(1)
            store.close()


def test_a_code_that_is_exchanged_by_hand_counts_like_every_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = f"sqlite:///{tmp_path / 'outbox.db'}"
    with sandbox.running(SandboxSettings()) as url:
        for name, text in {"ZOHO_ACCOUNTS_URL": url, "ZOHO_API_URL": url, "LEADBRIDGE_DATABASE_URL": database}.items():
            monkeypatch.setenv(name, text)
        given = ("--client-id", "sandbox", "--client-secret", "sandbox", "--code", "once")
        first, again = (CliRunner().invoke(leadbridge, ["auth", *given]) for _ in range(2))
    assert (first.exit_code, bool(first.stdout.strip())) == (0, True)
    assert again.exit_code != 0, "a code is good once"
    store = outbox.open_outbox(database)
    assert len(queue.ledger(store, "default", "oauth").slots) == 2
    store.close()


def _refused(account: Account, store: outbox.Outbox) -> None:
    with pytest.raises(TokenError, match="too many requests"):
        access_token(account, store)
