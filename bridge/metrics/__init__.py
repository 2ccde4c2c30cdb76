"""Every metric of the service with its meaning, and the one place that knows Prometheus.

What happens is counted in the process where it happens. With a folder in PROMETHEUS_MULTIPROC_DIR, which
`leadbridge serve` makes, the counts of all processes of this host are added up, of those that ended too. How things
stand is not counted at all: it is read from the outbox when somebody asks.
https://prometheus.github.io/client_python/multiprocess/
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from prometheus_client import CollectorRegistry, Counter, Histogram

FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"


class Type(StrEnum):
    """What a metric's values do."""

    COUNTER = "counter"
    """It only grows."""
    HISTOGRAM = "histogram"
    """Seconds, in buckets."""
    GAUGE = "gauge"
    """As it is now, read from the outbox."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One metric: its name less the prefix `leadbridge_`, its labels, and what it means."""

    name: str
    type: Type
    description: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()
    is_stored: bool = False
    """Whether a counter is stored in the outbox, and so is read as gauges are."""


_FAST: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
_SLOW: Final = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 14_400, 86_400)

REQUESTS: Final = Metric(
    name="requests_total",
    type=Type.COUNTER,
    labels=("hook", "status"),
    description="Webhooks answered, by hook (empty: no such hook) and HTTP status.",
)
REJECTED: Final = Metric(
    name="rejected_total",
    type=Type.COUNTER,
    labels=("hook", "why"),
    description="Requests that were rejected, by hook and reason.",
)
ANSWER_SECONDS: Final = Metric(
    name="answer_seconds",
    type=Type.HISTOGRAM,
    description="From the first byte that was read of a webhook to its answer.",
    buckets=_FAST,
)
EVENTS: Final = Metric(
    name="events_total",
    type=Type.COUNTER,
    labels=("hook", "state"),
    description="Events stored, by hook and state: accepted, ignored, refused, fetching; duplicate if seen before.",
)
UPDATES: Final = Metric(
    name="event_updates_total",
    type=Type.COUNTER,
    labels=("hook",),
    description="Events stored that change one seen before, by hook; they are in events_total too.",
)
CALLS: Final = Metric(
    name="calls_total",
    type=Type.COUNTER,
    labels=("account", "api", "effect"),
    description="Calls with leads to Zoho, by their effect beyond the leads: none, lock, hold, token, outage, split.",
)
CALL_SECONDS: Final = Metric(
    name="call_seconds",
    type=Type.HISTOGRAM,
    labels=("api",),
    description="From the claim of a call to its stored outcome.",
    buckets=_SLOW[:9],
)
OUTCOMES: Final = Metric(
    name="outcomes_total",
    type=Type.COUNTER,
    labels=("account", "api", "result"),
    description="What came of each lead's part in a call: triggered, subscribed, ignored, refused, held and so on.",
)
RECEIVED_TO_ZOHO: Final = Metric(
    name="received_to_zoho_seconds",
    type=Type.HISTOGRAM,
    labels=("api",),
    description="From the receipt of an event to its delivery at Zoho, waiting for budgets included.",
    buckets=_SLOW,
)

BUILD: Final = Metric(
    name="build_info",
    type=Type.GAUGE,
    labels=("version", "python"),
    description="1 with the version of Leadbridge and of Python.",
)
UP: Final = Metric(name="outbox_up", type=Type.GAUGE, description="1 while the outbox can be read and written, else 0.")
SIZE: Final = Metric(name="outbox_size_bytes", type=Type.GAUGE, description="How much the outbox's tables take.")
DISK_FREE: Final = Metric(
    name="outbox_disk_free_bytes", type=Type.GAUGE, description="What is free on the disk of a SQLite outbox."
)
WAITING: Final = Metric(
    name="deliveries_waiting",
    type=Type.GAUGE,
    labels=("account", "api", "lane", "target", "priority"),
    description="Open deliveries by lane and priority (live, waiting, bulk, behind, in_flight); 10000: that or more.",
)
OLDEST: Final = Metric(
    name="oldest_waiting_seconds",
    type=Type.GAUGE,
    labels=("account", "api"),
    description="How long ago the oldest open delivery was received, throttled and held ones included.",
)
BUDGET: Final = Metric(
    name="budget_calls",
    type=Type.GAUGE,
    labels=("account", "api"),
    description="Calls we allow ourselves in a window.",
)
BUDGET_LEFT: Final = Metric(
    name="budget_remaining_calls",
    type=Type.GAUGE,
    labels=("account", "api"),
    description="How many of them are left now.",
)
LOCKED: Final = Metric(
    name="lock_remaining_seconds",
    type=Type.GAUGE,
    labels=("account", "api"),
    description="How much longer Zoho keeps the API locked; 0 when it is not.",
)
BREAKER: Final = Metric(
    name="breaker_failures",
    type=Type.GAUGE,
    labels=("account", "api"),
    description="How often in a row the API itself failed; above 0 it is only probed.",
)
HELD: Final = Metric(
    name="held_lanes",
    type=Type.GAUGE,
    labels=("account", "api"),
    description="Lanes that are stopped because their configuration is wrong.",
)
DEAD: Final = Metric(
    name="dead_letters",
    type=Type.GAUGE,
    labels=("api", "reason"),
    description="Deliveries that are given up now, by reason; cancelled ones are decided.",
)
RESENT: Final = Metric(
    name="resent_in_doubt_total",
    type=Type.COUNTER,
    is_stored=True,
    labels=("api",),
    description="How often a lead was sent again after a call without an answer, over all time: it may be there twice.",
)
RECONCILED: Final = Metric(
    name="reconciled_leads",
    type=Type.GAUGE,
    labels=("result",),
    description="Leads compared by the last reconciliation that the service ran by itself, by what came of each.",
)
MAPPING_SET: Final = Metric(
    name="mapping_set_info",
    type=Type.GAUGE,
    labels=("digest",),
    description="1 with the digest of the mappings active.",
)
DELIVERERS: Final = Metric(
    name="deliverers", type=Type.GAUGE, description="Delivering processes seen in the last 30 seconds, on all hosts."
)
ALARMS: Final = Metric(
    name="alarm",
    type=Type.GAUGE,
    labels=("name", "subject", "severity"),
    description="1 for each active alarm: name, subject and severity (critical, warning, info).",
)

METRICS: Final = (
    REQUESTS,
    REJECTED,
    ANSWER_SECONDS,
    EVENTS,
    UPDATES,
    CALLS,
    CALL_SECONDS,
    OUTCOMES,
    RECEIVED_TO_ZOHO,
    BUILD,
    UP,
    SIZE,
    DISK_FREE,
    WAITING,
    OLDEST,
    BUDGET,
    BUDGET_LEFT,
    LOCKED,
    BREAKER,
    HELD,
    DEAD,
    RESENT,
    RECONCILED,
    MAPPING_SET,
    DELIVERERS,
    ALARMS,
)
"""All metrics, in the order of the documentation."""


_making: Final = threading.Lock()
_children: Final[dict[tuple[str, tuple[str, ...]], Any]] = {}
"""What counts for each metric and its labels: finding it in the library costs more than counting."""


def count(metric: Metric, *labels: str, by: int = 1) -> None:
    """Count something that happened; the labels in the order of the declaration."""
    child = _children.get((metric.name, labels)) or _new_child(_counter, metric, labels)
    child.inc(by)


def observe(metric: Metric, seconds: float, *labels: str) -> None:
    """Note how long something took."""
    child = _children.get((metric.name, labels)) or _new_child(_histogram, metric, labels)
    child.observe(seconds)


def _new_child(make: Callable[[Metric], Any], metric: Metric, labels: tuple[str, ...]) -> Any:
    """One at a time: the library refuses a metric that two threads make at once."""
    with _making:
        family = make(metric)
        child = _children[metric.name, labels] = family.labels(*labels) if metric.labels else family
    return child


@cache
def registry() -> CollectorRegistry:
    """Where this process counts."""
    from prometheus_client import CollectorRegistry  # a command that counts nothing needs none of the library

    return CollectorRegistry()


@cache
def _counter(metric: Metric) -> Counter:
    from prometheus_client import Counter

    return Counter(f"leadbridge_{metric.name}", metric.description, metric.labels, registry=registry())


@cache
def _histogram(metric: Metric) -> Histogram:
    from prometheus_client import Histogram

    return Histogram(
        f"leadbridge_{metric.name}", metric.description, metric.labels, buckets=metric.buckets, registry=registry()
    )
