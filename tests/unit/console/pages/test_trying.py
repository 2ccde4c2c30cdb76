"""Try: a mapping's text on events that came."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from bridge.hooks.folder import load_presets
from tests.unit.console.conftest import MAPPING, act

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient


def test_todays_text_is_tried_on_the_newest_events(client: FlaskClient) -> None:
    shown = client.get("/trying/form.json").get_json()
    assert [(one["event"], one["before"], one["after"], one["changes"]) for one in shown["events"]] == [
        ("evt_3", "refused", "refused", []),
        ("evt_2", "ignored", "ignored", []),
        ("evt_1", "accepted", "accepted", []),
    ]


@pytest.mark.parametrize(("which", "events"), [("all", 3), ("refused", 1), ("ignored", 1), ("nonsense", 3)])
def test_the_events_may_be_the_refused_or_ignored_ones(client: FlaskClient, which: str, events: int) -> None:
    assert len(client.get(f"/trying/form.json?which={which}").get_json()["events"]) == events
    assert act(client, "/trying/form", text=MAPPING, which=which).text.count('id="tried-') == events


def test_a_changed_text_shows_what_each_event_would_become_and_the_difference(client: FlaskClient) -> None:
    text = MAPPING.replace("consent: {answer: consent}", "consent: {not_asked: the tests}")
    shown = act(client, "/trying/form", text=text, which="ignored").text
    assert "Differences to today" in shown
    assert "-consent: {answer: consent}" in shown
    assert "+consent: {not_asked: the tests}" in shown


@pytest.mark.parametrize(
    "text", ["", "preset: [", "preset: json\nlead: {}\n\0", "a: &a [*a]", "- 1", "x" * 900_000, "\ud800"]
)
def test_a_text_that_is_no_mapping_is_answered_with_its_problems(client: FlaskClient, text: str) -> None:
    body = "text=" + quote(text.encode("utf-8", "surrogatepass"))
    form = "application/x-www-form-urlencoded"
    answer = client.post("/trying/form", data=body, headers={"Sec-Fetch-Site": "same-origin"}, content_type=form)
    assert answer.status_code == 200
    assert "finding-error" in answer.text


def test_no_file_is_written(client: FlaskClient, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in (tmp_path / "mappings").rglob("*")}
    act(client, "/trying/form", text=MAPPING.replace("Newsletter", "Readers"))
    handed_out = act(client, "/trying/form/file", text=MAPPING.replace("Newsletter", "Readers").replace("\n", "\r\n"))
    assert handed_out.text == MAPPING.replace("Newsletter", "Readers")
    assert handed_out.headers["Content-Disposition"] == 'attachment; filename="form.yaml"'
    assert {path: path.read_bytes() for path in (tmp_path / "mappings").rglob("*")} == before


def test_a_draft_cannot_unmask_what_it_names(client: FlaskClient) -> None:
    document = act(client, "/trying/form", text=MAPPING.replace("Newsletter", "Ada"), which="all").text
    assert "A•••" in document
    assert ">Ada<" not in document


def test_a_payload_that_is_pasted_is_tried_as_it_would_be_received(client: FlaskClient) -> None:
    body = '{"email": "linus@example.net", "first": "Linus", "consent": true}'
    changed = MAPPING.replace("Newsletter", "Readers")
    shown = act(client, "/trying/form", text=changed, which="pasted", payload=body).text
    assert "linus@example.net" in shown  # whoever pastes it knows it
    assert "Differences to today" in shown
    as_form = "email=linus%40example.net&first=Linus&consent=yes"
    form = MAPPING.replace("preset: json", "preset: form")
    assert "linus@example.net" in act(client, "/trying/form", text=form, which="pasted", payload=as_form).text
    headers = "Content-Type: text/plain\nnonsense\n: x"
    answer = act(client, "/trying/form", text=MAPPING, which="pasted", payload=as_form, headers=headers)
    assert "cannot be read by the preset" in answer.text
    for odd in ("", "{", "[]", "<a", "\0", "[" * 5000):
        assert act(client, "/trying/form", text=MAPPING, which="pasted", payload=odd).status_code == 200, odd
    assert client.get("/events.json").get_json()["events"][0]["event"] == "evt_3", "nothing was stored"


def test_a_hook_without_events_is_tried_on_its_senders_sample(client: FlaskClient, tmp_path: Path) -> None:
    mapping = MAPPING.replace("preset: json", "preset: typeform").replace("verify: none", "secrets: {signing: NEW}")
    (tmp_path / "mappings" / "new.yaml").write_text(mapping)
    shown = client.get("/trying/new.json").get_json()
    assert [one["event"] for one in shown["events"]] == ["event 1"]
    assert "sender&#39;s sample" in client.get("/trying/new").text


@pytest.mark.parametrize("hook", ["nothing", "..%2F..%2Fetc%2Fpasswd", "form.yaml"])
def test_only_mappings_of_the_folder_are_tried(client: FlaskClient, hook: str) -> None:
    assert client.get(f"/trying/{hook}").status_code == 404


def test_an_event_is_taken_as_an_example_without_its_person(client: FlaskClient) -> None:
    shown = act(client, "/trying/form/example", text=MAPPING, example="evt_1").text
    assert "state: accepted" in shown
    assert "ada@example.com" in shown  # the pseudonym of everybody
    assert act(client, "/trying/form/example", text="preset: [", example="evt_1").status_code == 400
    assert act(client, "/trying/form/example", text=MAPPING, example="evt_99").status_code == 400
    assert act(client, "/trying/form/example", text=MAPPING, example="nonsense").status_code == 400


def test_every_sender_has_a_first_mapping_to_try(client: FlaskClient) -> None:
    offered = client.get("/trying").text
    for preset in load_presets():
        path = f"/trying/preset:{preset}"
        assert f'href="{path}"' in offered
        page = client.get(path)
        assert page.status_code == 200, preset
        assert f"preset: {preset}\nlive: false" in page.text
        assert 'class="finding finding-error"' not in page.text, preset
        pasted = act(client, path, text=f"preset: {preset}\nlead: {{}}\n", which="pasted", payload="{")
        assert pasted.status_code == 200, preset
        file = act(client, f"{path}/file", text="preset: json\n")
        assert file.headers["Content-Disposition"] == f'attachment; filename="{preset}.yaml"'


def test_a_draft_is_tried_on_no_events_and_a_preset_that_is_none_is_not_found(client: FlaskClient) -> None:
    page = client.get("/trying/preset:json?which=all").text
    assert 'value="all"' not in page
    assert client.get("/trying/preset:nobody").status_code == 404
    assert act(client, "/trying/preset:json/example", text="preset: json\n", example="evt_1").status_code in (400, 404)
