"""A short run of changed samples, each of them once at least; `make fuzz` runs it for long."""

from __future__ import annotations

from tests.fuzz import samples


def test_changed_samples_are_answered_and_never_fail() -> None:
    statuses = samples.run(7, requests=2 * len(samples.SAMPLES))
    assert statuses[202] > len(samples.SAMPLES)
    assert statuses[400] > 0
