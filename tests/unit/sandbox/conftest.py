"""A sandbox over real HTTP, with a clock that tests move by hand."""

from __future__ import annotations

import json
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
import requests

from bridge.sandbox import SandboxSettings, default_account, running
from tests.waiting import PATIENCE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Start = Callable[..., "Zoho"]

LISTS = {mail_list.name: mail_list.key for mail_list in default_account().lists}
JOURNEYS = {journey.name: journey for journey in default_account().journeys}


@dataclass
class Zoho:
    """A sandbox as its caller sees it. `now` is its clock, in milliseconds; `waits` the seconds it was made to wait."""

    now: int = 1_800_000_000_000
    url: str = ""
    token: str = ""
    waits: list[float] = field(default_factory=list)

    def pass_seconds(self, seconds: float) -> None:
        self.now += int(seconds * 1000)

    def post(self, path: str, **options: Any) -> requests.Response:
        return self.call("POST", path, **options)

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.call("GET", path, **options)

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        options.setdefault("headers", {"Authorization": f"Zoho-oauthtoken {self.token}"})
        return requests.request(method, self.url + path, timeout=PATIENCE_SECONDS, **options)

    def token_answer(self, **parameters: str) -> requests.Response:
        whole = {
            "grant_type": "refresh_token",
            "refresh_token": "r1",
            "client_id": "c1",
            "client_secret": "s1",
            **parameters,
        }
        return self.post("/oauth/v2/token", data={name: value for name, value in whole.items() if value})

    def subscribe(self, address: str = "ada@example.org", into: str = "Newsletter", **fields: Any) -> requests.Response:
        info = {"Lead Email": address, **{name.replace("_", " "): value for name, value in fields.items()}}
        return self.subscribe_with(listkey=LISTS[into], leadinfo=json.dumps(info))

    def subscribe_with(self, **parameters: str) -> requests.Response:
        whole = {"resfmt": "JSON", **parameters}
        return self.post("/api/v1/json/listsubscribe", data={key: value for key, value in whole.items() if value})

    def trigger(self, *addresses: str, journey: str = "Welcome", into: str = "Newsletter", **other: str) -> Any:
        details = {
            "lead_email": ",".join(addresses),
            "triggerkey": JOURNEYS[journey].trigger_key,
            "listkey": LISTS[into],
            **other,
        }
        return self.trigger_with(json.dumps(details), key=JOURNEYS[journey].key).json()

    def trigger_with(self, details: str, key: str = JOURNEYS["Welcome"].key) -> requests.Response:
        return self.post(f"/api/v1/journeys/{key}/action/trigger", data={"details": details})

    def fault(self, **fault: Any) -> None:
        answer = self.post("/_sandbox/faults", json=fault)
        assert answer.status_code == 200, answer.text

    def control(self, action: str, **parts: str) -> requests.Response:
        return self.post(f"/_sandbox/{action}", json=parts)

    def state(self) -> Any:
        return self.get("/_sandbox/state").json()

    def lead(self, address: str = "ada@example.org", of: str = "Newsletter") -> Any:
        return self.state()["leads"][of].get(address)


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts sandboxes with given settings; each has a good token and ends with the test."""
    with ExitStack() as open_sandboxes:

        def start_one(*, sleep: Callable[[float], None] | None = None, **settings: Any) -> Zoho:
            zoho = Zoho()
            running_one = running(SandboxSettings(**settings), clock=lambda: zoho.now, sleep=sleep or zoho.waits.append)
            zoho.url = open_sandboxes.enter_context(running_one)
            granted = {
                "client_id": settings.get("client_id", "c1"),
                "client_secret": settings.get("client_secret", "s1"),
            }
            refresh_token = settings.get("refresh_token", "r1")
            zoho.token = zoho.token_answer(refresh_token=refresh_token, **granted).json()["access_token"]
            zoho.control("reset")
            return zoho

        yield start_one


@pytest.fixture
def zoho(start: Start) -> Zoho:
    """The sandbox as it is when nothing is set."""
    return start()


@pytest.fixture
def real_sleep() -> Callable[[float], None]:
    return time.sleep
