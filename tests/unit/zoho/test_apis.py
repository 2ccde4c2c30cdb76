"""One table of APIs: a new one is a record, its form and its reader, and nothing else is touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from benchmarks.simulated import SandboxHttp, Simulation, memory_folder
from bridge import zoho
from bridge.http import HttpAnswer
from bridge.model import DeliveryState, Effect, Outcome, OutcomeStatus, Response, Target
from bridge.outbox import operator
from bridge.sandbox import SandboxSettings
from bridge.zoho import APIS, Api

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

    from bridge.model import ClaimedDelivery
    from bridge.zoho import Envelope, Keys


def _form(_keys: Keys, leads: Sequence[ClaimedDelivery]) -> dict[str, str]:
    return {"toys": ",".join(lead.lead for lead in leads)}


def _read(envelope: Envelope, deliveries: Sequence[ClaimedDelivery]) -> Response:
    broken = str(envelope.data.get("broken", ""))
    outcomes = tuple(
        Outcome(status=OutcomeStatus.REFUSED, result="broken")
        if lead.lead in broken
        else Outcome(status=OutcomeStatus.DELIVERED, result="wound_up")
        for lead in deliveries
    )
    return Response(effect=Effect.NONE, outcomes=outcomes, http_status=envelope.http_status)


TOY = Api(
    name="toy",
    title="Wind Up Toys",
    method="POST",
    path="/api/v1/toys",
    limit=10,
    budget=9,
    has_leads=True,
    needs=frozenset(),
    batch=5,
    form=_form,
    read=_read,
    scope="",
    docs="https://toys.example.com",
)


def test_deliveries_to_a_toy_api_are_packed_paced_and_given_their_outcomes(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    def send(self: SandboxHttp, method: str, url: str, **rest: object) -> HttpAnswer:
        if not url.endswith("/toys"):
            return real(self, method, url, **rest)  # type: ignore[arg-type]  # the rest is what it was called with
        form = rest["form"]
        assert isinstance(form, dict)
        calls.append(form["toys"])
        return HttpAnswer(status=200, headers={}, body=orjson.dumps({"broken": "doll@example.com"}))

    real = SandboxHttp.send
    monkeypatch.setattr(SandboxHttp, "send", send)
    monkeypatch.setitem(APIS, "toy", TOY)
    assert TOY in zoho.lead_apis()
    toys = [f"toy{number}@example.com" for number in range(6)] + ["doll@example.com"]
    with memory_folder() as folder:
        simulation = Simulation(database=folder / "a.db", zoho=SandboxSettings())
        simulation.start()
        simulation.receive(*((toy, Target(api="toy"), b"{}") for toy in toys))
        simulation.run(60)
        stories = [operator.find_events(simulation.store, lead=toy)[0].deliveries[0] for toy in toys]
        simulation.close()
    assert [call.count("@") for call in calls] == [5, 2]
    assert [one.state for one in stories] == [DeliveryState.DELIVERED] * 6 + [DeliveryState.DEAD]
    assert [one.attempts[-1].result for one in stories] == ["wound_up"] * 6 + ["broken"]
