"""What workers know of each other."""

from __future__ import annotations

from bridge.web.server.balance import FRESH_SECONDS, SLOTS, Balance


def test_one_with_two_clients_less_is_freer() -> None:
    balance = Balance()
    balance.tell(1, 5, 100.0)
    assert not balance.another_is_freer(6, 100.0)
    assert balance.another_is_freer(7, 100.0)


def test_what_was_said_long_ago_does_not_count() -> None:
    balance = Balance()
    balance.tell(1, 0, 100.0)
    assert balance.another_is_freer(9, 100.0 + FRESH_SECONDS / 2)
    assert not balance.another_is_freer(9, 100.0 + FRESH_SECONDS)


def test_workers_take_processors_of_their_own() -> None:
    balance = Balance()
    assert {balance.take_processor(slot, 4, 100.0) for slot in (1, 2, 3, 4)} == {0, 1, 2, 3}


def test_the_successor_of_a_dead_worker_takes_its_processor() -> None:
    balance = Balance()
    first, second = balance.take_processor(1, 2, 100.0), balance.take_processor(2, 2, 100.0)
    balance.tell(1, 0, 110.0)  # the second has said nothing for long
    assert balance.take_processor(3, 2, 110.0) == second != first


def test_where_all_are_taken_one_is_shared() -> None:
    balance = Balance()
    for slot in range(2):
        balance.take_processor(slot, 2, 100.0)
        balance.tell(slot, 0, 100.0)
    assert {balance.take_processor(slot, 2, 100.0) for slot in (2, SLOTS - 1)} == {0, 1}
