"""Jobs, carried out: by the command that started one, by `leadbridge jobs --resume`, or by the console's process."""

from __future__ import annotations

import time
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from bridge.errors import LeadbridgeError
from bridge.forget import forget
from bridge.operations.acts.choose import ACTS
from bridge.operations.acts.reconcile import compare
from bridge.operations.acts.replays import plans, todays_hooks
from bridge.outbox import acts, operator
from bridge.replay.carry_out import carry_out
from bridge.replay.plan import Options, ReplayDecision

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from bridge.delivery.account import Account
    from bridge.forget import Forgotten
    from bridge.hooks.hook import Hooks
    from bridge.operations.acts.choose import Choice
    from bridge.outbox import Outbox
    from bridge.outbox.acts import Actor, Job

STEP: Final = {"retry": 200, "cancel": 200, "dismiss": 200, "replay": 20, "forget": 1, "reconcile": 1}
"""How many items one step does: those of the first three in one transaction; a reconciliation does all in one."""

_ABOVE_IDS: Final = 2**63
"""No database gives a number from here on."""


class Parts:
    """What carries out one job: the outbox, and today's hooks, which are read once and only for a replay.

    `account` gives the Zoho account of a name; without it, jobs that ask Zoho are left to who has it. `erasing` is
    given the table and the row that a search for a person has reached, `erased` what was erased of each person.
    """

    def __init__(
        self,
        store: Outbox,
        mappings: Path,
        *,
        account: Callable[[str], Account] | None = None,
        sleep: Callable[[float], None] = time.sleep,
        erasing: Callable[[str, int], None] | None = None,
        erased: Callable[[Forgotten], None] = lambda _: None,
    ) -> None:
        self.store = store
        self.account = account
        self.sleep = sleep
        self.erasing = erasing
        self.erased = erased
        self.hooks: Callable[[], Hooks] = cache(lambda: todays_hooks(store, mappings))


def start(store: Outbox, choice: Choice, *, actor: Actor, options: Mapping[str, Any] | None = None) -> Job:
    """Store a job for what was chosen. Whoever calls `run` next carries it out. Raises OutboxError."""
    if ACTS[choice.act].makes_room:
        store.release_reserve()
    job = acts.start_job(store, choice.act, choice.ids, subject=choice.subject, options=options or {}, actor=actor)
    _record(store, job, actor, "started", count=job.total)
    return job


def run(parts: Parts, job_id: int, *, progress: Callable[[int], None] | None = None) -> Job:
    """Do what is left of a job, step by step, until its end or until somebody stops it; the job as it is then.

    Killed at any point, it is run again and does nothing twice. `progress` is given how many items are done.
    Raises LeadbridgeError when there is no such job, OutboxError, and what today's mappings raise when they are read.
    """
    job = needed(parts.store, job_id)
    if job.act == "reconcile" and parts.account is None:
        return job
    while ids := acts.next_items(parts.store, job_id, limit=STEP[job.act]):
        _STEPS[job.act](parts, job, ids)
        job = needed(parts.store, job_id)
        if progress is not None:
            progress(job.done)
    ended = acts.end_job(parts.store, job_id)
    if ended is not None:
        _record(parts.store, ended, ended.actor, result_of(ended), count=ended.done)
    return needed(parts.store, job_id)


def stop(store: Outbox, job_id: int, *, actor: Actor) -> Job:
    """Have a job stopped after its present step. Raises LeadbridgeError for one that is at its end."""
    if not acts.stop_job(store, job_id):
        raise LeadbridgeError(
            f"job {job_id} does not run, so it cannot be stopped: it is {status_of(needed(store, job_id))}"
        )
    job = needed(store, job_id)
    _record(store, job, actor, "stopped", count=job.done)
    return job


def resume(store: Outbox, job_id: int, *, actor: Actor) -> Job:
    """Have a job go on with whoever calls `run` next. Raises LeadbridgeError for one that is at its end."""
    job = needed(store, job_id)
    if ACTS[job.act].makes_room:
        store.release_reserve()
    if not acts.resume_job(store, job_id):
        raise LeadbridgeError(f"job {job_id} is {status_of(job)}; nothing is left to resume")
    _record(store, job, actor, "resumed", count=job.done)
    return needed(store, job_id)


def needed(store: Outbox, job_id: int) -> Job:
    """The job of this number. Raises LeadbridgeError when there is none."""
    job = acts.job(store, job_id) if job_id < _ABOVE_IDS else None
    if job is None or job.act not in STEP:
        raise LeadbridgeError(f"there is no job {job_id}")
    return job


def status_of(job: Job) -> str:
    """How a job stands: `ended`, `stopped`, `open` (to be run or running) or `broken off` (its items are not whole)."""
    if job.ended_at is not None:
        return "ended"
    if job.total is None:
        return "broken off"
    return "stopped" if job.stopped_at is not None else "open"


def result_of(job: Job) -> str:
    """What came of a job, in words: `12 retried, 3 unchanged`."""
    return ", ".join(f"{count} {result}" for result, count in sorted(job.counts.items())) or (
        "nothing to do" if job.ended_at is not None else "nothing yet"
    )


def _record(store: Outbox, job: Job, actor: Actor, result: str, *, count: int | None) -> None:
    acts.write_audit(store, job.act, actor=actor, subject=job.subject, result=result, count=count, job_id=job.job_id)


def _retry(parts: Parts, job: Job, ids: Sequence[int]) -> None:
    operator.retry(parts.store, ids, job_id=job.job_id)


def _cancel(parts: Parts, job: Job, ids: Sequence[int]) -> None:
    operator.cancel(parts.store, ids, job_id=job.job_id)


def _dismiss(parts: Parts, job: Job, ids: Sequence[int]) -> None:
    operator.dismiss(parts.store, ids, job_id=job.job_id)


def _replay(parts: Parts, job: Job, ids: Sequence[int]) -> None:
    today = parts.hooks()
    rate = job.options.get("rate")
    left = set(ids)
    for one in plans(parts.store, today, ids, replay_options(job.options)):
        carry_out(one, parts.store, mapping_set_id=today.mapping_set_id(), job_id=job.job_id)
        left.remove(one.story.event_id)
        if rate:
            parts.sleep(1 / rate)
    acts.settle_items(parts.store, job.job_id, dict.fromkeys(left, ReplayDecision.PURGED.value))


def replay_options(given: Mapping[str, Any]) -> Options:
    """What a replay may do, from the options that its job stores."""
    return Options(**{name: bool(given.get(name)) for name in ("again", "journeys", "overtaken")})


def _forget(parts: Parts, job: Job, ids: Sequence[int]) -> None:
    for event_id in ids:
        stories = operator.find_events(parts.store, event_id=event_id)
        lead = stories[0].lead if stories else ""
        result = "unchanged"
        if lead:
            done = forget(parts.store, lead, last_event=event_id, progress=parts.erasing)
            result = "left" if done.left else "forgotten"
            parts.erased(done)
        acts.settle_items(parts.store, job.job_id, {event_id: result})


def _reconcile(parts: Parts, job: Job, _ids: Sequence[int]) -> None:
    if parts.account is not None:
        compare(parts.store, job, parts.account)


_STEPS: Final[Mapping[str, Callable[[Parts, Job, Sequence[int]], None]]] = {
    "retry": _retry,
    "cancel": _cancel,
    "dismiss": _dismiss,
    "replay": _replay,
    "forget": _forget,
    "reconcile": _reconcile,
}
