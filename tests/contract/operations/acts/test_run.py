"""Jobs, carried out on both databases: by one, by two at once, killed, stopped, resumed."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bridge.errors import LeadbridgeError
from bridge.forget import count_traces
from bridge.model import EventState
from bridge.operations import acts
from bridge.operations.acts.run import STEP
from bridge.outbox import acts as stored
from bridge.outbox import lifecycle
from bridge.outbox.acts import Actor
from bridge.outbox.operator import Selector, find_events
from tests.builders import HookDriver

if TYPE_CHECKING:
    from bridge.outbox import Outbox
    from bridge.outbox.acts import Job

ADA = Actor(name="ada", source="console")
MAPPING = """
preset: json
verify: none
consent: {not_asked: our own form}
lead:
  Lead Email: {from: body.email}
actions:
  - subscribe: {list: Newsletter}
"""
RUN = """
import sys
from pathlib import Path
from bridge import log
from bridge.operations import acts
from bridge.operations.acts.run import STEP
from bridge.outbox import open_outbox
log.configure(level="error", stream=sys.stderr)
STEP["replay"] = 2
parts = acts.Parts(open_outbox(sys.argv[1]), Path(sys.argv[2]), sleep=lambda _: None)
acts.run(parts, int(sys.argv[3]), progress=lambda done: print(done, flush=True))
"""


@pytest.fixture
def mappings(tmp_path: Path) -> Path:
    (tmp_path / "form.yaml").write_text(MAPPING)
    return tmp_path


def post(outbox: Outbox, count: int) -> None:
    form = HookDriver(outbox, MAPPING)
    for number in range(count):
        form.receive({"email": f"lead{number}@example.com"})


def replay(outbox: Outbox) -> Job:
    return acts.start(outbox, acts.choose(outbox, "replay", Selector(hook="form")), actor=ADA, options={"again": True})


def replays(outbox: Outbox) -> set[int]:
    """How often each event was replayed."""
    return {max(one.replay for one in event.deliveries) for event in find_events(outbox, limit=1000)}


def test_a_job_that_is_killed_and_then_run_by_two_at_once_does_everything_once(
    outbox: Outbox, outbox_url: str, mappings: Path
) -> None:
    post(outbox, 40)
    job = replay(outbox)
    command = [sys.executable, "-c", RUN, outbox_url, str(mappings), str(job.job_id)]
    killed = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert killed.stdout is not None
    assert int(killed.stdout.readline()) >= 2
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert acts.needed(outbox, job.job_id).ended_at is None
    both = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(2)]
    assert [one.wait() for one in both] == [0, 0]
    ended = acts.needed(outbox, job.job_id)
    assert (ended.counts, acts.status_of(ended)) == ({"send": 40}, "ended")
    assert replays(outbox) == {1}
    lines = stored.audit_lines(outbox, limit=9, job_id=job.job_id)
    assert [(line.result, line.count, line.actor) for line in lines] == [("40 send", 40, ADA), ("started", 40, ADA)]


def test_a_job_stops_after_its_step_and_goes_on(
    outbox: Outbox, mappings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(STEP, "replay", 2)
    post(outbox, 6)
    job = replay(outbox)
    parts = acts.Parts(outbox, mappings)

    def stop(_done: int) -> None:
        acts.stop(outbox, job.job_id, actor=ADA)

    acts.run(parts, job.job_id, progress=stop)
    stopped = acts.needed(outbox, job.job_id)
    assert (stopped.done, acts.status_of(stopped)) == (2, "stopped")
    assert acts.run(parts, job.job_id).done == 2, "nobody has resumed it"
    acts.resume(outbox, job.job_id, actor=ADA)
    assert acts.status_of(acts.run(parts, job.job_id)) == "ended"
    assert replays(outbox) == {1}
    results = [line.result for line in stored.audit_lines(outbox, limit=9, job_id=job.job_id)]
    assert results == ["6 send", "resumed", "stopped", "started"]
    for change in (acts.stop, acts.resume):
        with pytest.raises(LeadbridgeError, match="ended"):
            change(outbox, job.job_id, actor=ADA)


def test_a_job_names_no_lead_and_forgetting_one_leaves_the_audit_whole(outbox: Outbox, mappings: Path) -> None:
    post(outbox, 2)
    for act in ("replay", "cancel", "forget"):
        job = acts.start(outbox, acts.choose(outbox, act, Selector(lead="lead1@example.com")), actor=ADA)
        acts.run(acts.Parts(outbox, mappings), job.job_id)
    assert acts.needed(outbox, job.job_id).counts == {"forgotten": 1}
    (forgotten,) = find_events(outbox, event_id=2)
    assert (forgotten.state, forgotten.lead) == (EventState.IGNORED, "")
    lines = stored.audit_lines(outbox, limit=9)
    subjects = {line.subject for line in lines}
    assert [line.act for line in lines] == ["forget", "forget", "cancel", "cancel", "replay", "replay"]
    assert subjects == {acts.lead_subject(outbox, "lead1@example.com")}
    with outbox.read() as transaction:
        for query in ("SELECT * FROM jobs", "SELECT * FROM job_items", "SELECT * FROM audit"):
            for row in transaction.connection.execute(query).fetchall():
                assert "lead1@" not in str(dict(row))


@pytest.mark.parametrize("calls_before", range(5))
def test_a_person_is_forgotten_whole_although_it_was_broken_off(
    outbox: Outbox, mappings: Path, monkeypatch: pytest.MonkeyPatch, calls_before: int
) -> None:
    """Broken off before each of its transactions: the job still knows whom it is about."""
    form = HookDriver(outbox, MAPPING)
    for number in range(3):
        form.receive({"email": "ada@example.com", "again": number})
    job = acts.start(outbox, acts.choose(outbox, "forget", Selector(event_id=2)), actor=ADA)
    writes = iter(range(calls_before))
    forget_event = lifecycle.forget_event

    def broken_off(*given: Any, **named: Any) -> Any:
        if next(writes, None) is None:
            raise KeyboardInterrupt
        return forget_event(*given, **named)

    with monkeypatch.context() as patched:
        patched.setattr(lifecycle, "forget_event", broken_off)
        with contextlib.suppress(KeyboardInterrupt):
            acts.run(acts.Parts(outbox, mappings), job.job_id)
    assert acts.run(acts.Parts(outbox, mappings), job.job_id).counts == {"forgotten": 1}
    assert count_traces(outbox, "ada@example.com") == {}


def test_an_act_leaves_out_what_it_does_not_fit_and_says_so(outbox: Outbox) -> None:
    post(outbox, 3)
    chosen = acts.choose(outbox, "retry", Selector(hook="form"))
    assert (chosen.ids, chosen.left_out, chosen.subject) == ((), {"pending": 3}, "hook=form")
    assert acts.choose(outbox, "cancel", Selector(hook="form")).ids == (1, 2, 3)
    assert acts.choose(outbox, "dismiss", Selector(hook="form")).left_out == {"accepted": 3}
    with pytest.raises(LeadbridgeError, match="say which"):
        acts.choose(outbox, "cancel", Selector())


def test_an_event_that_is_purged_before_its_turn_is_passed_over(outbox: Outbox, mappings: Path) -> None:
    post(outbox, 1)
    job = stored.start_job(outbox, "replay", [1, 99], subject="", options={"again": True}, actor=ADA)
    assert acts.run(acts.Parts(outbox, mappings), job.job_id).counts == {"send": 1, "purged": 1}
