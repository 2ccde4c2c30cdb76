"""What mapping one event costs, on one core, next to parsing the same body: `python -m benchmarks.mapping`.

The mapping has twelve fields and the body is a Typeform submission of twelve answers with their definition. The
reference is `json.loads` of the standard library on the same body; the target is at most three times that.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import orjson

from bridge import intake, mapping
from bridge.hooks import folder as hooks
from bridge.model import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bridge.mapping import HookMapping
    from bridge.model import Event

ROUNDS = 25
CALLS = 400
TARGET = 3.0

MAPPING = """\
preset: typeform
secrets: {signing: TYPEFORM_SECRET}
consent: {answer: May we send you our newsletter?}
lead:
  Lead Email:   {answer: email}
  First Name:   {answer: Your name, name: first}
  Last Name:    {answer: Your name, name: rest}
  Company Name: {answer: "Company, if any"}
  Phone:        {answer: Phone, as: phone, country: IN}
  Plan:         {answer: plan, lookup: {starter: Basic, team: Pro}}
  Interests:    {answer: interests, join: ";"}
  Team Size:    {answer: size, as: integer}
  Signed Up On: {answer: day, as: date}
  Website:      {answer: site}
  UTM Source:   tracking.utm_source
  Country:      {value: India}
actions:
  - subscribe: {list: Newsletter, sources: Website}
  - trigger:   {journey: Welcome}
"""

QUESTIONS: list[tuple[str, str, str, str, Any]] = [
    ("email", "email", "Your e-mail address", "email", "ada{}@example.com"),
    ("name", "short_text", "Your name", "text", "Ada Lovelace{}"),
    ("company", "short_text", "Company, if any", "text", "Analytical Engines {}"),
    ("phone", "phone_number", "Phone", "phone_number", "98765 4{:04d}"),
    ("plan", "multiple_choice", "Which plan?", "choice", {"label": "Team"}),
    ("interests", "multiple_choice", "What interests you?", "choices", {"labels": ["Engines", "Poetry"]}),
    ("size", "number", "How many are you?", "number", 42),
    ("day", "date", "Since when?", "date", "2026-03-04"),
    ("site", "website", "Your website", "url", "https://example.com/{}"),
    ("rating", "rating", "How do you like us?", "number", 5),
    ("comment", "long_text", "Anything else?", "text", "We would like to see the engine at work, if that is possible."),
    ("consent", "yes_no", "May we send you our newsletter?", "boolean", True),
]


def main() -> None:
    """Print microseconds an event for each part, each the fastest of several rounds, and the ratio to the target."""
    hook_mapping, preset = _mapping()
    bodies = [_body(number) for number in range(CALLS)]
    requests = [intake.verify(_request(body), intake.NoVerification(), {}, now=0) for body in bodies]
    parsed = [intake.parse(request, preset.body) for request in requests]
    events = [intake.read_events(preset, request, tree)[0] for request, tree in zip(requests, parsed, strict=True)]
    reference = _fastest(lambda number: json.loads(bodies[number]))
    parts = {
        "json.loads (standard library)": reference,
        "orjson.loads": _fastest(lambda number: orjson.loads(bodies[number])),
        "parse (with its bounds)": _fastest(lambda number: intake.parse(requests[number], preset.body)),
        "read the event (preset)": _fastest(
            lambda number: intake.read_events(preset, requests[number], parsed[number])
        ),
        "map (mapping.apply)": _fastest(
            lambda number: mapping.apply(hook_mapping, events[number]), before=lambda: _forget(events)
        ),
    }
    print(f"a body of {len(bodies[0])} bytes, {len(hook_mapping.lead)} fields, 2 actions")
    for name, seconds in parts.items():
        print(f"  {name:32} {seconds * 1e6:8.1f} us   {seconds / reference:5.2f} x json.loads")
    ratio = parts["map (mapping.apply)"] / reference
    print(f"mapping costs {ratio:.2f} times the reference; the target is at most {TARGET:.0f}")


def _mapping() -> tuple[HookMapping, intake.Preset]:
    presets = hooks.load_presets()
    found = hooks.judge(MAPPING, name="benchmark", file="benchmark.yaml", presets=presets)
    assert found.mapping is not None, found.problems
    return found.mapping, presets["typeform"]


def _body(number: int) -> bytes:
    """A body as Typeform sends it: ids of twelve characters, a definition of every question, the choices of some."""
    fields = [
        {"id": _id(at), "ref": ref, "type": kind, "title": title, "properties": {}, **_choices(kind, at)}
        for at, (ref, kind, title, _, _) in enumerate(QUESTIONS)
    ]
    answers = [
        {"type": key, key: _filled(value, number), "field": {"id": _id(at), "ref": ref, "type": kind}}
        for at, (ref, kind, _, key, value) in enumerate(QUESTIONS)
    ]
    response = {
        "form_id": "g8hcyeXS",
        "token": f"{number:032x}",
        "landed_at": "2026-03-04T10:12:41Z",
        "submitted_at": "2026-03-04T10:15:00Z",
        "hidden": {"utm_source": "search", "utm_medium": "cpc"},
        "definition": {"id": "g8hcyeXS", "title": "Newsletter", "fields": fields},
        "answers": answers,
    }
    return orjson.dumps({"event_id": f"{number:026d}", "event_type": "form_response", "form_response": response})


def _id(at: int) -> str:
    return f"M8JLOd0nIQ{at:02d}"


def _choices(kind: str, at: int) -> dict[str, Any]:
    if kind != "multiple_choice":
        return {}
    labels = ["Starter", "Team", "Engines", "Poetry"]
    choices = [{"id": f"{_id(at)}{number}", "label": label} for number, label in enumerate(labels)]
    return {"allow_multiple_selections": True, "choices": choices}


def _filled(value: Any, number: int) -> Any:
    """Every event another person: `{}` becomes a number, in a name letters."""
    if not isinstance(value, str):
        return value
    if value.endswith("Lovelace{}"):
        return value.format("".join(chr(ord("a") + int(digit)) for digit in str(number)))
    return value.format(number)


def _request(body: bytes) -> Request:
    return Request(
        hook="benchmark",
        method="POST",
        url="https://example.com/hooks/benchmark",
        headers={"content-type": "application/json"},
        query={},
        body=body,
        received_at=0,
    )


def _forget(events: Sequence[Event]) -> None:
    """Let no event keep what it was mapped with in the round before: every event comes once."""
    for event in events:
        event.shared.clear()


def _fastest(call: Callable[[int], object], before: Callable[[], None] = lambda: None) -> float:
    """Seconds of the processor a call, each call over another event, in the fastest of the rounds."""
    rounds = []
    for _ in range(ROUNDS):
        before()
        started = time.process_time()
        for number in range(CALLS):
            call(number)
        rounds.append((time.process_time() - started) / CALLS)
    return min(rounds)


if __name__ == "__main__":
    main()
