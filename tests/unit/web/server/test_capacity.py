from __future__ import annotations

import socket
from math import inf
from typing import TYPE_CHECKING

import pytest

from bridge.web.server import capacity
from bridge.web.server.connection import Connection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    NewClient = Callable[..., Connection]


@pytest.fixture
def client() -> Iterator[NewClient]:
    """Makes clients: from which address, heard of when, and whether one is being answered."""
    opened: list[socket.socket] = []

    def make(address: str, heard_at: float = 0, *, busy: bool = False) -> Connection:
        opened.extend(socket.socketpair())
        made = Connection(opened[-1], (address, 1), 1024, {})
        made.heard_at, made.deadline = heard_at, inf if busy else heard_at + 20
        return made

    yield make
    for one in opened:
        one.close()


def test_nobody_gives_way_while_there_is_room(client: NewClient) -> None:
    assert capacity.who_gives_way([client(f"192.0.2.{number}") for number in range(9)], 10) is None


def test_of_the_address_with_the_most_the_one_idle_for_longest_gives_way(client: NewClient) -> None:
    greedy = [client("192.0.2.1", number) for number in (5, 3, 4)]
    others = [client("192.0.2.2", 1), client("192.0.2.3", 2)]
    assert capacity.who_gives_way([*others, *greedy], 5) is greedy[1]


def test_one_address_has_at_most_half(client: NewClient) -> None:
    clients = [client("192.0.2.1", number) for number in range(5)]
    assert capacity.who_gives_way(clients, 10) is clients[0]
    assert capacity.who_gives_way(clients, 12) is None


def test_who_is_being_answered_never_gives_way(client: NewClient) -> None:
    busy = [client("192.0.2.1", busy=True) for _ in range(3)]
    idle = client("192.0.2.2", 9)
    assert capacity.who_gives_way([*busy, idle], 4) is idle
    assert capacity.who_gives_way(busy, 3) is None


def test_while_there_is_room_no_other_address_gives_way_for_a_greedy_one(client: NewClient) -> None:
    busy = [client("192.0.2.1", busy=True) for _ in range(5)]
    assert capacity.who_gives_way([*busy, client("192.0.2.2", 9)], 10) is None


def test_the_address_that_holds_the_most_is_the_greedy_one(client: NewClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capacity, "MAX_HELD", 1000)
    held, small, large = capacity.Held(), client("192.0.2.1"), client("192.0.2.2")
    held.count(small, 300)
    held.count(large, 400)
    assert held.greedy() is None
    held.count(large, 501)
    assert held.greedy() == "192.0.2.2"
    assert capacity.who_holds_most([small, large], "192.0.2.2") is large
    held.count(large, 0)
    held.count(small, 500)
    held.count(large, 500)
    assert held.greedy() is None
    held.count(client("192.0.2.3"), 1)
    assert held.greedy() in ("192.0.2.1", "192.0.2.2")


def test_a_crowd_is_accepted_after_few_waits_and_the_first_are_shared_out() -> None:
    clients = waits = 0
    while clients < 1_000:
        clients, waits = clients + capacity.at_once(clients), waits + 1
    assert waits < 70
    assert {capacity.at_once(few) for few in range(16)} == {1}
