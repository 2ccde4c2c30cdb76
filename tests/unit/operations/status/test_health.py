"""The report of /healthz where one service has several Zoho accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge import config, outbox
from bridge.bootstrap import Receiver
from bridge.hooks.reload import LiveHooks
from bridge.model import EventState, Kind, NewDelivery, NewEvent, NewRequest, SideEffect, Target
from bridge.operations.alarms import unwritable
from bridge.operations.status.health import report
from bridge.outbox import inbox, queue, registry

if TYPE_CHECKING:
    from pathlib import Path


def test_what_keeps_an_account_from_zoho_is_reported_of_each(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'outbox.db'}"
    environ = {"LEADBRIDGE_DATABASE_URL": url, "LEADBRIDGE_ACCOUNTS": "agency", "ZOHO_DATA_CENTER": "eu"}
    store = outbox.open_outbox(url)
    store.migrate()
    live = LiveHooks(tmp_path, lambda _: "", store)
    receiver = Receiver(settings=config.load(environ), outbox=store, live=live)
    now = store.now()
    for account in ("default", "agency"):
        registry.store_token_failure(store, account, f"no token for {account}", permanent=True, retry_at=now)
        _lock(store, account, now + 60_000)
    reported = report(receiver, now=now).as_json()
    store.close()
    assert reported["token"]["detail"] == "no token for default"
    assert reported["token of agency"]["detail"] == "no token for agency"
    assert not reported["subscribe lock"]["ok"]
    assert not reported["subscribe lock of agency"]["ok"]
    assert not [name for name in reported if "outage" in name], "that a lock is probed at its end is no outage"
    assert {alarm["name"] for alarm in reported["alarms"]} == {"deliverer_dead", "token_revoked", "lock"}


def test_an_outbox_that_is_away_is_an_alarm_in_the_words_of_all_other_places(tmp_path: Path) -> None:
    store = outbox.open_outbox(f"sqlite:///{tmp_path / 'outbox.db'}")
    store.migrate()
    receiver = Receiver(settings=config.load({}), outbox=store, live=LiveHooks(tmp_path, lambda _: "", store))
    now = store.now()
    store.close()
    for path in tmp_path.glob("outbox.db*"):
        path.unlink()
    (tmp_path / "outbox.db").mkdir()
    reported = report(receiver, now=now).as_json()
    (alarm,) = reported["alarms"]
    said = unwritable(reported["outbox"]["detail"])
    assert (alarm["name"], alarm["severity"], alarm["message"]) == (said.name, said.severity.value, said.message)
    assert alarm["fix"] == reported["outbox"]["fix"] == said.fix
    assert not reported["healthy"]


def _lock(store: outbox.Outbox, account: str, until: int) -> None:
    """As a call does that Zoho answers with its lock."""
    delivery = NewDelivery(
        action_no=1,
        lead="ada@example.com",
        target=Target(account=account, api="subscribe", list_key="1"),
        body=b'{"Lead Email":"ada@example.com"}',
    )
    event = NewEvent(key=account, item=0, kind=Kind.SUBMISSION, state=EventState.ACCEPTED, deliveries=(delivery,))
    request = NewRequest(
        hook="form",
        received_at=store.now(),
        body=b"{}",
        content_type="application/json",
        meta=b"{}",
        mapping_set_id=None,
        events=(event,),
    )
    inbox.record(store, request)
    window = 300_000
    call_id = queue.count_call(
        store, account=account, api="subscribe", budget=9, window_ms=window, call_ms=1, deliverer="d"
    )
    assert call_id is not None
    queue.finish(
        store,
        call_id=call_id,
        response=None,
        transitions=(),
        side_effect=SideEffect(locked_until=until, breaker_until=until),
        window_ms=window,
    )
