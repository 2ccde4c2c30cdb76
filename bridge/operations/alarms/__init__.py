"""What needs a person: a pure function from inputs to alarms, each with its severity and what to do.

`critical` pages somebody: no waiting fixes it. `warning` can wait for the morning; `info` explains.
"""

from __future__ import annotations

from dataclasses import replace

from bridge.model import Alarm, AlarmSeverity
from bridge.operations.alarms.alarm import ALARMS, AlarmInputs, HookHistory
from bridge.operations.alarms.conditions import (
    about_an_api,
    about_reconciliations,
    about_the_dead,
    about_the_deliverer,
    about_the_disk,
    about_tokens,
    about_withdrawals,
    low_below,
    unwritable,
)
from bridge.operations.alarms.hooks import (
    DRIFT_NOTED_EVERY_MS,
    about_a_hook,
    about_drifts,
    about_fetches,
    about_refused_events,
    about_troubles,
)

__all__ = [
    "ALARMS",
    "DRIFT_NOTED_EVERY_MS",
    "AlarmInputs",
    "HookHistory",
    "alarms",
    "low_below",
    "unwritable",
]


def alarms(inputs: AlarmInputs) -> tuple[Alarm, ...]:
    """Every alarm that the inputs raise, the most urgent first, since it was raised where its cause has no date."""
    found = [
        *about_the_disk(inputs),
        *about_the_deliverer(inputs),
        *about_tokens(inputs),
        *(alarm for api in inputs.apis for alarm in about_an_api(api, inputs)),
        *about_the_dead(inputs),
        *about_withdrawals(inputs),
        *about_reconciliations(inputs),
        *about_troubles(inputs),
        *about_refused_events(inputs),
        *about_drifts(inputs),
        *about_fetches(inputs),
        *(alarm for hook in inputs.hooks for alarm in about_a_hook(hook, inputs)),
    ]
    order = list(AlarmSeverity)
    dated = (replace(alarm, since=alarm.since or inputs.raised_at.get(alarm.key)) for alarm in found)
    return tuple(sorted(dated, key=lambda alarm: (order.index(alarm.severity), alarm.name, alarm.subject)))
