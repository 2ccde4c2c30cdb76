"""Times, spans and counts as people read them."""

from __future__ import annotations

import pytest

from bridge.operations.wording import counted, short_time, shown_span

NOW = 1_795_857_600_000  # 2026-11-28 09:20:00 UTC


@pytest.mark.parametrize(
    ("count", "word", "text"),
    [
        (1, "call", "1 call"),
        (2, "call", "2 calls"),
        (0, "delivery", "0 deliveries"),
        (2, "journey", "2 journeys"),
        (3, "body", "3 bodies"),
        (2, "match", "2 matches"),
        (2, "open journey", "2 open journeys"),
    ],
)
def test_counts_take_their_plural(count: int, word: str, text: str) -> None:
    assert counted(count, word) == text


@pytest.mark.parametrize(
    ("ago", "text"),
    [(0, "09:20:00"), (3_600_000, "08:20:00"), (86_400_000, "11-27 09:20"), (365 * 86_400_000, "2025-11-28")],
)
def test_a_short_time_says_only_what_differs_from_now(ago: int, text: str) -> None:
    assert short_time(NOW - ago, NOW) == text


@pytest.mark.parametrize(("ms", "text"), [(-5, "0 s"), (185_000, "3 min 5 s"), (90_000_000, "1 d 1 h")])
def test_spans_have_two_units(ms: int, text: str) -> None:
    assert shown_span(ms) == text
