"""The gauges of a scrape: read from the outbox, which a scrape never writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bridge import metrics
from bridge.operations.status.gauges import samples

if TYPE_CHECKING:
    from bridge.outbox import Outbox


def values(found: list[tuple[metrics.Metric, tuple[str, ...], float]], metric: metrics.Metric) -> list[float]:
    return [value for one, _, value in found if one is metric]


def test_a_scrape_writes_nothing(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    samples(outbox, {}, ("default",))

    def refused(*_: object) -> None:
        raise AssertionError("a scrape wrote")

    monkeypatch.setattr(type(outbox), "write", refused)
    assert values(samples(outbox, {}, ("default",)), metrics.UP) == [1]


def test_an_outbox_that_could_not_be_written_lately_is_not_up(outbox: Outbox) -> None:
    found = samples(outbox, {}, ("default",), unwritable_for="database or disk is full")
    assert (values(found, metrics.UP), values(found, metrics.ALARMS)) == ([0], [1])
