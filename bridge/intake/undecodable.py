"""Events with bytes that are not text in any charset named: harmless where no mapping reads them, else refused."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

from bridge.intake.body.charset import as_replacement, as_windows_1252
from bridge.intake.body.content import UNDECODABLE, map_texts
from bridge.model import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from bridge.model import Event

T = TypeVar("T")


def possible_readings(event: Event) -> tuple[Event, ...]:
    """The event alone where all its text could be decoded, else with U+FFFD for the bytes and with windows-1252.

    A mapping that makes the same of both has read none of these bytes.
    """
    if not any(note.code == UNDECODABLE for note in event.notes):
        return (event,)
    if "readings" not in event.shared:
        whole = replace(event, part=None, shared={})
        event.shared["readings"] = [_changed(whole, change) for change in _CHANGES]
    return tuple(
        replace(changed, item=event.item, id=_changed(event.id, change), part=_changed(event.part, change))
        for changed, change in zip(event.shared["readings"], _CHANGES, strict=True)
    )


_CHANGES: Final = (as_replacement, as_windows_1252)


def _changed(value: T, change: Callable[[str], str]) -> T:
    if is_dataclass(value) and not isinstance(value, type):
        inner: dict[str, Any] = {part.name: _changed(getattr(value, part.name), change) for part in fields(value)}
        return replace(value, **inner)
    if isinstance(value, tuple):
        changed = [_changed(one, change) for one in value]
        return type(value)._make(changed) if isinstance(value, Answer) else tuple(changed)  # type: ignore[return-value]
    return map_texts(value, change)  # type: ignore[no-any-return]
