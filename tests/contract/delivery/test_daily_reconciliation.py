"""The reconciliation that the service runs by itself, in simulated time, against a real sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bridge import zoho
from bridge.operations import acts
from bridge.operations.alarms import alarms
from bridge.operations.alarms.inputs import read_inputs
from bridge.outbox import acts as stored
from bridge.outbox import queue
from bridge.zoho import members

if TYPE_CHECKING:
    import pytest

    from bridge.outbox.acts import Job
    from tests.contract.delivery.conftest import Pipeline

SUBSCRIBE: Final = "  - subscribe: {list: Newsletter}\n"
ADA, GRACE = "ada@example.com", "grace@example.com"
HOUR: Final = 3_600


def jobs(pipeline: Pipeline) -> tuple[Job, ...]:
    return stored.jobs_by(pipeline.store, source=acts.SERVICE, limit=100)


def raised(pipeline: Pipeline) -> set[str]:
    found = {one.name for one in alarms(read_inputs(pipeline.store, ["default"]))}
    return found & {"leads_missing", "reconcile_late"}


def delivered(pipeline: Pipeline, *addresses: str) -> None:
    pipeline.receive(SUBSCRIBE, *addresses)
    pipeline.deliver()


def test_it_runs_once_a_day(pipeline: Pipeline) -> None:
    delivered(pipeline, ADA)
    for _ in range(2 * 24 * 4):
        pipeline.reconciling().look()
        pipeline.clock.pass_seconds(HOUR / 4)
    assert [(job.act, job.counts, acts.status_of(job)) for job in jobs(pipeline)] == [
        ("reconcile", {"found": 1}, "ended"),
        ("reconcile", {"found": 1}, "ended"),
    ]


def test_it_looks_after_what_came_within_two_days(pipeline: Pipeline) -> None:
    delivered(pipeline, ADA)
    pipeline.clock.pass_seconds(49 * HOUR)
    delivered(pipeline, GRACE)
    pipeline.reconciling().look()
    assert jobs(pipeline)[0].counts == {"found": 1}


def test_several_hosts_run_it_once(pipeline: Pipeline) -> None:
    delivered(pipeline, ADA)
    hosts = [pipeline.reconciling() for _ in range(3)]
    for number, host in enumerate(hosts):
        host._holder = f"host-{number}:1"
    for host in hosts * 2:
        host.look()
    assert (len(jobs(pipeline)), pipeline.calls("leads")) == (1, 1)


def test_another_host_goes_on_with_what_a_dead_one_started(pipeline: Pipeline) -> None:
    delivered(pipeline, ADA)
    choice = acts.expected(pipeline.store, since=0)
    actor = stored.Actor(name="dead", source=acts.SERVICE)
    first = acts.start(pipeline.store, choice, actor=actor, options={"alarm_percent": 5.0})
    stored.next_items(pipeline.store, first.job_id, limit=1)
    pipeline.reconciling().look()
    assert jobs(pipeline)[0].counts == {}, "its lease holds"
    pipeline.clock.pass_seconds(61)
    pipeline.reconciling().look()
    assert [(job.job_id, job.counts) for job in jobs(pipeline)] == [(first.job_id, {"found": 1})]


def test_missing_leads_raise_an_alarm_until_a_later_run_is_fine(pipeline: Pipeline) -> None:
    delivered(pipeline, ADA)
    pipeline.change("remove", ADA)
    pipeline.reconciling().look()
    assert (jobs(pipeline)[0].counts, raised(pipeline)) == ({"missing": 1}, {"leads_missing"})
    pipeline.join("Newsletter", ADA)
    pipeline.clock.pass_seconds(24 * HOUR)
    pipeline.reconciling().look()
    assert (jobs(pipeline)[0].counts, raised(pipeline)) == ({"found": 1}, set())


def test_it_leaves_half_of_the_calls_and_goes_on_when_there_are_more(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (members, zoho):
        monkeypatch.setattr(module, "MEMBERS_A_PAGE", 1)
    delivered(pipeline, ADA)
    pipeline.join("Newsletter", *(f"new{number}@example.com" for number in range(300)))
    half = pipeline.account().limits["leads"].budget // 2
    looking = pipeline.reconciling()
    looking.look()
    assert pipeline.calls("leads") == len(queue.ledger(pipeline.store, "default", "leads").slots) == half
    assert acts.status_of(jobs(pipeline)[0]) == "open"
    for _ in range(2):
        pipeline.clock.pass_seconds(301)
        looking.look()
    assert (jobs(pipeline)[0].counts, pipeline.calls("leads")) == ({"found": 1}, 301)
    assert pipeline.zoho()["lockouts"] == 0


def test_a_list_that_is_gone_keeps_no_other_from_being_compared(pipeline: Pipeline) -> None:
    delivered(pipeline, ADA)
    pipeline.receive("  - subscribe: {list: Webinar}\n", GRACE)
    pipeline.deliver()
    pipeline.fault(kind="error", code="2203", api="leads", count=1)
    pipeline.reconciling().look()
    assert jobs(pipeline)[0].counts == {"no_list": 1, "unconfirmed": 1}


def test_a_list_that_cannot_be_read_now_is_read_later(pipeline: Pipeline) -> None:
    delivered(pipeline, ADA)
    pipeline.fault(kind="error", code="2502", api="leads", count=1)
    looking = pipeline.reconciling()
    looking.look()
    assert acts.status_of(jobs(pipeline)[0]) == "open"
    pipeline.clock.pass_seconds(61)
    looking.look()
    assert jobs(pipeline)[0].counts == {"found": 1}


def test_a_day_without_deliveries_ends_at_once_and_asks_nothing(pipeline: Pipeline) -> None:
    pipeline.reconciling().look()
    assert [acts.status_of(job) for job in jobs(pipeline)] == ["ended"]
    assert pipeline.calls("leads") == 0


def test_one_that_a_person_stopped_stays_so_until_the_next_day(pipeline: Pipeline) -> None:
    delivered(pipeline, ADA)
    pipeline.fault(kind="error", code="2502", api="leads", count=1)
    looking = pipeline.reconciling()
    looking.look()
    acts.stop(pipeline.store, jobs(pipeline)[0].job_id, actor=stored.Actor(name="ada", source="cli"))
    pipeline.clock.pass_seconds(HOUR)
    assert looking.look() is None
    pipeline.clock.pass_seconds(23 * HOUR)
    looking.look()
    assert [acts.status_of(job) for job in jobs(pipeline)] == ["ended", "stopped"]


def test_each_is_in_the_audit(pipeline: Pipeline) -> None:
    delivered(pipeline, ADA)
    pipeline.reconciling().look()
    lines = stored.audit_lines(pipeline.store, limit=10)
    assert [(one.act, one.actor.source, one.result) for one in lines] == [
        ("reconcile", acts.SERVICE, "1 found"),
        ("reconcile", acts.SERVICE, "started"),
    ]
