"""`leadbridge explain`: why a lead looks as it does, field by field."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click
import orjson

from bridge import mapping
from bridge.cli.command import Command
from bridge.cli.options.completion import complete_mappings, complete_payloads
from bridge.cli.options.mapping import mapping_named, usable
from bridge.cli.options.payload import read_argument
from bridge.cli.output.documents import print_json
from bridge.cli.output.terminal import echo, echo_line
from bridge.cli.output.text import print_problem
from bridge.expressions import is_blank
from bridge.hooks.payload import events_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.mapping import Explanation


_WIDTH = 60


@click.command(
    cls=Command,
    examples=[
        "leadbridge explain webinar submission.json",
        "leadbridge explain webinar evt_12",
    ],
)
@click.argument("mapping_name", metavar="MAPPING", shell_complete=complete_mappings)
@click.argument("payload", metavar="PAYLOAD|EVENT", shell_complete=complete_payloads)
@click.option("--content-type", default="", help="The body's content type, where it cannot be detected from the body.")
@click.option("--header", "headers", multiple=True, metavar="'NAME: VALUE'", help="A header of the request.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(mapping_name: str, payload: str, content_type: str, headers: tuple[str, ...], as_json: bool) -> None:
    """Explain field by field what a mapping makes of a payload.

    For each field: its source, what was found there, the result of each verb, and why it is left out. For the event:
    each condition with what was found, and the calls that would be made. Nothing is sent. MAPPING is a mapping file
    or the name of a hook; PAYLOAD is a file, - for standard input, or the id of a stored event (evt_12).
    """
    file, presets = mapping_named(mapping_name)
    found = usable(file)
    events = events_in(read_argument(payload, headers=headers, content_type=content_type), presets[found.preset], found)
    stories = [mapping.explain(found, event) for event in events]
    if as_json:
        print_json({"events": [story.as_json() for story in stories]})
    else:
        for story in stories:
            _print(story)
    sys.exit(1 if any(story.mapped.problems for story in stories) else 0)


def _print(story: Explanation) -> None:
    explained = story.as_json()
    named = ", ".join(str(part) for part in (explained["kind"], explained["type"], explained["id"]) if part)
    reason = f" ({explained['reason']})" if explained["reason"] else ""
    echo_line(f"event {story.event.item + 1}: {named}: {explained['state']}{reason}")
    echo()
    for condition in explained["conditions"]:
        answer = "holds" if condition["holds"] else "DOES NOT HOLD"
        echo_line(f"  {condition['where']}: {condition['condition']}")
        echo_line(f"      found {_shown(condition['found'])}: {answer}")
    echo()
    for field in explained["fields"]:
        _print_field(field)
    echo()
    for action in explained["actions"]:
        _print_action(action)
    if not explained["actions"]:
        echo_line("  no call would be made")
    for problem in (*story.mapped.problems, *story.mapped.warnings):
        print_problem(problem)


def _print_field(field: Mapping[str, Any]) -> None:
    where = f" (action {field['action']})" if field["action"] else ""
    result = _shown(field["sent"]) if field["sent"] else "left out"
    echo_line(f"  {field['name']}{where}: {result}    line {field['line']}")
    echo_line(f"      {field['source']}: found {_shown(field['found'])}")
    for step in field["steps"]:
        echo_line(f"      {step['verb']}: {_shown(step['value'])}")
    for note in field["notes"]:
        echo_line(f"      {note}")


def _print_action(action: Mapping[str, Any]) -> None:
    parts = {name: value for name, value in action.items() if name not in ("api", "leadinfo", "details")}
    target = ", ".join(f"{name} {value}" for name, value in parts.items() if value)
    echo_line(f"  {action['api']}: {target}" if target else f"  {action['api']}")


def _shown(value: Any) -> str:
    """A value in one line, as JSON so that a text "5" and a number 5 differ."""
    if value is None or (is_blank(value) and not isinstance(value, str)):
        return "nothing"
    try:
        text = orjson.dumps(value).decode()
    except TypeError:
        text = repr(value)  # a number beyond 64 bits, half a surrogate pair
    return text if len(text) <= _WIDTH * 3 else f"{text[: _WIDTH * 3]} ..."
