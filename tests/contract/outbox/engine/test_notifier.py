"""Notifications: storing notifies the deliverer, in its own process and in others; a lost notification hurts nobody."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from bridge.delivery.wakeup import wake_on_notifications
from bridge.errors import OutboxUnavailableError
from bridge.outbox import open_outbox

if TYPE_CHECKING:
    from pathlib import Path

    from bridge.outbox import Outbox
    from tests.builders import OutboxDriver


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


def test_a_file_in_the_place_of_the_pipe_is_named(tmp_path: Path) -> None:
    outbox = open_outbox(f"sqlite:///{tmp_path / 'outbox.db'}")
    outbox.migrate()
    (tmp_path / "outbox.db.notify").write_text("")
    with pytest.raises(OutboxUnavailableError, match="not a named pipe"):
        outbox.wait_for_notification(0)
    outbox.notify()
    outbox.close()
