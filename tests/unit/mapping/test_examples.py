"""Running a mapping's examples, and telling how they differ."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import pytest

from bridge.errors import UnreadableError
from bridge.mapping.examples import Difference, Payload, run_examples
from bridge.model import Answer, Event, Kind

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bridge.mapping.hook_mapping import HookMapping

MAPPING = """\
preset: json
verify: none
consent: {not_asked: a test}
lead: {Lead Email: {answer: email}, Name: {answer: name}, Region: {header: x-region}}
actions:
  - subscribe: {list: Newsletter}
"""


def read(payload: Payload) -> list[Event]:
    """A JSON object or a form as one event, a JSON list as several."""
    if payload.content_type == "application/json":
        try:
            items = json.loads(payload.body)
        except ValueError as error:
            raise UnreadableError("the body is no JSON") from error
    else:
        items = dict(parse_qsl(payload.body.decode(), keep_blank_values=True))
    return [
        Event(
            item=number,
            kind=Kind.SUBMISSION,
            answers=tuple(Answer(key=key, value=value) for key, value in item.items()),
            headers=payload.headers,
        )
        for number, item in enumerate(items if isinstance(items, list) else [items])
    ]


def test_the_examples_of_a_draft_come_out_as_if_it_were_live(mapping_of: Callable[[str], HookMapping]) -> None:
    text = "examples: [{request: {body: {email: ada@example.com}}, expect: {state: accepted, reason: ''}}]"
    results, problems = run_examples(mapping_of(f"live: false\n{MAPPING}"), text, file="examples.yaml", read=read)
    assert problems == []
    assert results[0].passed


def test_an_example_passes_when_all_it_names_comes_out(mapping_of: Callable[[str], HookMapping]) -> None:
    text = """\
examples:
  - name: json
    request: {body: {email: ada@example.com, name: 5}, headers: {X-Region: north}}
    expect: {state: accepted, leadinfo: {Lead Email: ada@example.com, Name: 5, Region: north}, warnings: []}
  - name: form
    request: {form: {email: ada@example.com, name: 007}}
    expect: {leadinfo: {Lead Email: ada@example.com, Name: "007"}, actions: [{subscribe: Newsletter}]}
  - name: a batch
    request: {text: '[{"email": "ada@example.com"}, {"email": "nobody"}]'}
    expect:
      - {state: accepted}
      - {state: refused, reason: bad_address, problems: [bad_address]}
"""
    results, problems = run_examples(mapping_of(MAPPING), text, file="m.examples.yaml", read=read)
    assert problems == []
    assert [(result.name, result.line, result.differences) for result in results] == [
        ("json", 2, ()),
        ("form", 5, ()),
        ("a batch", 8, ()),
    ]


def test_each_field_that_differs_is_reported(mapping_of: Callable[[str], HookMapping]) -> None:
    text = """\
examples:
  - request: {body: {email: ada@example.com, name: Ada}}
    expect: {state: ignored, leadinfo: {Lead Email: ada@example.org, City: Pune}, actions: [{trigger: Welcome}]}
"""
    (result,), _ = run_examples(mapping_of(MAPPING), text, file="m.examples.yaml", read=read)
    assert result.name == "example 1"
    assert not result.passed
    assert result.differences == (
        Difference(path="state", expected="ignored", found="accepted"),
        Difference(path="leadinfo.Lead Email", expected="ada@example.org", found="ada@example.com"),
        Difference(path="leadinfo.City", expected="Pune", found="nothing"),
        Difference(path="leadinfo.Name", expected="nothing", found="Ada"),
        Difference(path="actions[0].trigger", expected="Welcome", found="nothing"),
        Difference(path="actions[0].subscribe", expected="nothing", found="Newsletter"),
    )


def test_a_payload_may_lie_in_a_file_next_to_the_examples(
    mapping_of: Callable[[str], HookMapping], tmp_path: Path
) -> None:
    (tmp_path / "ada.json").write_text('{"email": "ada@example.com"}')
    text = "examples:\n  - {request: {file: ada.json}, expect: {state: accepted}}\n"
    (result,), _ = run_examples(mapping_of(MAPPING), text, file=str(tmp_path / "m.examples.yaml"), read=read)
    assert result.passed


@pytest.mark.parametrize("request_text", ["{text: no json}", "{file: missing.json}"])
def test_a_payload_that_cannot_be_read_is_a_difference(
    mapping_of: Callable[[str], HookMapping], request_text: str
) -> None:
    text = f"examples:\n  - {{request: {request_text}, expect: {{state: accepted}}}}\n"
    (result,), _ = run_examples(mapping_of(MAPPING), text, file="m.examples.yaml", read=read)
    assert [difference.path for difference in result.differences] == ["request"]


def test_another_number_of_events_than_expected_is_a_difference(mapping_of: Callable[[str], HookMapping]) -> None:
    text = "examples:\n  - {request: {body: [{email: a@example.com}, {}]}, expect: {state: accepted}}\n"
    (result,), _ = run_examples(mapping_of(MAPPING), text, file="m.examples.yaml", read=read)
    assert result.differences == (Difference(path="events", expected="1", found="2"),)


@pytest.mark.parametrize(
    ("text", "code", "fix"),
    [
        ("examples:\n  - {request: {body: {}}, expect: {sate: x}}", "unknown_key", "did you mean 'state'?"),
        ("examples:\n  - {reqest: {}, expect: {}}", "bad_example", "see mappings/README.md"),
        ("examples:\n  - {request: {body: {}, form: {}}, expect: {}}", "bad_example", "keep one of them"),
        ("example: []", "no_examples", "start the file with `examples:`"),
        ("examples: [", "unclosed_bracket", "write examples: []"),
    ],
)
def test_a_error_of_the_file_is_a_problem(
    mapping_of: Callable[[str], HookMapping], text: str, code: str, fix: str
) -> None:
    results, problems = run_examples(mapping_of(MAPPING), text, file="m.examples.yaml", read=read)
    assert results == []
    assert [(problem.code, problem.fix) for problem in problems] == [(code, fix)]
