"""What needs a person: a pure function from facts to alarms, each with how urgent it is and what to do.

`act_now` wakes somebody, so it is kept for what no waiting fixes; `today` can wait for the morning; `know` explains.
"""

from __future__ import annotations

from bridge.operations.alarms.alarm import ALARMS, HOUR_MS, Alarm, Facts, HookHistory, Urgency
from bridge.operations.alarms.senders import DRIFT_NOTED_EVERY_MS, about_a_hook, about_drifts, about_fetches
from bridge.operations.alarms.service import (
    DELIVERER_SILENT_MS,
    about_an_api,
    about_the_dead,
    about_the_deliverer,
    about_tokens,
    unwritable,
)

__all__ = [
    "ALARMS",
    "DELIVERER_SILENT_MS",
    "DRIFT_NOTED_EVERY_MS",
    "HOUR_MS",
    "Alarm",
    "Facts",
    "HookHistory",
    "Urgency",
    "alarms",
    "unwritable",
]


def alarms(facts: Facts) -> tuple[Alarm, ...]:
    """Every alarm that the facts raise, the most urgent first."""
    found = [
        *about_the_deliverer(facts),
        *about_tokens(facts),
        *(alarm for api in facts.apis for alarm in about_an_api(api, facts)),
        *about_the_dead(facts),
        *about_drifts(facts),
        *about_fetches(facts),
        *(alarm for hook in facts.hooks for alarm in about_a_hook(hook, facts.now)),
    ]
    order = list(Urgency)
    return tuple(sorted(found, key=lambda alarm: (order.index(alarm.urgency), alarm.name, alarm.subject)))
