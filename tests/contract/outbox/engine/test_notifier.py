"""Notifications: storing notifies the deliverer, in its own process and in others; a lost notification hurts nobody."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from bridge.delivery.wakeup import wake_on_notifications
from bridge.errors import OutboxUnavailableError
from bridge.operations.rejection_counter import Rejected
from bridge.outbox import open_outbox
from bridge.outbox.engine.write_lock import let_waits_be_ended
from bridge.outbox.inbox import rejections
from tests.builders import OutboxDriver
from tests.waiting import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from bridge.outbox import Outbox


def test_one_that_waits_is_woken_by_what_is_stored(outbox_url: str, driver: OutboxDriver) -> None:
    deliverer = open_outbox(outbox_url)
    assert not deliverer.wait_for_notification(0.05)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(deliverer.wait_for_notification, 20)
        driver.send()
        assert waiting.result()
    deliverer.close()


def test_many_notifications_before_one_listens_wake_it_once(outbox_url: str, driver: OutboxDriver) -> None:
    deliverer = open_outbox(outbox_url)
    deliverer.wait_for_notification(0)
    for _ in range(20):
        driver.send()
    assert deliverer.wait_for_notification(20)
    while deliverer.wait_for_notification(0.1):
        pass
    driver.send()
    assert deliverer.wait_for_notification(20)
    deliverer.close()


def test_notifications_without_a_listener_and_after_one_went_are_given_in_vain(
    outbox_url: str, driver: OutboxDriver
) -> None:
    driver.send()
    deliverer = open_outbox(outbox_url)
    deliverer.wait_for_notification(0)
    driver.send()
    deliverer.close()
    for _ in range(3):
        driver.send()
    again = open_outbox(outbox_url)
    again.wait_for_notification(0)
    driver.send()
    driver.send()
    assert again.wait_for_notification(20)
    again.close()


def test_the_owner_is_woken_until_it_stops(outbox: Outbox, driver: OutboxDriver) -> None:
    woken, stop = threading.Event(), threading.Event()
    outbox.wait_for_notification(0)
    thread = wake_on_notifications(outbox, woken.set, stop)
    driver.send()
    assert woken.wait(60)
    stop.set()
    thread.join(60)
    assert not thread.is_alive()


def test_closing_waits_for_who_listens(outbox: Outbox) -> None:
    outbox.wait_for_notification(0)
    with ThreadPoolExecutor(1) as pool:
        for _ in range(5):
            waiting = pool.submit(outbox.wait_for_notification, 0.2)
            wait_until(waiting.running)
            outbox.close()
            assert not waiting.result()


def test_a_closed_outbox_leaves_no_thread(outbox_url: str) -> None:
    before = set(threading.enumerate())
    let_waits_be_ended()
    outbox, other = open_outbox(outbox_url), open_outbox(outbox_url)
    for _ in range(2):
        OutboxDriver(outbox).send()
        rejected = Rejected(outbox, flush_seconds=600)
        rejected.note("form", "signature")
        with ThreadPoolExecutor(1) as pool:
            with other.write() as transaction:
                transaction.run("mark_checked", now=transaction.now())
                waiting = pool.submit(outbox.check)
                wait_until(waiting.running)
            waiting.result()
        assert {thread.name for thread in set(threading.enumerate()) - before} >= {"rejected"}
        outbox.close()
        other.close()
        assert not set(threading.enumerate()) - before
    assert sum(one.count for one in rejections(other, since=0)) == 2
    other.close()


def test_a_file_in_the_place_of_the_pipe_is_named(tmp_path: Path) -> None:
    outbox = open_outbox(f"sqlite:///{tmp_path / 'outbox.db'}")
    outbox.migrate()
    (tmp_path / "outbox.db.notify").write_text("")
    with pytest.raises(OutboxUnavailableError, match="not a named pipe"):
        outbox.wait_for_notification(0)
    outbox.notify()
    outbox.close()
