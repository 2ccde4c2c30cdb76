from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from bridge.errors import OutboxUnavailableError
from bridge.outbox.engine import write_lock as writers_lock
from bridge.outbox.engine.write_lock import WritersLock

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True, params=["by a signal", "by asking again"])
def ending(request: pytest.FixtureRequest) -> Iterator[None]:
    """How overdue waits are ended."""
    before = signal.getsignal(writers_lock.SIGNAL)
    signal.signal(writers_lock.SIGNAL, signal.SIG_IGN)
    if request.param == "by a signal":
        writers_lock.let_waits_be_ended()
    assert writers_lock.waits_can_be_ended() == (request.param == "by a signal")
    yield
    signal.signal(writers_lock.SIGNAL, before)


def test_two_holders_exclude_each_other(tmp_path: Path) -> None:
    first, second = WritersLock(tmp_path / "lock"), WritersLock(tmp_path / "lock")
    with first.held(1), pytest.raises(OutboxUnavailableError), second.held(0.02):
        pass
    with second.held(1):
        pass


def test_the_threads_of_one_process_exclude_each_other(tmp_path: Path) -> None:
    lock = WritersLock(tmp_path / "lock")
    refused: list[OutboxUnavailableError] = []

    def try_it() -> None:
        try:
            with lock.held(0.02):
                pass
        except OutboxUnavailableError as error:
            refused.append(error)

    with lock.held(1):
        thread = threading.Thread(target=try_it)
        thread.start()
        thread.join()
    assert len(refused) == 1


def test_a_thread_that_waits_for_another_process_gives_up_in_time(tmp_path: Path) -> None:
    first, second = WritersLock(tmp_path / "lock"), WritersLock(tmp_path / "lock")
    given_up = threading.Event()

    def try_it() -> None:
        with pytest.raises(OutboxUnavailableError, match=r"more than 0\.02 s"), second.held(0.02):
            pass
        given_up.set()

    with first.held(1):
        for _ in range(3):
            thread = threading.Thread(target=try_it)
            thread.start()
            thread.join(60)
            assert given_up.is_set()
            given_up.clear()
    with second.held(1):
        pass


def test_one_that_waits_gets_the_lock_when_it_is_free(tmp_path: Path) -> None:
    first, second = WritersLock(tmp_path / "lock"), WritersLock(tmp_path / "lock")
    order: list[str] = []
    waiting = threading.Event()

    def wait_for_it() -> None:
        waiting.set()
        with second.held(10):
            order.append("second")

    with first.held(1):
        thread = threading.Thread(target=wait_for_it)
        thread.start()
        waiting.wait(10)
        order.append("first")
    thread.join(60)
    assert order == ["first", "second"]


def test_one_that_gave_up_does_not_keep_the_lock_when_it_comes(tmp_path: Path) -> None:
    first, second, third = (WritersLock(tmp_path / "lock") for _ in range(3))
    with first.held(1):
        for _ in range(3):
            with pytest.raises(OutboxUnavailableError), second.held(0.01):
                pass
    with third.held(10):
        pass
    with second.held(10):
        pass


def test_it_is_free_again_after_an_error_inside(tmp_path: Path) -> None:
    lock, other = WritersLock(tmp_path / "lock"), WritersLock(tmp_path / "lock")
    with pytest.raises(RuntimeError), lock.held(1):
        raise RuntimeError
    with lock.held(1):
        pass
    with other.held(1):
        pass
