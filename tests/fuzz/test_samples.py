"""A short run of changed samples, each of them once at least; `make fuzz` runs it for long."""

from __future__ import annotations

from tests.fuzz import samples
from tests.samples import SAMPLES


def test_changed_samples_are_answered_and_never_fail() -> None:
    statuses = samples.run(7, requests=2 * len(SAMPLES))
    assert statuses[202] > len(SAMPLES)
    assert statuses[400] > 0
