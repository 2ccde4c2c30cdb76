"""How templates show times, values and texts. Every filter gives plain text, or escapes what it is given."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup

from bridge.escaping import escaped
from bridge.expressions import is_blank
from bridge.intake import event_as_json
from bridge.model import call_name, delivery_name, event_name
from bridge.operations.documents import target_name
from bridge.operations.leads.diagnosis import goal
from bridge.operations.wording import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bridge.model import Event

_LONGEST: Final = 300
_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)? UTC)", re.ASCII)
"""A time in a sentence of ours."""


def time(at: int | None) -> Markup | str:
    """A time in ms UTC; the script shows how long ago it is, and the exact time where one points at it."""
    return _time(at, "")


def exact_time(at: int | None) -> Markup | str:
    """A time in ms UTC that stays as it is, for a line of time."""
    return _time(at, " data-exact")


def _time(at: int | None, more: str) -> Markup | str:
    if at is None:
        return "never"
    moment = datetime.fromtimestamp(at / 1000, UTC)
    tag = Markup('<time datetime="{}"' + more + ">{}</time>")  # noqa: S704 - `more` is ours
    return tag.format(moment.isoformat(), f"{moment:%Y-%m-%d %H:%M:%S}")


def plain_time(at: int | None) -> str:
    """A time in ms UTC inside a sentence."""
    return f"{datetime.fromtimestamp((at or 0) / 1000, UTC):%Y-%m-%d %H:%M} UTC"


def with_code(text: str) -> Markup:
    """A sentence of ours whose commands, between backticks, are shown as such, and whose times are kept in one line."""
    parts = escaped(text).split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if at % 2 else _with_times(part) for at, part in enumerate(parts)
    )


def _with_times(text: str) -> Markup:
    parts = _TIME.split(text)
    return Markup("").join(
        Markup('<span class="unbroken">{}</span>').format(part) if at % 2 else part for at, part in enumerate(parts)
    )


def given_marks(given: Mapping[str, str]) -> dict[str, str]:
    """The filters that are set, for the address of a page."""
    return {name: text for name, text in given.items() if text}


def pretty(document: Any) -> str:
    """A JSON value on lines of its own."""
    return escaped(json.dumps(document, indent=2, ensure_ascii=False, default=str))


def value(found: Any) -> str:
    """A value in one line, as JSON so that a text "5" and a number 5 differ."""
    if found is None or (is_blank(found) and not isinstance(found, str)):
        return "nothing"
    text = json.dumps(found, ensure_ascii=False, default=str)
    return escaped(text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …")


def safe(text: Any) -> str:
    """A text of a stranger without what would show it in another order, or not at all."""
    return escaped(str(text))


def words(name: str) -> str:
    """A name of a state or a reason as people read it: `in_flight` -> `in flight`."""
    return name.replace("_", " ").lower()


def capitalize_first(text: str) -> str:
    """A sentence with a capital letter at its start, and the rest as it is. Markup stays markup."""
    return text[:1].upper() + text[1:]


def ended(text: str) -> str:
    """A sentence with its full stop, unless it ends with a mark of its own. Markup stays markup."""
    return text if text[-1:] in ".!?:" else text + "."


def as_read(event: Event) -> list[tuple[str, Any, str]]:
    """What a sender's event brought: its name in mappings, its value, and the question's text where a key names it."""
    read = event_as_json(event)
    texts = read.get("captions", {})
    prefixes = (("contact", "contact."), ("answers", "answer: "), ("tracking", "tracking."))
    return [
        (f"{prefix}{name}", found, texts.get(name, "") if part == "answers" else "")
        for part, prefix in prefixes
        for name, found in read[part].items()
        if found is not None
    ]


FILTERS: Final[Mapping[str, Callable[..., Any]]] = {
    "time": time,
    "exact_time": exact_time,
    "plain_time": plain_time,
    "given_marks": given_marks,
    "with_code": with_code,
    "target_name": target_name,
    "goal": goal,
    "as_read": as_read,
    "counted": counted,
    "pretty": pretty,
    "value": value,
    "strange": safe,
    "words": words,
    "capitalize_first": capitalize_first,
    "ended": ended,
    "event_name": event_name,
    "delivery_name": delivery_name,
    "call_name": call_name,
}
