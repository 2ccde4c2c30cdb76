from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from bridge.errors import OutboxUnavailableError
from bridge.outbox.inbox.group_commit import Group

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Store:
    """Something to commit to, which can be kept waiting: `started` is set at each start, `may_end` lets it end."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.started, self.may_take, self.may_end = threading.Event(), threading.Event(), threading.Event()
        self.may_take.set()
        self.may_end.set()
        self.error: BaseException | None = None

    def commit(self, take: Callable[[], Sequence[int]]) -> Sequence[int]:
        self.started.set()
        self.may_take.wait(10)
        if self.error is not None and not self.batches:
            self.batches.append([])
            raise self.error
        batch = list(take())
        self.batches.append(batch)
        self.may_end.wait(10)
        if any(number < 0 for number in batch):
            raise ValueError("negative")
        return [number * 10 for number in batch]


def test_each_gets_the_result_of_its_own() -> None:
    store = Store()
    group = Group(store.commit, 10)
    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(group.submit, range(500))) == [number * 10 for number in range(500)]
    assert sorted(number for batch in store.batches for number in batch) == list(range(500))


def test_those_that_come_while_the_first_waits_for_its_turn_go_with_it() -> None:
    store = Store()
    store.may_take.clear()
    group = Group(store.commit, 10)
    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(group.submit, number) for number in range(8)]
        _until(lambda: len(group._gathered) == 8)
        store.may_take.set()
        assert [future.result() for future in waiting] == [number * 10 for number in range(8)]
    assert [len(batch) for batch in store.batches] == [8]


def test_those_that_come_during_a_commit_share_the_next() -> None:
    store = Store()
    store.may_end.clear()
    group = Group(store.commit, 10)
    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(group.submit, 0)]
        _until(lambda: store.batches == [[0]])
        waiting += [pool.submit(group.submit, number) for number in range(1, 8)]
        _until(lambda: len(group._gathered) == 7)
        store.may_end.set()
        assert [future.result() for future in waiting] == [number * 10 for number in range(8)]
    assert [len(batch) for batch in store.batches] == [1, 7]


def test_one_that_waits_too_long_withdraws_and_is_not_stored() -> None:
    store = Store()
    store.may_take.clear()
    group = Group(store.commit, 0.05)
    with ThreadPoolExecutor(1) as pool:
        leader = pool.submit(group.submit, 1)
        store.started.wait(60)
        with pytest.raises(OutboxUnavailableError, match="send it again"):
            group.submit(2)
        store.may_take.set()
        assert leader.result() == 10
    assert group.submit(3) == 30
    assert store.batches == [[1], [3]]


def test_one_that_gave_up_during_its_commit_can_submit_again() -> None:
    store = Store()
    store.may_take.clear()
    store.may_end.clear()
    group = Group(store.commit, 0.05)
    with ThreadPoolExecutor(1) as pool:
        leader = pool.submit(group.submit, 1)
        store.started.wait(60)

        def let_it_take() -> None:
            _until(lambda: len(group._gathered) == 2)
            store.may_take.set()

        helper = threading.Thread(target=let_it_take)
        helper.start()
        with pytest.raises(OutboxUnavailableError):
            group.submit(2)
        helper.join()
        store.may_end.set()
        assert leader.result() == 10
    assert [group.submit(number) for number in (3, 4)] == [30, 40]


def test_an_error_reaches_all_of_a_batch_and_the_next_goes_on() -> None:
    store = Store()
    store.may_end.clear()
    group = Group(store.commit, 10)
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(group.submit, -1)
        _until(lambda: store.batches == [[-1]])
        others = [pool.submit(group.submit, number) for number in (5, 6)]
        _until(lambda: len(group._gathered) == 2)
        store.may_end.set()
        with pytest.raises(ValueError, match="negative"):
            first.result()
        assert [future.result() for future in others] == [50, 60]


def test_a_leader_whose_turn_never_came_fails_alone() -> None:
    store = Store()
    store.may_take.clear()
    store.error = OutboxUnavailableError("no turn")
    group = Group(store.commit, 10)
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(group.submit, 1)
        store.started.wait(60)
        others = [pool.submit(group.submit, number) for number in (5, 6)]
        _until(lambda: len(group._gathered) == 3)
        store.may_take.set()
        with pytest.raises(OutboxUnavailableError, match="no turn"):
            first.result()
        assert [future.result() for future in others] == [50, 60]


def test_a_leader_that_is_stopped_hands_over() -> None:
    store = Store()
    store.may_take.clear()
    store.error = SystemExit()
    group = Group(store.commit, 10)
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(group.submit, 1)
        store.started.wait(60)
        other = pool.submit(group.submit, 5)
        _until(lambda: len(group._gathered) == 2)
        store.may_take.set()
        with pytest.raises(SystemExit):
            first.result()
        assert other.result() == 50


def test_nobody_is_left_asleep_where_many_lose_their_patience() -> None:
    pause = threading.Event()

    def commit(take: Callable[[], Sequence[int]]) -> Sequence[int]:
        batch = take()
        pause.wait(0.001)
        return batch

    group = Group(commit, 0.001)
    kept, given_up = [], []

    def submit(number: int) -> None:
        try:
            kept.append(group.submit(number))
        except OutboxUnavailableError:
            given_up.append(number)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(submit, range(800)))
    assert sorted(kept + given_up) == list(range(800))
    assert kept
    assert given_up
    assert group.submit(800) == 800


def _until(true: Callable[[], bool]) -> None:
    patience = threading.Event()
    for _ in range(2000):
        if true():
            return
        patience.wait(0.002)
    raise AssertionError("not so within 4 s")
