"""What every action can be given: `when`, `on_doubt`, `priority`, several targets, an account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
import yaml

from bridge.mapping import apply
from bridge.mapping.actions.action import ALL, WITHDRAWING
from bridge.mapping.actions.schema import ACTIONS
from bridge.model import EventState, OnDoubt, Priority
from bridge.zoho import APIS
from tests.unit.mapping.conftest import HEAD

if TYPE_CHECKING:
    from collections.abc import Callable

    from bridge.mapping import HookMapping
    from bridge.mapping.mapped import Mapped
    from bridge.model import Event, NewDelivery, Problem

    MappingOf = Callable[[str], HookMapping]
    EventOf = Callable[..., Event]
    ProblemsOf = Callable[[str], list[Problem]]

PARTS: Final = {"list": {"list": "Newsletter"}, "journey": {"journey": "Welcome"}, "tag": {"name": "VIP"}}
WRITTEN: Final = {api: {key: text for need in APIS[api].needs for key, text in PARTS[need].items()} for api in ALL}
"""Each action with no more than what its API needs."""

PLACES: Final = [("actions", api) for api in ALL] + [("withdraw", api) for api in WITHDRAWING]


def written(place: str, *actions: dict[str, Any], **top: Any) -> str:
    """A mapping with these actions, or with these in `withdraw`, and these keys at its top."""
    mapping: dict[str, Any] = {"lead": {"Lead Email": {"from": "contact.email"}}, **top}
    if place == "withdraw":
        mapping["withdraw"] = {"when": {"from": "kind", "is": "submission"}, "actions": list(actions)}
    else:
        mapping["actions"] = list(actions)
    return HEAD + yaml.safe_dump(mapping, sort_keys=False)


def test_every_action_is_one_that_an_api_carries() -> None:
    assert set(ALL) == set(ACTIONS)
    assert set(ALL) <= {name for name, api in APIS.items() if api.has_leads}


@pytest.mark.parametrize(("place", "api"), PLACES)
def test_when_decides_event_by_event(place: str, api: str, mapping_of: MappingOf, event_of: EventOf) -> None:
    mapping = mapping_of(written(place, {api: WRITTEN[api] | {"when": {"answer": "wanted", "agreed": True}}}))
    assert _apis(apply(mapping, event_of({"wanted": "yes"}))) == [api]
    assert _apis(apply(mapping, event_of({"wanted": "no"}))) == []


@pytest.mark.parametrize("api", ALL)
@pytest.mark.parametrize("doubt", list(OnDoubt))
def test_on_doubt_is_what_is_written(api: str, doubt: OnDoubt, mapping_of: MappingOf, event_of: EventOf) -> None:
    mapping = mapping_of(written("actions", {api: WRITTEN[api] | {"on_doubt": doubt.value}}))
    assert [one.on_doubt for one in _deliveries(mapping, event_of)] == [doubt]
    bare = mapping_of(written("actions", {api: WRITTEN[api]}))
    assert [one.on_doubt for one in _deliveries(bare, event_of)] == [OnDoubt.RESEND]


@pytest.mark.parametrize("api", WITHDRAWING)
def test_nobody_decides_on_a_withdrawal(api: str, problems_of: ProblemsOf) -> None:
    found = problems_of(written("withdraw", {api: WRITTEN[api] | {"on_doubt": "hold"}}))
    assert [one.code for one in found] == ["withdrawal_in_doubt"]


@pytest.mark.parametrize(("place", "api"), PLACES)
@pytest.mark.parametrize("priority", ["live", "bulk"])
def test_the_priority_is_the_hooks_but_for_withdrawals(
    place: str, api: str, priority: str, mapping_of: MappingOf, event_of: EventOf
) -> None:
    (delivery,) = _deliveries(mapping_of(written(place, {api: WRITTEN[api]}, priority=priority)), event_of)
    expected = Priority.LIVE if place == "withdraw" else Priority[priority.upper()]
    assert (delivery.priority, delivery.withdraws) == (expected, place == "withdraw")


@pytest.mark.parametrize(("place", "api"), PLACES)
def test_an_action_may_stand_there_for_several_targets(
    place: str, api: str, mapping_of: MappingOf, event_of: EventOf
) -> None:
    others = {key: f"Other {text}" for key, text in WRITTEN[api].items()}
    mapping = mapping_of(written(place, {api: WRITTEN[api]}, {api: others}))
    deliveries = _deliveries(mapping, event_of)
    assert [one.target.api for one in deliveries] == [api, api]
    assert len({one.target for one in deliveries}) == (2 if others else 1)


@pytest.mark.parametrize(("place", "api"), PLACES)
def test_an_action_goes_to_the_hooks_account(place: str, api: str, mapping_of: MappingOf, event_of: EventOf) -> None:
    (delivery,) = _deliveries(mapping_of(written(place, {api: WRITTEN[api]}, account="agency")), event_of)
    assert delivery.target.account == "agency"


def _deliveries(mapping: HookMapping, event_of: EventOf) -> tuple[NewDelivery, ...]:
    mapped = apply(mapping, event_of())
    assert mapped.state is EventState.ACCEPTED, mapped
    return mapped.deliveries


def _apis(mapped: Mapped) -> list[str]:
    return [one.target.api for one in mapped.deliveries]
