"""How long the next password must wait."""

from __future__ import annotations

from bridge.console.login_delay import FREE_TRIES, LONGEST_FOR_CLIENT, LONGEST_FOR_NAME, MOST, LoginDelay


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
