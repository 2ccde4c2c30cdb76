"""The page of metrics that Prometheus reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bridge.metrics import METRICS, Metric, Type, registry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prometheus_client.core import Metric as Family

CONTENT_TYPE: Final = "text/plain; version=1.0.0; charset=utf-8"


def page(gauges: Iterable[tuple[Metric, tuple[str, ...], float]], *, folder: str) -> bytes:
    """The page that Prometheus reads: what was counted, and how things stand as (metric, labels, value).

    `folder` is where the processes store their counts; without one, those of this process stand there alone.
    """
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.multiprocess import MultiProcessCollector

    collectors = CollectorRegistry()
    if folder:
        MultiProcessCollector(collectors, folder)  # type: ignore[no-untyped-call] # the library has no types here
    else:
        collectors.register(_Own())
    collectors.register(_Gauges(gauges))
    return generate_latest(collectors)


class _Own:
    """What this process alone has counted."""

    def collect(self) -> Iterator[Family]:
        yield from registry().collect()


class _Gauges:
    """Gauges whose values are known already."""

    def __init__(self, samples: Iterable[tuple[Metric, tuple[str, ...], float]]) -> None:
        self._samples = tuple(samples)

    def collect(self) -> Iterator[Family]:
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        families: dict[str, Any] = {
            metric.name: (CounterMetricFamily if metric.is_stored else GaugeMetricFamily)(
                f"leadbridge_{metric.name}", metric.description, labels=metric.labels
            )
            for metric in METRICS
            if metric.type is Type.GAUGE or metric.is_stored
        }
        for metric, labels, value in self._samples:
            families[metric.name].add_metric(labels, value)
        yield from families.values()
