"""Jobs on both databases: stored whole, done once to each item, stopped and resumed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.model import DeadReason, DeliveryState
from bridge.outbox.acts import (
    Actor,
    Job,
    end_job,
    items_of,
    job,
    jobs,
    newest_jobs,
    next_items,
    resume_job,
    settle_items,
    start_job,
    stop_job,
    waiting_jobs,
)
from bridge.outbox.operator import cancel, retry

if TYPE_CHECKING:
    import pytest

    from bridge.outbox import Outbox
    from tests.builders import OutboxDriver
    from tests.conftest import StillClock

ADA = Actor(name="ada@host", source="cli")


def start(outbox: Outbox, ids: list[int], act: str = "retry") -> Job:
    return start_job(outbox, act, ids, subject="hook=form", options={"again": True}, actor=ADA)


def stored(outbox: Outbox, job_id: int) -> Job:
    found = job(outbox, job_id)
    assert found is not None
    return found


def test_a_job_is_stored_with_its_items_and_counts_what_came_of_them(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "STORED_AT_ONCE", 3)
    started = start(outbox, [9, 4, 4, 2, 7, 11, 5, 3])
    assert (started.total, started.done, started.options, started.actor) == (7, 0, {"again": True}, ADA)
    assert next_items(outbox, started.job_id, limit=3) == (2, 3, 4)
    settle_items(outbox, started.job_id, {2: "retried", 3: "unchanged"})
    settle_items(outbox, started.job_id, {2: "unchanged", 4: "retried", 99: "retried"})
    assert stored(outbox, started.job_id).counts == {"retried": 2, "unchanged": 1}
    assert [one.item_id for one in items_of(outbox, started.job_id, result="retried")] == [2, 4]
    assert [one.item_id for one in items_of(outbox, started.job_id, result="", limit=2)] == [5, 7]
    assert [(one.item_id, one.result) for one in items_of(outbox, started.job_id, after=3, limit=2)] == [
        (4, "retried"),
        (5, ""),
    ]
    assert end_job(outbox, started.job_id) is None
    settle_items(outbox, started.job_id, dict.fromkeys((5, 7, 9, 11), "retried"))
    ended = end_job(outbox, started.job_id)
    assert ended is not None
    assert (ended.done, ended.ended_at is not None) == (7, True)
    assert end_job(outbox, started.job_id) is None
    assert not resume_job(outbox, started.job_id)


def test_a_stopped_job_gives_no_items_and_changes_nothing_until_it_is_resumed(driver: OutboxDriver) -> None:
    outbox = driver.outbox
    for _ in range(2):
        driver.send()
    started = start(outbox, [1, 2], "cancel")
    assert next_items(outbox, started.job_id, limit=9) == (1, 2)
    assert stop_job(outbox, started.job_id)
    assert not stop_job(outbox, started.job_id)
    assert next_items(outbox, started.job_id, limit=9) == ()
    assert cancel(outbox, [1, 2], job_id=started.job_id) == 0
    assert stored(outbox, started.job_id).counts == {}
    assert resume_job(outbox, started.job_id)
    assert cancel(outbox, [1, 2], job_id=started.job_id) == 2
    assert stored(outbox, started.job_id).counts == {"cancelled": 2}


def test_what_is_done_is_not_done_again(driver: OutboxDriver) -> None:
    outbox = driver.outbox
    driver.send()
    driver.finish(driver.claimed(driver.lane()), DeliveryState.DEAD, reason=DeadReason.PERMANENT)
    first = start(outbox, [1, 77])
    assert retry(outbox, [1, 77], job_id=first.job_id) == 1
    driver.finish(driver.claimed(driver.lane()), DeliveryState.DEAD, reason=DeadReason.PERMANENT)
    assert retry(outbox, [1, 77], job_id=first.job_id) == 0
    assert stored(outbox, first.job_id).counts == {"retried": 1, "unchanged": 1}


def test_a_job_waits_for_somebody_once_its_lease_is_over(outbox: Outbox, clock: StillClock) -> None:
    started = start(outbox, [1, 2])
    stopped = start(outbox, [1])
    stop_job(outbox, stopped.job_id)
    assert [one.job_id for one in waiting_jobs(outbox)] == [started.job_id]
    next_items(outbox, started.job_id, limit=1)
    if outbox.is_file:  # PostgreSQL's own clock goes on
        assert waiting_jobs(outbox) == ()
        clock.pass_ms(jobs.LEASE_MS)
        assert [one.job_id for one in waiting_jobs(outbox)] == [started.job_id]


def test_a_job_whose_items_are_not_whole_is_never_run(outbox: Outbox) -> None:
    with outbox.write() as transaction:
        row = transaction.needed_row(
            "start_job", act="retry", subject="", options="{}", actor="ada", source="cli", now=transaction.now()
        )
        transaction.run_rows("add_items", ("job_id", "item_id"), [(row["id"], 1)])
    assert next_items(outbox, row["id"], limit=9) == ()
    assert waiting_jobs(outbox) == ()
    assert not resume_job(outbox, row["id"])
    assert end_job(outbox, row["id"]) is None


def test_jobs_are_listed_by_pages(outbox: Outbox) -> None:
    numbers = [start(outbox, [1]).job_id for _ in range(5)]
    first = newest_jobs(outbox, limit=3)
    rest = newest_jobs(outbox, limit=3, before=first[-1].job_id)
    assert [one.job_id for one in (*first, *rest)] == numbers[::-1]
