"""The audit on both databases: lines are added, listed by pages, and purged with age."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.outbox.acts import Actor, audit_lines, end_job, newest_jobs, settle_items, start_job, write_audit
from bridge.outbox.lifecycle import purge_acts, remember_backup
from bridge.outbox.lifecycle.backup import backups

if TYPE_CHECKING:
    from bridge.outbox import Outbox

ADA = Actor(name="ada", source="console")


def test_lines_are_listed_newest_first_and_by_pages(outbox: Outbox) -> None:
    for number in range(5):
        write_audit(
            outbox, "retry", actor=ADA, subject=f"dlv_{number}", result="done", count=1, job_id=number % 2 or None
        )
    first = audit_lines(outbox, limit=3)
    rest = audit_lines(outbox, limit=3, before=first[-1].line_id)
    assert [one.subject for one in (*first, *rest)] == [f"dlv_{number}" for number in (4, 3, 2, 1, 0)]
    assert (first[0].actor, first[0].act, first[0].count, first[0].job_id) == (ADA, "retry", 1, None)
    assert [one.subject for one in audit_lines(outbox, limit=9, job_id=1)] == ["dlv_3", "dlv_1"]


def test_old_lines_and_jobs_are_purged_and_backups_are_remembered(outbox: Outbox) -> None:
    remember_backup(outbox, "s3://copies/one")
    ended = start_job(outbox, "retry", range(500), subject="", options={}, actor=ADA)
    settle_items(outbox, ended.job_id, dict.fromkeys(range(500), "retried"))
    end_job(outbox, ended.job_id)
    left = start_job(outbox, "retry", [1], subject="", options={}, actor=ADA)
    for _ in range(3):
        write_audit(outbox, "retry", actor=ADA, subject="dlv_1", result="done")
    assert not purge_acts(outbox, before=outbox.now() - 1_000_000)
    rounds = 0
    while purge_acts(outbox, before=outbox.now() + 1_000_000):
        rounds += 1
    assert rounds == 4, "500 items in steps of 200, then the job"
    assert [one.job_id for one in newest_jobs(outbox, limit=9)] == [left.job_id]
    assert audit_lines(outbox, limit=9) == ()
    assert [one.path for one in backups(outbox)] == ["s3://copies/one"]
    with outbox.read() as transaction:
        rows = transaction.connection.execute("SELECT COUNT(*) AS total FROM job_items").fetchone()
    assert rows["total"] == 1
