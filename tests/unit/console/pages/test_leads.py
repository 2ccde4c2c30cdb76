"""Leads: from what a person types to the story of a lead."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from bridge.console.page import EXTENSION
from bridge.model import event_name
from bridge.operations.acts import lead_subject
from tests.builders import HookDriver
from tests.unit.console.conftest import MAPPING, act

if TYPE_CHECKING:
    from flask.testing import FlaskClient


@pytest.mark.parametrize(
    ("what", "path"),
    [
        ("ada@example.com", "/leads/evt_1"),
        (" Ada@Example.com ", "/leads/evt_1"),
        ("evt_2", "/leads/evt_2"),
        ("dlv_1", "/leads/dlv_1"),
        ("", "/leads"),
    ],
)
def test_a_search_goes_to_the_lead_and_puts_no_address_into_a_url(client: FlaskClient, what: str, path: str) -> None:
    answer = act(client, "/leads/search", what=what)
    assert answer.status_code == 303
    assert urlsplit(answer.headers["Location"]).path == path
    assert client.get(path).status_code == 200


def test_the_id_of_a_lead_in_the_log_finds_it(client: FlaskClient) -> None:
    name = lead_subject(client.application.extensions[EXTENSION].outbox, "grace@example.com")
    answer = act(client, "/leads/search", what=name)
    assert urlsplit(answer.headers["Location"]).path == "/leads/evt_2"
    assert client.get(f"/leads/{name}").status_code == 200
    other = name[:-4] + ("0000" if name[-4:] != "0000" else "1111")
    assert "Nothing has this id" in act(client, "/leads/search", what=other).text
    assert client.get(f"/leads/{other}").status_code == 404


def test_the_start_of_an_address_finds_those_that_start_so(client: FlaskClient) -> None:
    shown = act(client, "/leads/search", what="gra").text
    assert 'href="/leads/evt_2"' in shown
    assert 'href="/leads/evt_1"' not in shown


def test_an_address_that_never_came_is_answered_with_near_spellings_hooks_and_refused_events(
    client: FlaskClient,
) -> None:
    near = act(client, "/leads/search", what="adda@example.com").text
    assert "never came" in near
    assert 'href="/leads/evt_1"' in near
    far = act(client, "/leads/search", what="zuse@example.com").text
    assert "never came" in far
    assert 'href="/hooks/form">form</a>' in far
    assert 'href="/leads/evt_3"' in far


@pytest.mark.parametrize(
    "path", ["/leads/evt_99", "/leads/dlv_99", "/leads/call_1", "/leads/evt_x", "/leads/ada@example.com"]
)
def test_what_is_not_there_is_said_to_be_so(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404
    assert client.get(f"{path}.json").status_code == 404


def test_the_story_says_in_one_sentence_where_the_lead_is(client: FlaskClient) -> None:
    assert "waits for its turn" in client.get("/leads/evt_1").text
    assert "there was no consent" in client.get("/leads/evt_2").text
    refused = client.get("/leads/evt_3").text
    assert "Lead Email" in refused
    assert 'href="/trying/form?event=evt_3"' in refused


def test_a_replay_shows_each_difference_before_anything_is_done(client: FlaskClient, tmp_path: object) -> None:
    from pathlib import Path

    mapping = Path(str(tmp_path)) / "mappings" / "form.yaml"
    mapping.write_text(mapping.read_text().replace("Newsletter", "Readers"))
    shown = client.get("/leads/evt_1/replay.json").get_json()
    assert shown["decision"] == "send"
    assert {"path": "actions[0].list", "before": "Newsletter", "after": "Readers"} in shown["changes"]
    assert client.get("/leads/evt_1.json").get_json()["events"][0]["deliveries"][0]["target"] == "Newsletter"
    assert act(client, "/leads/evt_1/replay").status_code == 303
    targets = [one["target"] for one in client.get("/leads/evt_1.json").get_json()["events"][0]["deliveries"]]
    assert targets == ["Newsletter", "Readers"]


@pytest.mark.parametrize(
    "source",
    [
        "{answer: first, as: email, required: true}",
        "{answer: first, as: phone, required: true}",
        "{answer: first, as: date, required: true}",
        "{answer: first, as: integer, required: true}",
        "{answer: first, lookup: {a: b}, unmatched: refuse}",
        "{answer: nowhere, required: true}",
        "{answer: nowhere}",
    ],
)
def test_every_problem_is_shown_whatever_parts_it_has(client: FlaskClient, source: str) -> None:
    mapping = MAPPING.replace("actions:", f"  Extra: {source}\nactions:")
    driver = HookDriver(client.application.extensions[EXTENSION].outbox, mapping)
    for body in (
        {"email": "ada at example", "first": "Ada"},
        {"email": "ada@example.com", "consent": True, "first": "Ada"},
    ):
        (event,) = driver.receive({**body, "consent": True}).events
        page = client.get(f"/leads/{event_name(event.receipt.event_id)}")
        assert page.status_code == 200
        assert "Mapped" in page.text
