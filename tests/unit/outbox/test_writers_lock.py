from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from bridge.errors import OutboxUnavailableError
from bridge.outbox.writers_lock import WritersLock

if TYPE_CHECKING:
    from pathlib import Path


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
    thread.join(10)
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


def test_many_of_several_processes_all_get_their_turns(tmp_path: Path) -> None:
    locks = [WritersLock(tmp_path / "lock") for _ in range(4)]
    inside: list[int] = []
    most: list[int] = []

    def take_turns(lock: WritersLock) -> None:
        for _ in range(50):
            with lock.held(20):
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=take_turns, args=(lock,)) for lock in locks for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert most == [1] * 400
    for lock in locks:
        lock.close()
