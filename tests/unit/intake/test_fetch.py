"""What must be fetched: the calls, their hosts, and the event read again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bridge.errors import UnreadableError
from bridge.intake import Content, Preset, completed, load_preset, next_fetch, read_events, wants_fetch
from bridge.model import Kind

if TYPE_CHECKING:
    from bridge.model import Event
    from tests.unit.intake.conftest import MakeVerified

TEXT = """
name: x
title: X
category: general
docs: []
setup: []
verify: none
body: json
kinds:
  rules:
    - {when: {from: fetched.lead, present: true}, kind: submission}
  otherwise: reference
contact: {email: fetched.lead.email}
questions:
  list: fetched.form.questions
  key: item.id
  label: item.text
  options: {list: item.choices, id: option.id, text: option.text}
answers: {list: fetched.lead.answers, key: item.q, value: item.v}
fetch:
  when: {from: body.id, present: true}
  steps:
    - name: lead
      url: "https://api.example.com/leads/{body.id}?x=1"
      query: {fields: "a,b", all: true}
      token: {query: access_token}
    - name: form
      url: "{fetched.lead.form_url}"
      hosts: [api.example.com, forms.example.com]
      headers: {Api-Version: "2"}
      token: {header: Authorization, prefix: "Bearer "}
"""


def _preset() -> Preset:
    preset = load_preset(TEXT, "x.yaml")
    assert isinstance(preset, Preset), preset
    return preset


def _event(body: Any, make_verified: MakeVerified) -> Event:
    (event,) = read_events(_preset(), make_verified(b""), Content(value=body))
    return event


def test_the_calls_follow_each_other_and_then_the_event_is_whole(make_verified: MakeVerified) -> None:
    preset, event = _preset(), _event({"id": "a/b 7"}, make_verified)
    assert preset.fetch is not None
    assert wants_fetch(preset.fetch, event)
    first = next_fetch(preset.fetch, event, {}, "tok en")
    assert first is not None
    assert first.url == "https://api.example.com/leads/a%2Fb%207?x=1&fields=a%2Cb&all=True&access_token=tok+en"
    assert (first.name, first.host, first.headers) == ("lead", "api.example.com", {})
    lead = {
        "email": "ada@example.com",
        "form_url": "https://forms.example.com/7",
        "answers": [{"q": 1, "v": 2}],
    }
    second = next_fetch(preset.fetch, event, {"lead": lead}, "token")
    assert second is not None
    assert (second.url, second.headers) == (
        "https://forms.example.com/7",
        {"Api-Version": "2", "Authorization": "Bearer token"},
    )
    fetched = {
        "lead": lead,
        "form": {"questions": [{"id": 1, "text": "Interests", "choices": [{"id": 2, "text": "Engines"}]}]},
    }
    assert next_fetch(preset.fetch, event, fetched, "token") is None
    whole = completed(preset.recipe, event, fetched)
    assert (whole.kind, whole.contact.email) == (Kind.SUBMISSION, "ada@example.com")
    assert [(answer.label, answer.value) for answer in whole.answers] == [("Interests", "Engines")]
    assert not wants_fetch(preset.fetch, whole)


@pytest.mark.parametrize(
    "url",
    [
        "http://forms.example.com/7",
        "https://forms.example.com.evil.example.net/7",
        "https://forms.example.com@evil.example.net/7",
        "https://user:pass@forms.example.com/7",
        "https://forms.example.com:8443/7",
        "https://169.254.169.254/latest",
        "file:///etc/passwd",
        "//forms.example.com/7",
        "https://[",
        "https://forms.example.com:99999/7",
        "https://forms\u2100example.com/7",
    ],
)
def test_an_event_never_leads_to_another_host(url: str, make_verified: MakeVerified) -> None:
    preset, event = _preset(), _event({"id": 1}, make_verified)
    assert preset.fetch is not None
    with pytest.raises(UnreadableError, match="leads to another host than api"):
        next_fetch(preset.fetch, event, {"lead": {"form_url": url}}, "token")


@pytest.mark.parametrize("body", [{"id": None}, {}, {"id": " "}])
def test_an_event_without_its_id_is_not_fetched(body: Any, make_verified: MakeVerified) -> None:
    preset, event = _preset(), _event(body, make_verified)
    assert preset.fetch is not None
    assert not wants_fetch(preset.fetch, event)
    with pytest.raises(UnreadableError, match="lacks what is needed to fetch 'lead'"):
        next_fetch(preset.fetch, event, {}, "token")


def test_only_what_follows_the_last_mark_goes_into_the_address(make_verified: MakeVerified) -> None:
    text = TEXT.replace("token: {query: access_token}", "token: {query: access_token}\n      after: ':'")
    preset, event = load_preset(text, "x.yaml"), _event({"id": "urn:li:lead:7-8"}, make_verified)
    assert isinstance(preset, Preset), preset
    assert preset.fetch is not None
    call = next_fetch(preset.fetch, event, {}, "t")
    assert call is not None
    assert call.url.startswith("https://api.example.com/leads/7-8?")
    with pytest.raises(UnreadableError, match="lacks what is needed to fetch 'lead'"):
        next_fetch(preset.fetch, _event({"id": "urn:li:lead:"}, make_verified), {}, "t")


@pytest.mark.parametrize(
    "number",
    ["..", ".", "../me", "7/../../me", "..%2fme", "%2e%2e/me", "7\\..\\me", "/./", "%2e", "..%5cme", "7" * 2_001],
)
def test_what_is_no_id_or_leaves_the_path_is_refused(number: str, make_verified: MakeVerified) -> None:
    preset, event = _preset(), _event({"id": number}, make_verified)
    assert preset.fetch is not None
    with pytest.raises(UnreadableError, match="is not an id"):
        next_fetch(preset.fetch, event, {}, "token")
    url = f"https://forms.example.com/{number}"
    with pytest.raises(UnreadableError, match="is not an id"):
        next_fetch(preset.fetch, event, {"lead": {"form_url": url}}, "token")
