"""Several Zoho accounts in one service: everything apart, and a slow one delays no other."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import orjson

from bridge import bootstrap, config, outbox, sandbox
from bridge.delivery.scheduler import Deliverer
from bridge.http import Http
from bridge.model import DeliveryState, EventState, Kind, NewDelivery, NewEvent, NewRequest
from bridge.outbox import inbox, operator, queue, registry
from bridge.sandbox import SandboxSettings
from tests.contract.simulated.conftest import NEWSLETTER

if TYPE_CHECKING:
    from pathlib import Path

    from bridge.model import Target
    from bridge.outbox import Outbox

AGENCY = replace(NEWSLETTER, account="agency")
CREDENTIALS = ("CLIENT_ID", "CLIENT_SECRET", "REFRESH_TOKEN")


def test_an_account_that_does_not_answer_delays_no_other(tmp_path: Path) -> None:
    released = threading.Event()
    with (
        sandbox.running(SandboxSettings()) as url,
        sandbox.running(SandboxSettings(), sleep=lambda _: _wait(released)) as slow_url,
    ):
        store = outbox.open_outbox(f"sqlite:///{tmp_path / 'a.db'}")
        store.migrate()
        deliverer = _deliverer(store, url, slow_url)
        _make_slow(slow_url)
        stop = threading.Event()
        runner = threading.Thread(target=deliverer.run, args=(stop,))
        runner.start()
        try:
            _record(store, [f"slow{number}@example.com" for number in range(5)], AGENCY)
            quick = [f"quick{number}@example.com" for number in range(5)]
            _record(store, quick, NEWSLETTER)
            _wait_until(store, quick)
            assert not _delivered(store, ["slow0@example.com"]), "the slow account has not answered yet"
        finally:
            released.set()
            _wait_until(store, [f"slow{number}@example.com" for number in range(5)])
            stop.set()
            runner.join(60)
    ledgers = [queue.ledger(store, account, "subscribe") for account in ("default", "agency")]
    assert [len(ledger.slots) for ledger in ledgers] == [5, 5]
    tokens = [registry.token(store, account) for account in ("default", "agency")]
    assert len({token.fingerprint for token in tokens if token}) == 2
    store.close()


def _deliverer(store: Outbox, url: str, slow_url: str) -> Deliverer:
    settings = {"LEADBRIDGE_ACCOUNTS": "agency"}
    for prefix, host in (("ZOHO_", url), ("ZOHO_AGENCY_", slow_url)):
        settings |= {f"{prefix}{part}": prefix for part in CREDENTIALS}
        settings |= {f"{prefix}ACCOUNTS_URL": host, f"{prefix}API_URL": host}
    loaded = config.load(settings, credentials=True)
    return Deliverer(store, [bootstrap.open_account(loaded, name) for name in loaded.accounts])


def _make_slow(url: str) -> None:
    body = orjson.dumps({"kind": "slow", "seconds": 25, "api": "subscribe"})
    with Http() as http:
        answer = http.send(
            "POST",
            f"{url}/_sandbox/faults",
            body=body,
            headers={"Content-Type": "application/json"},
            deadline_seconds=60,
        )
    assert answer.status == 200


def _record(store: Outbox, addresses: list[str], target: Target) -> None:
    events = tuple(
        NewEvent(
            item=0,
            kind=Kind.SUBMISSION,
            state=EventState.ACCEPTED,
            key=address,
            lead=address,
            deliveries=(
                NewDelivery(action_no=1, target=target, lead=address, body=orjson.dumps({"Lead Email": address})),
            ),
        )
        for address in addresses
    )
    request = NewRequest(
        hook="form",
        received_at=store.now(),
        body=b"{}",
        content_type="application/json",
        meta=b"{}",
        mapping_set_id=None,
        events=events,
    )
    inbox.record(store, request)


def _wait_until(store: Outbox, leads: list[str]) -> None:
    """Until all are delivered; an event that is never set serves as a clock that a test can leave."""
    for _ in range(200):
        if _delivered(store, leads):
            return
        threading.Event().wait(0.1)
    raise AssertionError("they were not delivered")


def _delivered(store: Outbox, leads: list[str]) -> bool:
    stories = [operator.find_events(store, lead=lead)[0].deliveries[0] for lead in leads]
    return all(story.state is DeliveryState.DELIVERED for story in stories)


def _wait(released: threading.Event) -> None:
    released.wait(60)
