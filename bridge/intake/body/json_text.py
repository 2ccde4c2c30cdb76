"""JSON as values. What is not quite JSON is read where it can mean one thing only, else it is said what and where."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any, Final

import orjson

from bridge.errors import UnreadableError
from bridge.intake.body.charset import decode_body, marked_charset
from bridge.intake.body.content import CORRECTED, UNDECODABLE, Notes
from bridge.intake.body.json_error import describe
from bridge.intake.body.limits import check_value, is_small
from bridge.intake.body.repeated_keys import RepeatedKeys, with_repeated_keys
from bridge.model import DEFAULT_LIMITS

if TYPE_CHECKING:
    from bridge.model import Limits

_BOM: Final = b"\xef\xbb\xbf"
_COMMA: Final = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|,(?=\s*+[}\]])', re.DOTALL)
"""A text, which is passed over, or a comma before a closing bracket. No text is looked at twice."""

_GAP: Final = re.compile(r"[\s\x1e]*")
_ENDING: Final = "\0= \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u2028\u2029"
_INNER: Final = re.compile(r'[\s"\\]*[{\[]')
_MOST_SHELLS: Final = 3
_FIX: Final = "let the sender write the body with its JSON library"


def read_json(body: bytes, limits: Limits = DEFAULT_LIMITS, charset: str = "", notes: Notes | None = None) -> Any:
    """JSON as values: integers exact however large, of repeated keys all values, numbers that are none as null.

    What had to be corrected is added to `notes`. Raises UnreadableError and TooLargeError.
    """
    text, notes = body.removeprefix(_BOM), Notes() if notes is None else notes
    try:
        value = orjson.loads(text)
        if not _holds_text(value) and (is_small(text, limits) or not check_value(value, limits)):
            return with_repeated_keys(text, value, notes)
    except orjson.JSONDecodeError:
        pass  # not UTF-8, a lone surrogate or no JSON: the slower reader decides
    return _read_slowly(body, limits, charset, notes)


def _holds_text(value: Any) -> bool:
    """Whether it is a text or starts as a list of texts: they may hold JSON."""
    return value.__class__ is str or (value.__class__ is list and len(value) > 0 and value[0].__class__ is str)


def _read_slowly(body: bytes, limits: Limits, charset: str, notes: Notes) -> Any:
    detected = marked_charset(body) or json.detect_encoding(body)
    declared = [charset] if detected in ("utf-8", "utf-8-sig") else [detected]
    text = decode_body(body, declared, notes).removeprefix("\ufeff")
    undecodable = any(note.code == UNDECODABLE for note in notes)
    if undecodable:
        notes.clear()
    value = _loads(text, notes)
    for _ in range(_MOST_SHELLS):
        if not isinstance(value, str) or not _INNER.match(value):
            break
        notes.add(
            CORRECTED, "the body is a JSON text that holds JSON", "let the sender encode the body once, not twice"
        )
        value = _loads(value, notes)
    value = _opened(value, notes)
    check_value(value, limits)
    value = _without_infinities(value, notes)
    if undecodable:
        _note_undecodable(value, notes)
    return value


def _loads(text: str, notes: Notes) -> Any:
    """As the standard library reads it, lone surrogates and large integers too; corrected where need be."""
    keys = RepeatedKeys()
    try:
        value = json.loads(text, object_pairs_hook=keys.gather)
    except json.JSONDecodeError as error:
        first = error
    except RecursionError as error:
        raise UnreadableError("the body is nested too deep") from error
    except ValueError as error:  # an integer of thousands of digits
        raise UnreadableError(f"the body holds a number that is too long; {_FIX}") from error
    else:
        keys.note(notes)
        return value
    keys.clear()
    fixed = _blank_end(_COMMA.sub(_blank_comma, text))
    try:
        values = _values(fixed, keys)
    except (json.JSONDecodeError, RecursionError, ValueError) as error:
        last = error if isinstance(error, json.JSONDecodeError) else first
        raise UnreadableError(describe(last.msg, text, last.pos)) from error
    keys.note(notes)
    if len(values) > 1:
        notes.add(CORRECTED, f"the body is {len(values)} JSON values in a row and was read as a list", _FIX)
        return values
    place = f"line {first.lineno}, column {first.colno}, character {first.pos}"
    notes.add(CORRECTED, f"the body is not JSON ({first.msg} at {place}) and was read all the same", _FIX)
    return values[0]


def _blank_end(text: str) -> str:
    """The text with blanks for the NULs and equals signs at its end."""
    return text.rstrip(_ENDING).ljust(len(text))


def _blank_comma(match: re.Match[str]) -> str:
    return " " if match[0] == "," else match[0]


def _values(text: str, keys: RepeatedKeys) -> list[Any]:
    """The value, or several objects and lists one after another. Raises as the decoder does."""
    # line breaks and other control characters may stand raw in texts
    decoder = json.JSONDecoder(strict=False, object_pairs_hook=keys.gather)
    values: list[Any] = []
    at = _end(text, 0)
    while at < len(text) or not values:
        value, at = decoder.raw_decode(text, at)
        if values and not isinstance(value, dict | list):
            raise json.JSONDecodeError("Extra data", text, at)
        values.append(value)
        at = _end(text, at)
    return values


def _end(text: str, at: int) -> int:
    match = _GAP.match(text, at)
    return match.end() if match else at


def _opened(value: Any, notes: Notes) -> Any:
    """A list of texts that are all objects as the list of these objects."""
    if not isinstance(value, list) or not value or not all(isinstance(one, str) and _INNER.match(one) for one in value):
        return value
    notes.add(
        CORRECTED, "the body is a list of texts that hold JSON", "let the sender encode the items once, not twice"
    )
    return [_loads(one, notes) for one in value]


def _without_infinities(value: Any, notes: Notes, path: str = "") -> Any:
    """The value with null for each NaN and infinity, which are not JSON."""
    if isinstance(value, float) and not math.isfinite(value):
        notes.add(CORRECTED, f"{path or 'the body'} is NaN or infinite and was read as null", _FIX, path=path)
        return None
    if isinstance(value, dict):
        return {key: _without_infinities(inner, notes, f"{path}.{key}"[:200]) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without_infinities(inner, notes, f"{path}[{number}]"[:200]) for number, inner in enumerate(value)]
    return value


def _note_undecodable(value: Any, notes: Notes, path: str = "") -> None:
    """Note each text that has bytes which are none in UTF-8."""
    if isinstance(value, str):
        lone = next((ord(one) - 0xDC00 for one in value if "\udc80" <= one <= "\udcff"), None)
        if lone is not None:
            message = f"{path or 'the body'} is not UTF-8 (it holds the byte 0x{lone:02X}), and no charset is named"
            notes.add(UNDECODABLE, message, "let the sender post JSON in UTF-8", path=path)
    elif isinstance(value, dict):
        for key, inner in value.items():
            _note_undecodable(key, notes, f"{path}.{key}"[:200].encode("ascii", "replace").decode())
            _note_undecodable(inner, notes, f"{path}.{key}"[:200].encode("ascii", "replace").decode())
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            _note_undecodable(inner, notes, f"{path}[{number}]"[:200])
