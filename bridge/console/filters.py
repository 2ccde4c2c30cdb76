"""How templates show times, numbers and texts. Every filter gives plain text or escapes what it is given."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def time(at: int | None) -> Markup | str:
    """A time in ms UTC; the script shows how long ago it is, and the exact time where one points at it."""
    if at is None:
        return "never"
    moment = datetime.fromtimestamp(at / 1000, UTC)
    return Markup('<time datetime="{}">{}</time>').format(moment.isoformat(), f"{moment:%Y-%m-%d %H:%M:%S} UTC")


FILTERS: Final[Mapping[str, Callable[..., Any]]] = {"time": time}
