"""Keys that stand more than once in one JSON object (RFC 8259, section 4): all values count, as in a form."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import orjson

if TYPE_CHECKING:
    from bridge.intake.body.content import Notes

REPEATED: Final = "repeated_key"
_FIX: Final = "let the sender name each field once in an object, or send a list"


class RepeatedKeys(Counter[str]):
    """Gathers, while JSON is read, the keys that stand in one object with different values."""

    def gather(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """An object from its pairs: an `object_pairs_hook`. Different values of one key are a list, as in a form.

        Most readers let the last count: then the order would decide whose address `email` is.
        """
        found = dict(pairs)
        if len(found) == len(pairs):
            return found
        by_key: dict[str, list[Any]] = {}
        for key, value in pairs:
            by_key.setdefault(key, []).append(value)
        for key, values in by_key.items():
            if any(value != values[0] for value in values):
                self[key] += 1
                found[key] = [one for value in values for one in (value if isinstance(value, list) else [value])]
        return found

    def note(self, notes: Notes) -> None:
        """Note each of them, without its values."""
        for key, times in self.items():
            if times:
                message = f"the key {key[:100]!r} stands in one object with different values and was read as a list"
                notes.add(REPEATED, message, _FIX, path=key[:100])


def with_repeated_keys(text: bytes, value: Any, notes: Notes) -> Any:
    """JSON that was read as `value`, with all the values of its repeated keys, which are noted.

    As a rule a text is as long as its value is when that is written again, or has as many keys; only where it has not,
    it is read once more, slowly.
    """
    written = orjson.dumps(value)
    if len(written) == len(text) or written.count(b'":') == text.count(b'":') + text.count(b'" :'):
        return value
    keys = RepeatedKeys()
    value = json.loads(text, object_pairs_hook=keys.gather)
    keys.note(notes)
    return value
