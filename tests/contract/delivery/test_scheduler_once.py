"""What becomes due by what is settled without a call goes out before `deliver --once` ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.contract.delivery.conftest import Pipeline

SUBSCRIBE_AND_TRIGGER = "  - subscribe: {list: Newsletter}\n  - trigger: {journey: Welcome}\n"


def test_the_journey_of_an_unchanged_lead_starts(pipeline: Pipeline) -> None:
    """Nothing of its API was pending when the look started: its subscribe was settled without a call."""
    for hook in ("form", "shop"):
        pipeline.receive(SUBSCRIBE_AND_TRIGGER, "ada@example.com", hook=hook)
        pipeline.deliver()
    assert pipeline.calls("subscribe") == 1
    assert "pending" not in pipeline.states()
    assert pipeline.calls("trigger") == 2
