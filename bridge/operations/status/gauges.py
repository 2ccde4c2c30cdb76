"""How things stand, as the values of gauges."""

from __future__ import annotations

import hashlib
import platform
from typing import TYPE_CHECKING

from bridge import __version__, metrics
from bridge.errors import OutboxError, OutboxUnavailableError
from bridge.operations.acts.audit import SERVICE
from bridge.operations.alarms import alarms, unwritable
from bridge.operations.alarms.inputs import read_inputs, running_deliverers
from bridge.operations.status.service_status import service_status
from bridge.outbox import acts, registry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from bridge.delivery.account import Limits
    from bridge.metrics import Metric
    from bridge.model import Alarm
    from bridge.operations.status.service_status import ServiceStatus
    from bridge.outbox import Outbox
    from bridge.outbox.operator import ApiStatus

    Sample = tuple[Metric, tuple[str, ...], float]


def samples(
    store: Outbox, limits: Mapping[str, Limits], accounts: Iterable[str], *, unwritable_for: str = ""
) -> list[Sample]:
    """Every gauge's values now; nothing is written. Of an outbox that is away there is only that.

    `unwritable_for` is why the outbox could not be written lately: a full disk can be read, and nothing stored.
    """
    build = (metrics.BUILD, (__version__, platform.python_version()), 1.0)
    try:
        if unwritable_for:
            raise OutboxUnavailableError(unwritable_for)
        state = service_status(store, limits)
        return [
            build,
            (metrics.UP, (), 1),
            (metrics.SIZE, (), store.size()),
            *_disk(store),
            *(sample for api in state.status.apis for sample in _api(api, state)),
            *((metrics.DEAD, labels, count) for labels, count in state.status.dead.items()),
            *((metrics.RESENT, (api,), count) for api, count in state.status.resent_in_doubt.items()),
            *_reconciled(store),
            *_mappings(store),
            (metrics.DELIVERERS, (), running_deliverers(store, now=state.status.now)),
            *map(_alarm, alarms(read_inputs(store, accounts))),
        ]
    except OutboxError as error:
        return [build, *_disk(store), (metrics.UP, (), 0), _alarm(unwritable(str(error)))]


def _disk(store: Outbox) -> tuple[Sample, ...]:
    return ((metrics.DISK_FREE, (), store.disk.free),) if store.disk is not None else ()


def _api(api: ApiStatus, state: ServiceStatus) -> Iterator[Sample]:
    now, labels = state.status.now, (api.account, api.api)
    budget = state.budgets.get(labels)
    if budget is not None:
        yield metrics.BUDGET, labels, budget
        yield metrics.BUDGET_LEFT, labels, max(0, budget - api.calls_counted)
    yield metrics.LOCKED, labels, max(0, (api.locked_until or now) - now) / 1000
    yield metrics.BREAKER, labels, api.breaker_failures
    yield metrics.HELD, labels, sum(bool(lane.held_reason) for lane in api.lanes)
    oldest = min((lane.oldest_at for lane in api.lanes if lane.oldest_at is not None), default=now)
    yield metrics.OLDEST, labels, (now - oldest) / 1000
    for lane in api.lanes:
        where = (*labels, str(lane.lane_id), lane.target.name)
        for kind, count in lane.pending.items():
            yield metrics.WAITING, (*where, kind.name.lower()), count
        yield metrics.WAITING, (*where, "behind"), lane.blocked
        yield metrics.WAITING, (*where, "in_flight"), lane.claimed


def _reconciled(store: Outbox) -> Iterator[Sample]:
    for job in [one for one in acts.jobs_by(store, source=SERVICE, limit=2) if one.ended_at is not None][:1]:
        yield from ((metrics.RECONCILED, (result,), count) for result, count in job.counts.items())


def _mappings(store: Outbox) -> Iterator[Sample]:
    active = registry.active_mapping_set(store)
    if active is not None:
        yield metrics.MAPPING_SET, (hashlib.sha256(active[1]).hexdigest()[:12],), 1


def _alarm(alarm: Alarm) -> Sample:
    return metrics.ALARMS, (alarm.name, alarm.subject, alarm.severity.value), 1
