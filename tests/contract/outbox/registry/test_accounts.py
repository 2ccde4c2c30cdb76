"""Tokens, snapshots, mapping sets, hooks, processes: what all processes share besides leads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from bridge.model import EventState
from bridge.outbox import open_outbox
from bridge.outbox.inbox import record
from bridge.outbox.registry import (
    active_generation,
    active_mapping_set,
    heartbeat,
    identity,
    known_hook,
    last_events_by_hook,
    processes,
    register_hooks,
    reject_token,
    retry_token,
    snapshot,
    start_refresh,
    store_mapping_set,
    store_snapshot,
    store_token,
    store_token_failure,
    token,
)

if TYPE_CHECKING:
    from bridge.outbox import Outbox
    from tests.builders import OutboxDriver
    from tests.conftest import StillClock


def test_only_one_process_refreshes_a_token(outbox_url: str, outbox: Outbox, clock: StillClock) -> None:
    boxes = [open_outbox(outbox_url, clock=clock) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        started = list(pool.map(lambda box: start_refresh(box, "default", generation=0, lease_ms=30_000), boxes))
    for box in boxes:
        box.close()
    assert started.count(True) == 1
    assert store_token(outbox, "default", access="secret", expires_at=clock.now + 3_600_000, generation=0)
    assert not start_refresh(outbox, "default", generation=0, lease_ms=30_000), "that token was replaced"
    assert start_refresh(outbox, "default", generation=1, lease_ms=30_000)


def test_a_refresh_whose_process_died_can_be_started_again(outbox: Outbox, clock: StillClock) -> None:
    assert start_refresh(outbox, "default", generation=0, lease_ms=30_000)
    clock.pass_ms(29_999)
    assert not start_refresh(outbox, "default", generation=0, lease_ms=30_000)
    clock.pass_ms(1)
    assert start_refresh(outbox, "default", generation=0, lease_ms=30_000)


def test_a_token_stored_too_late_does_not_replace_the_newer_one(outbox: Outbox, clock: StillClock) -> None:
    assert store_token(outbox, "default", access="new", expires_at=clock.now, generation=0)
    assert not store_token(outbox, "default", access="old", expires_at=clock.now, generation=0)
    stored = token(outbox, "default")
    assert stored is not None
    assert (stored.access, stored.generation) == ("new", 1)
    assert "new" not in repr(stored)


def test_a_failed_refresh_is_remembered_and_not_repeated_too_soon(outbox: Outbox, clock: StillClock) -> None:
    assert token(outbox, "default") is None
    assert start_refresh(outbox, "default", generation=0, lease_ms=30_000)
    store_token_failure(outbox, "default", "invalid_code", permanent=True, retry_at=clock.now + 60_000)
    failed = token(outbox, "default")
    assert failed is not None
    assert (failed.access, failed.failure, failed.failure_permanent, failed.failed_at, failed.refreshing_until) == (
        "",
        "invalid_code",
        True,
        clock.now,
        None,
    )
    assert not start_refresh(outbox, "default", generation=0, lease_ms=30_000)
    clock.pass_ms(60_000)
    assert start_refresh(outbox, "default", generation=0, lease_ms=30_000)
    assert store_token(outbox, "default", access="secret", expires_at=clock.now, generation=0)
    stored = token(outbox, "default")
    assert stored is not None
    assert (stored.failure, stored.retry_at, stored.failure_permanent) == (None, None, False)


def test_a_refused_token_counts_as_ended_unless_it_was_replaced(outbox: Outbox, clock: StillClock) -> None:
    assert store_token(outbox, "default", access="first", expires_at=clock.now + 3_600_000, generation=0)
    _reject(outbox, generation=0)
    stored = token(outbox, "default")
    assert stored is not None
    assert stored.expires_at == clock.now + 3_600_000
    _reject(outbox, generation=1)
    stored = token(outbox, "default")
    assert stored is not None
    assert stored.expires_at == 0


def test_an_account_keeps_its_newest_snapshot(outbox: Outbox) -> None:
    assert snapshot(outbox, "default") is None
    store_snapshot(outbox, "default", b"[1]")
    store_snapshot(outbox, "agency", b"[9]")
    store_snapshot(outbox, "default", b"[2]")
    assert snapshot(outbox, "default") == b"[2]"


def test_the_mapping_set_active_is_the_last_one_stored(outbox: Outbox) -> None:
    assert active_mapping_set(outbox) is None
    first = store_mapping_set(outbox, b"one")
    second = store_mapping_set(outbox, b"two")
    assert active_mapping_set(outbox) == (second, b"two")
    assert store_mapping_set(outbox, b"two") == second
    assert active_generation(outbox) == (2, second)
    assert store_mapping_set(outbox, b"one") == first
    assert active_generation(outbox) == (3, first)


def test_a_hook_is_known_once_it_was_registered_or_received_something(outbox_url: str, driver: OutboxDriver) -> None:
    register_hooks(driver.outbox, ["form", "shop"])
    record(driver.outbox, driver.request(driver.event(), hook="page"))
    other = open_outbox(outbox_url)
    assert [known_hook(other, name) for name in ("form", "shop", "page", "nothing")] == [True, True, True, False]
    other.close()


def test_the_last_event_of_each_hook_is_known(driver: OutboxDriver, clock: StillClock) -> None:
    register_hooks(driver.outbox, ["silent"])
    record(driver.outbox, driver.request(driver.event()))
    clock.pass_ms(5)
    record(driver.outbox, driver.request(driver.event(state=EventState.IGNORED)))
    assert last_events_by_hook(driver.outbox) == {"form": clock.now, "silent": None}


def test_processes_seen_lately_are_listed(outbox: Outbox, clock: StillClock) -> None:
    heartbeat(outbox, role="receive", host="a", pid=1)
    clock.pass_ms(200_000)
    heartbeat(outbox, role="deliver", host="a", pid=2)
    heartbeat(outbox, role="receive", host="a", pid=1)
    assert [(one.role, one.seen_at) for one in processes(outbox)] == [
        ("deliver", clock.now),
        ("receive", clock.now),
    ]
    clock.pass_ms(300_001)
    assert processes(outbox) == ()


def test_the_identity_is_made_once(outbox: Outbox) -> None:
    first = identity(outbox)
    outbox.migrate()
    assert len(first) == 32
    assert identity(outbox) == first


def test_new_credentials_need_not_wait_for_the_failure_of_the_old_ones(outbox: Outbox, clock: StillClock) -> None:
    assert store_token(outbox, "default", access="old", expires_at=clock.now + 9, generation=0, fingerprint="a")
    for failures in (1, 2):
        store_token_failure(outbox, "default", "no", permanent=True, retry_at=clock.now + 60_000, fingerprint="a")
        stored = token(outbox, "default")
        assert stored is not None
        assert (stored.access, stored.failures, stored.fingerprint) == ("old", failures, "a")
    assert not start_refresh(outbox, "default", generation=1, lease_ms=30_000, fingerprint="a")
    assert start_refresh(outbox, "default", generation=1, lease_ms=30_000, fingerprint="b")
    store_token_failure(outbox, "default", "no", permanent=True, retry_at=clock.now + 60_000, fingerprint="b")
    stored = token(outbox, "default")
    assert stored is not None
    assert (stored.access, stored.failures) == ("", 1), "a token of other credentials may be one of another account"


def test_a_second_token_refused_soon_after_the_first_makes_it_quiet(outbox: Outbox, clock: StillClock) -> None:
    for generation, quiet in ((0, None), (1, clock.now + 600_000)):
        assert store_token(outbox, "default", access="x", expires_at=clock.now + 9_000, generation=generation)
        for _ in range(2):  # calls in flight at once meet the same refusal
            _reject(outbox, generation=generation + 1)
        stored = token(outbox, "default")
        assert stored is not None
        assert stored.retry_at == quiet
    last = token(outbox, "default")
    assert last is not None
    assert "data centre" in (last.failure or "")


def _reject(outbox: Outbox, *, generation: int) -> None:
    reject_token(outbox, "default", generation=generation, within_ms=300_000, quiet_ms=600_000)


def test_a_refusal_for_good_is_asked_again_when_a_person_asks_and_a_passing_one_is_not(
    outbox: Outbox, clock: StillClock
) -> None:
    for permanent in (True, False):
        store_token_failure(
            outbox, "default", "no", permanent=permanent, retry_at=clock.now + 3_600_000, fingerprint="a"
        )
        retry_token(outbox, "default")
        retry_token(outbox, "other")
        assert start_refresh(outbox, "default", generation=0, lease_ms=30_000, fingerprint="a") is permanent
        clock.pass_ms(30_001)
