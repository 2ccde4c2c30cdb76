"""How templates show an event and a sentence."""

from __future__ import annotations

import orjson

from bridge.console.filters import as_read, with_code
from bridge.hooks.folder import load_presets
from bridge.hooks.payload import events_in
from bridge.mapping import Payload


def test_what_a_sender_brought_stands_under_the_names_that_mappings_use() -> None:
    body = orjson.dumps({"email": "ada@example.com", "plan": "Team", "utm_source": "ads"})
    payload = Payload(body=body, content_type="application/json", headers={}, query={})
    (event,) = events_in(payload, load_presets()["json"])
    read = {name: value for name, value, _ in as_read(event)}
    assert read["contact.email"] == "ada@example.com"
    assert read["answer: plan"] == "Team"
    assert read["tracking.utm_source"] == "ads"


def test_a_sentence_marks_commands_and_keeps_times_in_one_line() -> None:
    shown = with_code("waits until 2026-11-29 10:00:05 UTC, `retry <b>`")
    assert shown == 'waits until <span class="unbroken">2026-11-29 10:00:05 UTC</span>, <code>retry &lt;b&gt;</code>'
