"""What a sender is answered, and what is kept: every row of the table, over real HTTP to a real receiver."""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import orjson
import pytest

if TYPE_CHECKING:
    from bridge.http import HttpAnswer
    from tests.e2e.conftest import NewService, Service

TOKEN = {"X-Token": "a token"}
SIGNING_KEY = "a signing key"
WAITS_SECONDS = 5

LEAD = """
lead:
  Lead Email: {answer: email}
  First Name: {answer: name}
actions:
  - subscribe: {list: Newsletter}
  - trigger: {journey: Welcome}
"""
FORM = "preset: json\nsecrets: {token: FORM_TOKEN}\nverify: {header_token: X-Token}\nid: body.id\n"
CONSENT = "consent: {answer: newsletter}"
OPEN = f"preset: json\nverify: none\n{CONSENT}{LEAD}"
SIGNED = f"""preset: json
secrets: {{signing: FORM_KEY}}
verify:
  hmac:
    header: X-Signature
    algorithm: sha256
    encoding: hex
    content: "{{timestamp}}.{{body}}"
    timestamp: {{header: X-Timestamp, unit: s}}
    tolerance: 300
{CONSENT}{LEAD}"""
ACKNOWLEDGED = """name: acknowledged
title: A sender that counts nothing but its own answer as received
docs: [https://example.com/docs]
setup: ["Post to {url}."]
retries: For a day.
category: general
verify: choose
body: json
answers: body
answer: {status: 200, body: "<Ack>true</Ack>", content_type: text/xml}
"""
BROKEN = "preset: jsn\nlead: {Lead Email: email}\n"
MISLED = f"{FORM}{CONSENT}{LEAD}".replace("{answer: email}", "{answer: mail, required: true}")

ADA = {"email": "ada@example.com", "name": "Ada", "newsletter": True}


@pytest.fixture(scope="module")
def service(new_service: NewService) -> Service:
    """A receiver with a hook of each kind; nothing delivers, and no credentials are set."""
    service = new_service(FORM_TOKEN=TOKEN["X-Token"], FORM_KEY=SIGNING_KEY, LEADBRIDGE_MAX_BODY="2048")
    (service.mappings / "presets").mkdir()
    (service.mappings / "presets" / "acknowledged.yaml").write_text(ACKNOWLEDGED)
    service.write(
        acknowledged=f"{FORM}{CONSENT}{LEAD}".replace("json", "acknowledged"),
        form=f"{FORM}{CONSENT}{LEAD}",
        draft=f"live: false\n{FORM}{CONSENT}{LEAD}",
        picky=f"{FORM}when: {{answer: country, is: India}}\n{CONSENT}{LEAD}",
        updates=f"accept: [update]\n{FORM}{CONSENT}{LEAD}",
        strict=f"refuse_with_422: true\n{FORM}{CONSENT}{LEAD}",
        open=OPEN,
        signed=SIGNED,
        unset=f"{FORM}{CONSENT}{LEAD}".replace("FORM_TOKEN", "NEVER_SET"),
        broken=BROKEN,
    )
    service.start("receive")
    return service


def reported(answer: HttpAnswer) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = orjson.loads(answer.body)["events"]
    return events


def problem(answer: HttpAnswer) -> dict[str, Any]:
    """The answer's problem, once it is seen to have the form of RFC 9457."""
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = orjson.loads(answer.body)
    assert set(body) == {"type", "title", "status", "detail"}
    assert body["status"] == answer.status
    assert all(body.values())
    return body


def sign(body: bytes, *, at: float = 0, key: str = SIGNING_KEY) -> dict[str, str]:
    stamp = str(int(time.time() + at))
    signature = hmac.new(key.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Signature": signature, "X-Timestamp": stamp}


def test_an_event_that_becomes_deliveries_is_accepted_and_kept_whole(service: Service) -> None:
    answer = service.post("form", ADA | {"id": "whole"}, TOKEN)
    (event,) = reported(answer)
    assert (answer.status, answer.headers["content-type"]) == (202, "application/json")
    assert event == {"id": event["id"], "state": "accepted"}
    (story,) = service.stories(event_id=int(event["id"].removeprefix("evt_")))
    assert (story.hook, story.lead) == ("form", "ada@example.com")
    assert [(one.target.api, one.state.name) for one in story.deliveries] == [
        ("subscribe", "PENDING"),
        ("trigger", "BLOCKED"),
    ]


def test_the_answer_carries_the_senders_request_id(service: Service) -> None:
    answer = service.post("form", ADA | {"id": "request-id"}, {**TOKEN, "X-Request-Id": "abc-123"})
    assert answer.headers["x-request-id"] == "abc-123"
    assert service.lines("request.answered", request_id="abc-123")


def test_a_sender_that_wants_its_own_answer_gets_it_whatever_became_of_the_event(service: Service) -> None:
    for body in (ADA | {"id": "a"}, ADA | {"id": "b", "newsletter": False}, ADA | {"id": "c", "email": "none"}):
        answer = service.post("acknowledged", body, TOKEN)
        assert (answer.status, answer.headers["content-type"]) == (200, "text/xml")
        assert answer.body == b"<Ack>true</Ack>"
    assert {story.state.name for story in service.stories(hook="acknowledged")} == {"ACCEPTED", "IGNORED", "REFUSED"}
    assert problem(service.post("acknowledged", ADA, {}))["status"] == 401


@pytest.mark.parametrize(
    ("hook", "change", "reason"),
    [
        ("form", {"newsletter": False}, "no_consent"),
        ("form", {"newsletter": None}, "no_consent"),
        ("draft", {}, "not_live"),
        ("picky", {}, "when"),
        ("updates", {}, "kind_not_accepted"),
    ],
)
def test_an_event_that_is_not_for_us_is_ignored_and_kept(
    service: Service, hook: str, change: dict[str, Any], reason: str
) -> None:
    answer = service.post(hook, ADA | {"id": f"ignored-{hook}-{change}"} | change, TOKEN)
    (event,) = reported(answer)
    assert (answer.status, event) == (202, {"id": event["id"], "state": "ignored", "reason": reason})
    (story,) = service.stories(event_id=int(event["id"].removeprefix("evt_")))
    assert (story.state.name, story.deliveries) == ("IGNORED", ())


def test_an_event_that_cannot_be_mapped_is_refused_with_its_problems_and_202(service: Service) -> None:
    answer = service.post("form", ADA | {"id": "refused", "email": "ada at example"}, TOKEN)
    (event,) = reported(answer)
    assert (answer.status, event["state"], event["reason"]) == (202, "refused", "bad_address")
    (found,) = event["problems"]
    assert set(found) == {"code", "path", "fix"}
    assert b"ada at" not in answer.body
    (story,) = service.stories(event_id=int(event["id"].removeprefix("evt_")))
    assert story.state.name == "REFUSED"


def test_a_mapping_may_choose_422_for_what_it_refuses(service: Service) -> None:
    answer = service.post("strict", ADA | {"id": "refused", "email": ""}, TOKEN)
    assert (answer.status, reported(answer)[0]["state"]) == (422, "refused")
    assert service.post("strict", ADA | {"id": "fine"}, TOKEN).status == 202


def test_an_authentic_body_that_cannot_be_read_is_refused_and_kept(service: Service) -> None:
    answer = service.post("form", b'{"email": ', TOKEN)
    (event,) = reported(answer)
    assert (answer.status, event["state"], event["reason"]) == (202, "refused", "unreadable")
    assert service.stories(event_id=int(event["id"].removeprefix("evt_")))
    (again,) = reported(service.post("form", b'{"email": ', TOKEN))
    assert (again["id"], again["duplicate"]) == (event["id"], True)


def test_what_was_seen_before_gets_the_first_answer_and_leaves_nothing_new(service: Service) -> None:
    (first,) = reported(service.post("form", ADA | {"id": "twice"}, TOKEN))
    before = len(service.stories())
    answer = service.post("form", ADA | {"id": "twice"}, TOKEN)
    assert (answer.status, reported(answer)) == (202, [{"id": first["id"], "state": "accepted", "duplicate": True}])
    assert len(service.stories()) == before


def test_an_edit_of_what_was_seen_before_is_an_update(service: Service) -> None:
    (first,) = reported(service.post("form", ADA | {"id": "edited"}, TOKEN))
    (second,) = reported(service.post("form", ADA | {"id": "edited", "name": "Ada King"}, TOKEN))
    assert second == {"id": second["id"], "state": "accepted", "update": True}
    assert second["id"] != first["id"]


def test_each_event_of_a_batch_is_answered_for_itself(service: Service) -> None:
    batch = [ADA | {"id": 1}, ADA | {"id": 2, "newsletter": False}, ADA | {"id": 3, "email": "nobody"}]
    answer = service.post("form", batch, TOKEN)
    assert (answer.status, [event["state"] for event in reported(answer)]) == (202, ["accepted", "ignored", "refused"])


@pytest.mark.parametrize("headers", [{}, {"X-Token": "wrong"}, {"X-Token": ""}])
def test_a_missing_or_wrong_token_is_401_and_leaves_nothing(service: Service, headers: dict[str, str]) -> None:
    before = len(service.stories())
    answer = service.post("form", ADA | {"id": "forged"}, headers)
    assert (answer.status, problem(answer)["title"]) == (401, "Signature verification failed")
    assert len(service.stories()) == before


def test_a_signature_accepts_only_its_own_body_in_its_own_time(service: Service) -> None:
    body = orjson.dumps(ADA)
    assert service.post("signed", body, sign(body)).status == 202
    refused = [{}, sign(body, key="another"), sign(body + b" "), sign(body, at=-400), sign(body, at=400)]
    answers = [service.post("signed", body, headers) for headers in refused]
    assert [answer.status for answer in answers] == [401] * 5
    assert all(problem(answer) for answer in answers)


def test_what_is_neither_authenticated_nor_readable_is_400(service: Service) -> None:
    before = len(service.stories())
    for body in (b'{"email": ', b"", b"\xff\xfe\x00"):
        answer = service.post("open", body)
        assert (answer.status, problem(answer)["title"]) == (400, "The body cannot be read")
    assert len(service.stories()) == before


def test_a_kind_of_body_that_is_not_handled_is_415(service: Service) -> None:
    answer = service.post("open", b"<lead/>", {"Content-Type": "application/xml"})
    assert (answer.status, problem(answer)["title"]) == (415, "This kind of body is not accepted")


@pytest.mark.parametrize("hook", ["open", "form", "signed"])
def test_a_body_that_is_too_large_is_413(service: Service, hook: str) -> None:
    answer = service.post(hook, orjson.dumps(ADA | {"message": "x" * 3000}))
    assert answer.status == 413
    assert "2048 bytes" in problem(answer)["detail"]


def test_a_hook_that_was_never_there_is_404(service: Service) -> None:
    answer = service.post("nowhere", ADA)
    assert (answer.status, problem(answer)["detail"]) == (404, "there is no hook 'nowhere'")


def test_another_path_is_404_and_another_method_405(service: Service) -> None:
    assert problem(service.get("/nothing"))["status"] == 404
    answer = service.get("/hooks/form")
    assert (answer.status, answer.headers["allow"]) == (405, "POST")
    assert problem(answer)


@pytest.mark.parametrize(("hook", "why"), [("unset", "NEVER_SET is empty"), ("broken", "jsn")])
def test_a_hook_without_its_secret_or_a_usable_mapping_is_503(service: Service, hook: str, why: str) -> None:
    answer = service.post(hook, ADA, TOKEN)
    assert (answer.status, answer.headers["retry-after"]) == (503, "30")
    assert why in problem(answer)["detail"]


def test_an_outbox_that_cannot_be_written_in_time_is_503_and_the_service_not_ready(service: Service) -> None:
    lock = service.outbox.with_name(service.outbox.name + ".lock")
    with lock.open("rb") as held, ThreadPoolExecutor() as pool:
        fcntl.flock(held, fcntl.LOCK_EX)
        posts = [pool.submit(service.post, "form", ADA | {"id": f"held-{number}"}, TOKEN) for number in range(3)]
        ready = pool.submit(service.get, "/readyz")
        answers = [post.result() for post in posts]
    assert [(answer.status, answer.headers["retry-after"]) for answer in answers] == [(503, "30")] * 3
    assert all("more than 5 s" in problem(answer)["detail"] for answer in answers)
    assert (ready.result().status, orjson.loads(ready.result().body)["ready"]) == (503, False)
    assert service.get("/readyz").status == 200
    answer = service.post("form", ADA | {"id": "held-0"}, TOKEN)
    assert reported(answer) == [{"id": reported(answer)[0]["id"], "state": "accepted"}], (
        "nothing of the first try was kept"
    )


@pytest.fixture(scope="module")
def restarted(new_service: NewService) -> tuple[Service, dict[str, Any]]:
    """A receiver started again over changed mappings, and what was answered before."""
    service = new_service(FORM_TOKEN=TOKEN["X-Token"])
    good = f"{FORM}{CONSENT}{LEAD}"
    service.write(poisoned=good, vanished=good, fixed=MISLED)
    before = service.start("receive")
    answers = {
        hook: reported(service.post(hook, ADA | {"id": 1}, TOKEN))[0] for hook in ("poisoned", "vanished", "fixed")
    }
    assert before.stop() == 0
    (service.mappings / "vanished.yaml").unlink()
    service.write(poisoned=BROKEN, fixed=good)
    service.start("receive")
    return service, answers


def test_a_mapping_that_was_poisoned_runs_on_its_last_good_text(restarted: tuple[Service, dict[str, Any]]) -> None:
    service, _ = restarted
    answer = service.post("poisoned", ADA | {"id": 2}, TOKEN)
    assert (answer.status, reported(answer)[0]["state"]) == (202, "accepted")
    (line, *_) = service.lines("mapping.rejected", hook="poisoned")
    assert line["last_good_in_use"] is True


def test_a_hook_whose_mapping_vanished_is_503_and_not_404(restarted: tuple[Service, dict[str, Any]]) -> None:
    service, _ = restarted
    answer = service.post("vanished", ADA | {"id": 2}, TOKEN)
    assert (answer.status, answer.headers["retry-after"]) == (503, "30")
    assert problem(answer)["detail"] == "the mapping of hook 'vanished' is gone"


def test_a_refused_event_is_mapped_again_when_it_comes_again(restarted: tuple[Service, dict[str, Any]]) -> None:
    service, before = restarted
    assert before["fixed"]["state"] == "refused"
    answer = service.post("fixed", ADA | {"id": 1}, TOKEN)
    (event,) = reported(answer)
    assert event == {"id": event["id"], "state": "accepted", "update": True}
    refused, accepted = service.stories(hook="fixed")
    assert (refused.state.name, refused.reason) == ("IGNORED", "replaced")
    assert len(accepted.deliveries) == 2
