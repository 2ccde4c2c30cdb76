"""Several leads in one event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bridge.intake import idempotency_key
from bridge.mapping import apply, expand
from bridge.mapping.each import MAX_ITEMS
from bridge.model import EventState

if TYPE_CHECKING:
    from collections.abc import Callable

    from bridge.mapping import HookMapping
    from bridge.model import Event, Problem

TEXT = """\
preset: json
verify: none
each: body.people
consent: {from: item.agreed}
lead:
  Lead Email: item.email
  Company Name: body.company
actions:
  - subscribe: {list: Newsletter}
"""

BODY: dict[str, Any] = {
    "company": "Analytical Engines",
    "people": [
        {"email": "ada@example.com", "agreed": True},
        {"email": "grace@example.org", "agreed": False},
        {"email": "not an address", "agreed": True},
    ],
}


def test_each_person_succeeds_or_fails_alone(
    mapping_of: Callable[[str], HookMapping], event_of: Callable[..., Event]
) -> None:
    mapping = mapping_of(TEXT)
    events = expand(mapping, [event_of(body=BODY)])
    results = [apply(mapping, event) for event in events]
    assert [event.item for event in events] == [0, 1, 2]
    assert [(one.state, one.reason) for one in results] == [
        (EventState.ACCEPTED, ""),
        (EventState.IGNORED, "no_consent"),
        (EventState.REFUSED, "bad_address"),
    ]
    leadinfo = results[0].actions[0].leadinfo
    assert leadinfo == {"Lead Email": "ada@example.com", "Company Name": "Analytical Engines"}


@pytest.mark.parametrize("id_", [None, "form-7"])
@pytest.mark.parametrize("template", ["", "id: body.company\n", 'id: "{body.company}-{item.email}"\n'])
def test_every_person_of_an_event_has_a_key_of_their_own(
    mapping_of: Callable[[str], HookMapping], event_of: Callable[..., Event], id_: str | None, template: str
) -> None:
    mapping = mapping_of(TEXT.replace("consent:", f"{template}consent:"))
    keys = [
        idempotency_key(event, apply(mapping, event).id_value)
        for event in expand(mapping, [event_of(id=id_, body=BODY)])
    ]
    assert len(set(keys)) == 3


def test_an_event_without_anybody_is_ignored(
    mapping_of: Callable[[str], HookMapping], event_of: Callable[..., Event]
) -> None:
    mapping = mapping_of(TEXT)
    (event,) = expand(mapping, [event_of(body={"people": [None, {}]})])
    assert (apply(mapping, event).state, apply(mapping, event).reason) == (EventState.IGNORED, "no_items")


def test_an_event_with_too_many_people_is_refused_whole(
    mapping_of: Callable[[str], HookMapping], event_of: Callable[..., Event]
) -> None:
    mapping = mapping_of(TEXT)
    (event,) = expand(mapping, [event_of(body={"people": [1] * (MAX_ITEMS + 1)})])
    assert (apply(mapping, event).state, apply(mapping, event).reason) == (EventState.REFUSED, "too_many_items")


def test_a_single_object_is_a_list_of_one(
    mapping_of: Callable[[str], HookMapping], event_of: Callable[..., Event]
) -> None:
    mapping = mapping_of(TEXT)
    (event,) = expand(mapping, [event_of(body={"people": BODY["people"][0]})])
    assert apply(mapping, event).state is EventState.ACCEPTED


def test_item_without_each_is_a_problem(problems_of: Callable[[str], list[Problem]]) -> None:
    problems = problems_of(TEXT.replace("each: body.people\n", ""))
    assert {problem.code for problem in problems} == {"no_each"}
    assert [problem.code for problem in problems_of(TEXT.replace("body.people", "item.people"))] == ["no_each"]
