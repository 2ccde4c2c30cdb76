"""Keys that stand more than once in one JSON object (RFC 8259, section 4): the last counts, as for most readers."""

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
        """An object from its pairs, in which the last of equal keys counts: an `object_pairs_hook`."""
        found: dict[str, Any] = {}
        for key, value in pairs:
            self[key] += int(key in found and found[key] != value)
            found[key] = value
        return found

    def note(self, notes: Notes) -> None:
        """Note each of them, without its values."""
        for key, times in self.items():
            if times:
                message = f"the key {key[:100]!r} stands in one object with different values, of which the last counts"
                notes.add(REPEATED, message, _FIX, path=key[:100])


def note_repeated_keys(text: bytes, value: Any, notes: Notes) -> None:
    """Note the repeated keys of JSON that was read as `value`.

    As a rule a text is as long as its value is when that is written again, or has as many keys; only where it has not,
    it is read once more, slowly.
    """
    written = orjson.dumps(value)
    if len(written) == len(text) or written.count(b'":') == text.count(b'":') + text.count(b'" :'):
        return
    keys = RepeatedKeys()
    json.loads(text, object_pairs_hook=keys.gather)
    keys.note(notes)
