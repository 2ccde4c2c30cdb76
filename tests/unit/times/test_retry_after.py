"""How long an answer of any kind may make us wait."""

from __future__ import annotations

import pytest

from bridge.times import MAX_WAIT_MS, retry_after_ms

DATE = "Fri, 01 Jan 2027 00:00:00 GMT"


@pytest.mark.parametrize(
    ("asked", "wait_ms"),
    [
        ("30", 30_000),
        (" 0 ", 0),
        ("9" * 5_000, MAX_WAIT_MS),
        ("Fri, 01 Jan 2027 00:02:00 GMT", 120_000),
        ("Thu, 31 Dec 2026 00:00:00 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 -2300", MAX_WAIT_MS),
        ("Fri, 01 Jan 99999999999 00:00:00 GMT", None),
        ("Fri, 01 Jan 2027 00:00:00 +99999999999", None),
        ("Fri, 01 Jan 2027 00:02:00", None),
        ("Fri, 01 Jan 2027 " + "(" * 20_000, None),
        ("-1", None),
        ("1.5", None),
        ("\u0663\u0660", None),
        ("soon", None),
        ("", None),
    ],
)
def test_a_wait_is_read_and_bounded(asked: str, wait_ms: int | None) -> None:
    assert retry_after_ms({"retry-after": asked, "date": DATE}) == wait_ms


@pytest.mark.parametrize("date", ["", "now", "Fri, 01 Jan 99999999999 00:00:00 GMT", "Fri, 01 Jan 2027 00:00:00"])
def test_a_date_needs_the_date_of_the_answer(date: str) -> None:
    assert retry_after_ms({"retry-after": DATE, "date": date}) is None
    assert retry_after_ms({"retry-after": "1", "date": date}) == 1_000
