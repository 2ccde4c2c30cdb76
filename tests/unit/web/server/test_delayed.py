from __future__ import annotations

import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bridge.web.server.connection import Connection
from bridge.web.server.delayed import A_SECOND, AT_ONCE, DELAY_SECONDS, Delayed

if TYPE_CHECKING:
    from collections.abc import Iterator

REFUSAL = b"HTTP/1.1 429 Too Many Requests\r\n\r\n"


@contextmanager
def client() -> Iterator[Connection]:
    here, there = socket.socketpair()
    with here, there:
        yield Connection(here, ("192.0.2.1", 1), 1000, {})


def held(delayed: Delayed, opened: Connection, now: float, count: int) -> int:
    return sum(delayed.holds(opened, REFUSAL, now) for _ in range(count))


def test_the_first_refusals_leave_at_once_and_those_of_a_storm_wait() -> None:
    with client() as one:
        delayed = Delayed(most=1000)
        assert held(delayed, one, 100.0, AT_ONCE + 30) == 30
        assert delayed.due(100.0 + DELAY_SECONDS[0] / 2) == []
        assert len(delayed.due(100.0 + DELAY_SECONDS[1])) == 30
        assert held(delayed, one, 101.0, A_SECOND + 10) == 10


def test_what_was_taken_never_waits() -> None:
    with client() as one:
        delayed = Delayed(most=1000)
        held(delayed, one, 100.0, 200)
        assert not delayed.holds(one, b"HTTP/1.1 202 Accepted\r\n\r\n", 100.0)


def test_no_more_wait_than_there_is_room_for() -> None:
    with client() as one:
        assert held(Delayed(most=7), one, 100.0, 500) == 7


def test_the_worker_wakes_when_one_is_due() -> None:
    with client() as one:
        delayed = Delayed(most=1000)
        assert delayed.seconds_to_next(100.0, 0.5) == 0.5
        held(delayed, one, 100.0, AT_ONCE + 1)
        wait = delayed.seconds_to_next(100.0, 9.0)
        assert DELAY_SECONDS[0] <= wait <= DELAY_SECONDS[1]
        assert delayed.due(100.0 + wait) == [one]
