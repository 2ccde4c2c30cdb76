"""Several leads in one event: the event becomes one event an element of the list that the mapping's `each` names."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from bridge.expressions import is_blank
from bridge.mapping.context import Run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bridge.mapping.context import Place
    from bridge.mapping.hook_mapping import HookMapping
    from bridge.model import Event

MAX_ITEMS: Final = 2_000
"""As many events as a request may hold; what is beyond stays with the event and refuses it."""


def expand(mapping: HookMapping, events: Sequence[Event]) -> tuple[Event, ...]:
    """The events of a request with those split that hold several leads, numbered again in their order.

    Each element is the `part` of its own event and is found under `item`; blank ones are dropped. An event of a kind
    that is not accepted, and one without any element, stay whole: `apply` says why nothing comes of them.
    """
    if mapping.each is None:
        return tuple(events)
    found = [part for event in events for part in _split(mapping, event)]
    return tuple(replace(event, item=number) for number, event in enumerate(found))


def check_size(value: Any, place: Place, run: Run) -> None:
    """Note a problem for a list that holds more leads than one event may."""
    if isinstance(value, list) and len(value) > MAX_ITEMS:
        run.refuse(place, "too_many_items", f"`each` finds {len(value)} leads; at most {MAX_ITEMS} are taken")


def _is_wanted(mapping: HookMapping, event: Event) -> bool:
    withdrawal = mapping.withdrawal
    return event.kind in mapping.accept or (withdrawal is not None and withdrawal.holds(Run(event)))


def _split(mapping: HookMapping, event: Event) -> Iterator[Event]:
    value = mapping.each(Run(event)) if mapping.each is not None and _is_wanted(mapping, event) else None
    elements = [element for element in (value if isinstance(value, list) else [value]) if not is_blank(element)]
    if not elements or len(elements) > MAX_ITEMS:
        yield event
        return
    for number, element in enumerate(elements):
        yield replace(event, part=element, id=None if event.id is None else f"{event.id}#{number}")
