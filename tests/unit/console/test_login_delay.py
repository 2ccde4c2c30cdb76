"""How long the next password must wait."""

from __future__ import annotations

import pytest

from bridge.console.login_delay import FREE_TRIES, LONGEST_FOR_CLIENT, LONGEST_FOR_NAME, MOST, LoginDelay, counted_as


def test_the_delay_doubles_and_passes() -> None:
    delay, waits = LoginDelay(), []
    for _ in range(FREE_TRIES + 4):
        delay.failed("192.0.2.1", "ada", 0)
        waits.append(delay.seconds("192.0.2.1", "ada", 0))
    assert waits == [0] * (FREE_TRIES - 1) + [1, 2, 4, 8, 16]
    assert delay.seconds("192.0.2.1", "ada", 16_000) == 0


def test_a_strangers_tries_keep_the_owner_of_a_name_out_for_half_a_minute_at_most() -> None:
    delay = LoginDelay()
    for _ in range(40):
        delay.failed("192.0.2.1", "ada", 0)
    assert delay.seconds("192.0.2.1", "ada", 0) == LONGEST_FOR_CLIENT
    assert delay.seconds("192.0.2.2", "ada", 0) == LONGEST_FOR_NAME
    assert delay.seconds("192.0.2.2", "grace", 0) == 0


def test_a_right_password_and_an_hour_clear_the_count() -> None:
    delay = LoginDelay()
    for _ in range(FREE_TRIES):
        delay.failed("192.0.2.1", "ada", 0)
    delay.failed("192.0.2.1", "ada", 3_600_001)
    assert delay.seconds("192.0.2.1", "ada", 3_600_001) == 0
    for _ in range(FREE_TRIES):
        delay.failed("192.0.2.1", "ada", 0)
    delay.succeeded("192.0.2.1", "ada")
    assert delay.seconds("192.0.2.1", "ada", 0) == 0


def test_names_made_up_by_a_stranger_take_no_endless_memory() -> None:
    delay = LoginDelay()
    for number in range(MOST + 10):
        delay.failed("192.0.2.1", f"name{number}", 0)
    assert len(delay._failures) <= MOST


@pytest.mark.parametrize(
    "same",
    [
        ("127.0.0.1", "127.9.8.7", "::1", "::ffff:127.0.0.1", "[::1]:4711"),
        ("192.0.2.1", "192.0.2.1:1", "192.0.2.1:65535", "::ffff:192.0.2.1", "[::ffff:c000:201]:9"),
        ("2001:db8::1", "2001:db8::ffff:1", "2001:DB8:0:0:1::", "[2001:db8::2]:80", "2001:db8::1%eth0"),
        ("made-up", "", "unknown", "_hidden", "192.0.2", "999.0.2.1", "a:b"),
    ],
)
def test_what_one_client_can_call_itself_counts_as_one(same: tuple[str, ...]) -> None:
    assert len({counted_as(address) for address in same}) == 1
    delay = LoginDelay()
    for number in range(FREE_TRIES):
        delay.failed(same[number], f"name{number}", 0)
    assert delay.seconds(same[-1], "another", 0)
    assert not delay.seconds("198.51.100.7", "another", 0)
