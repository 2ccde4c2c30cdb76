"""The command behind docs/reliability.md, as short as it goes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tests import reliability
from tests.crash.harness import Report

if TYPE_CHECKING:
    import pytest


def test_the_short_version_prints_a_row_for_each_kind(capsys: pytest.CaptureFixture[str]) -> None:
    assert reliability.main(["--seconds", "0", "--kills", "0", "--instants", "0", "--seed", "1"]) == 0
    table = capsys.readouterr().out
    for what in (
        "forgeries",
        "framing against",
        "framing over sockets",
        "changed samples",
        "power failures | not run",
        "kills | not run",
    ):
        assert f"| {what}" in table


def test_a_loss_is_a_broken_promise() -> None:
    kept = Report(kills=Counter(worker=3), answered=5, fresh_event_passed=True)
    lost = Report(kills=Counter(worker=2), answered=4, fresh_event_passed=True, lost=["ada@example.com"])
    assert reliability.killed("sqlite", [kept, lost]) == (
        "kills over sqlite",
        (
            "5 kills, 9 events answered, 1 lost or not delivered, 0 invented, 0 out of order, 0 sent twice,"
            " 0 windows over, 0 lockouts"
        ),
        False,
    )
    assert reliability.killed("sqlite", [kept])[2]
