"""What was delivered, compared with who is in the lists of a real sandbox: each result, and how far lists are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from bridge import zoho
from bridge.delivery.lookups import ask
from bridge.errors import ZohoError
from bridge.operations import acts
from bridge.operations.acts import reconcile
from bridge.outbox import acts as stored
from bridge.outbox import operator, registry
from bridge.outbox.acts import Actor
from bridge.zoho import members
from tests.contract.delivery.conftest import MAPPING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bridge.outbox.acts import Job
    from tests.contract.delivery.conftest import Pipeline

SUBSCRIBE: Final = "  - subscribe: {list: Newsletter}\n"
PUBLIC: Final = "  - subscribe: {list: Webinar}\n"
ADA, GRACE, ALAN, EDSGER = (f"{name}@example.com" for name in ("ada", "grace", "alan", "edsger"))
OPERATOR: Final = Actor(name="ada", source="cli")


def _started(pipeline: Pipeline) -> Job:
    return acts.start(pipeline.store, acts.expected(pipeline.store, since=0), actor=OPERATOR)


def _run(pipeline: Pipeline, job: Job, folder: Path) -> Job:
    return acts.run(acts.Parts(pipeline.store, folder, account=pipeline.account), job.job_id)


def _pages_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (members, zoho):
        monkeypatch.setattr(module, "MEMBERS_A_PAGE", 2)


def test_each_lead_is_found_or_said_to_be_elsewhere(pipeline: Pipeline, tmp_path: Path) -> None:
    pipeline.receive(SUBSCRIBE, ADA, GRACE, ALAN, EDSGER)
    pipeline.deliver()
    pipeline.change("unsubscribe", GRACE)
    pipeline.change("bounce", ALAN)
    pipeline.change("remove", EDSGER)
    job = _run(pipeline, _started(pipeline), tmp_path)
    assert job.counts == {"found": 1, "unsubscribed": 1, "bounced": 1, "missing": 1}
    assert acts.status_of(job) == "ended"


def test_who_is_missing_is_sent_again_though_it_was_accepted_before(pipeline: Pipeline, tmp_path: Path) -> None:
    pipeline.receive(SUBSCRIBE, ADA)
    pipeline.deliver()
    pipeline.change("remove", ADA)
    (tmp_path / "form.yaml").write_text(MAPPING + SUBSCRIBE)
    event_id = operator.find_events(pipeline.store, lead=ADA)[0].event_id
    choice = acts.Choice(act="replay", subject="missing in a list", ids=(event_id,), left_out={})
    _run(pipeline, acts.start(pipeline.store, choice, actor=OPERATOR, options={"again": True}), tmp_path)
    pipeline.deliver()
    assert _run(pipeline, _started(pipeline), tmp_path).counts == {"found": 1}


def test_a_list_is_read_only_until_all_are_found(
    pipeline: Pipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _pages_of_two(monkeypatch)
    pipeline.join("Newsletter", *(f"old{number}@example.com" for number in range(9)))
    pipeline.receive(SUBSCRIBE, ADA)
    pipeline.deliver()
    job = _run(pipeline, _started(pipeline), tmp_path)
    assert job.counts == {"found": 1}
    assert pipeline.calls("leads") == 1, "the newest come first"


def test_it_goes_on_where_its_calls_were_used_up(
    pipeline: Pipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _pages_of_two(monkeypatch)
    pipeline.receive(SUBSCRIBE, ADA)
    pipeline.deliver()
    pipeline.join("Newsletter", *(f"new{number}@example.com" for number in range(4)))
    job = _started(pipeline)
    with monkeypatch.context() as patched:
        patched.setattr(reconcile, "ask", _once(ask))
        with pytest.raises(ZohoError):
            _run(pipeline, job, tmp_path)
    assert stored.items_of(pipeline.store, job.job_id)[0].result == ""
    assert pipeline.calls("leads") == 1
    job = _run(pipeline, job, tmp_path)
    assert job.counts == {"found": 1}
    assert pipeline.calls("leads") == 3, "the first page is not read again"


def _once(call: Callable[..., Any]) -> Callable[..., Any]:
    """One call, then none: as when the calls of the window are used up."""
    left = [call]

    def asked(*given: Any, **more: Any) -> Any:
        if not left:
            raise ZohoError("Get Leads of a List takes no call now")
        return left.pop()(*given, **more)

    return asked


def test_who_left_afterwards_is_not_looked_for(pipeline: Pipeline) -> None:
    pipeline.receive(SUBSCRIBE, ADA, GRACE)
    pipeline.deliver()
    pipeline.receive("  - unsubscribe: {list: Newsletter}\n", ADA, left="yes")
    pipeline.deliver()
    ids = acts.expected(pipeline.store, since=0).ids
    assert [one.delivery_id for one in pipeline.deliveries(GRACE)] == list(ids)


def test_the_last_delivery_counts_whichever_hook_brought_it(pipeline: Pipeline) -> None:
    pipeline.receive(SUBSCRIBE, ADA, GRACE)
    pipeline.receive(SUBSCRIBE, ADA, hook="another")
    pipeline.deliver()
    ids = acts.expected(pipeline.store, since=0, hook="form").ids
    assert ids == (pipeline.deliveries(GRACE)[0].delivery_id, pipeline.deliveries(ADA)[0].delivery_id)
    assert acts.expected(pipeline.store, since=0, hook="another").ids == ids[1:]


def test_another_name_in_zoho_is_a_difference(pipeline: Pipeline, tmp_path: Path) -> None:
    pipeline.receive(SUBSCRIBE, ADA, GRACE)
    pipeline.deliver()
    pipeline.receive(PUBLIC, ADA, name="Augusta")
    pipeline.deliver()
    pipeline.confirm(ADA)
    job = _run(pipeline, _started(pipeline), tmp_path)
    assert job.counts == {"differs": 1, "found": 2}


def test_who_has_not_confirmed_is_no_loss(pipeline: Pipeline, tmp_path: Path) -> None:
    pipeline.receive(PUBLIC, ADA)
    pipeline.deliver()
    assert _run(pipeline, _started(pipeline), tmp_path).counts == {"unconfirmed": 1}


def test_without_an_account_the_job_is_left_to_who_has_one(pipeline: Pipeline, tmp_path: Path) -> None:
    pipeline.receive(SUBSCRIBE, ADA)
    pipeline.deliver()
    job = acts.run(acts.Parts(pipeline.store, tmp_path), _started(pipeline).job_id)
    assert acts.status_of(job) == "open"
    assert pipeline.calls("leads") == 0


def test_a_list_that_is_named_and_given_by_its_key_is_one_list(pipeline: Pipeline, tmp_path: Path) -> None:
    pipeline.receive(SUBSCRIBE, ADA)
    pipeline.deliver()
    (first,) = pipeline.deliveries(ADA)
    key = next(one.key for one in zoho.Snapshot.from_json(_snapshot(pipeline)).lists if one.name == "Newsletter")
    pipeline.receive(f"  - subscribe: {{listkey: {key}}}\n", ADA, again="yes")
    pipeline.deliver()
    job = _started(pipeline)
    assert first.delivery_id in {one.item_id for one in stored.every_item(pipeline.store, job.job_id)}
    assert _run(pipeline, job, tmp_path).counts == {"found": 2}


def _snapshot(pipeline: Pipeline) -> bytes:
    content = registry.snapshot(pipeline.store, "default")
    assert content is not None
    return content


def test_what_was_purged_meanwhile_does_not_keep_it_from_its_end(pipeline: Pipeline, tmp_path: Path) -> None:
    choice = acts.Choice(act="reconcile", subject="", ids=(1_000_000,), left_out={})
    job = _run(pipeline, acts.start(pipeline.store, choice, actor=OPERATOR), tmp_path)
    assert job.counts == {"purged": 1}
    assert acts.status_of(job) == "ended"
