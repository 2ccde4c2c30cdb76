"""Forms as JSON values: `application/x-www-form-urlencoded` and the text parts of `multipart/form-data`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote_to_bytes

from bridge.errors import TooLargeError, UnreadableError
from bridge.intake.body.charset import decode_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bridge.intake.body.limits import Limits

_PARAMETER: Final = re.compile(r';\s*([\w-]+)\s*=\s*("[^"]*"|[^;\s]*)', re.ASCII)
_BRACKETS: Final = re.compile(r"([^\[\]\s]+)((?:\[[^\[\]]*\])+)")
_STEP: Final = re.compile(r"\[([^\[\]]*)\]")
_DEEPEST: Final = 32
_LONG: Final = 200
"""Longer names are not remembered."""


def media_type(header: str) -> tuple[str, dict[str, str]]:
    """A header's value and parameters: `Text/X; Charset="utf-8"` -> `text/x` and `{"charset": "utf-8"}`."""
    kind, semicolon, _ = header.partition(";")
    kind = kind.strip().lower()
    if not semicolon:
        return kind, {}
    found = _PARAMETER.findall(header)
    return kind, {name.lower(): value.strip('"') for name, value in found}


def read_urlencoded(body: bytes, parameters: Mapping[str, str], limits: Limits) -> dict[str, Any]:
    """A form as an object. Raises TooLargeError for too many fields, UnreadableError for text in no known encoding."""
    if body.count(b"&") >= limits.fields:
        raise TooLargeError(f"the form has more than {limits.fields} fields")
    charset = parameters.get("charset", "")
    fields = (field.partition(b"=") for field in body.strip().split(b"&") if field)
    return _nested([(_name(name, charset), _unquoted(value, charset)) for name, _, value in fields])


def _name(raw: bytes, charset: str) -> str:
    return _known_name(raw, charset) if len(raw) <= _LONG else _unquoted(raw, charset)


def _unquoted(raw: bytes, charset: str) -> str:
    plain = raw.replace(b"+", b" ")
    return decode_text(unquote_to_bytes(plain) if b"%" in plain else plain, charset)


_known_name: Final = lru_cache(maxsize=4096)(_unquoted)
"""Every body of a form has the same names."""


def read_multipart(body: bytes, parameters: Mapping[str, str], limits: Limits) -> dict[str, Any]:
    """The text parts of a multipart form as an object; uploaded files are left out.

    RFC 7578 (https://www.rfc-editor.org/rfc/rfc7578). Raises UnreadableError and TooLargeError.
    """
    boundary = parameters.get("boundary", "").encode("latin-1", "replace")
    if not boundary or b"--" + boundary not in body:
        raise UnreadableError("the multipart form does not hold the boundary it promises")
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary)[1:]
    if len(pieces) > limits.fields:
        raise TooLargeError(f"the form has more than {limits.fields} parts")
    fields = [_part(piece, parameters.get("charset", "")) for piece in pieces if not piece.startswith(b"--")]
    return _nested(field for field in fields if field is not None)


def _part(piece: bytes, charset: str) -> tuple[str, str] | None:
    head, gap, content = piece.partition(b"\r\n\r\n")
    if not gap:
        raise UnreadableError("a part of the multipart form has no end of its headers")
    headers = _part_headers(decode_text(head, charset))
    _, disposition = media_type(headers.get("content-disposition", ""))
    if "filename" in disposition:
        return None
    _, kind = media_type(headers.get("content-type", ""))
    return disposition.get("name", ""), decode_text(content, kind.get("charset", charset))


def _part_headers(head: str) -> dict[str, str]:
    lines = (line.partition(":") for line in head.splitlines())
    return {name.strip().lower(): value.strip() for name, _, value in lines}


def _nested(fields: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Fields as an object: `a[b]` nested, `a[]` and repeated names a list, keys from 0 up without a gap a list."""
    tree: dict[str, Any] = {}
    for name, value in fields:
        steps = _known_steps(name) if len(name) <= _LONG else _steps(name)
        if not _put(tree, steps, value):
            _put(tree, (name,), value)  # `a` and `a[b]` in one form: keep both
    return {name: _with_lists(value) if value.__class__ is dict else value for name, value in tree.items()}


def _steps(name: str) -> tuple[str, ...]:
    """The way that a field's name tells: `a[b][]` is a, b and one without a name."""
    match = _BRACKETS.fullmatch(name)
    return (match.group(1), *_STEP.findall(match.group(2))) if match else (name,)


_known_steps: Final = lru_cache(maxsize=4096)(_steps)


def _put(tree: dict[str, Any], steps: Sequence[str], value: str) -> bool:
    """Put a value under its steps; False when a plain value is in the way."""
    if len(steps) > _DEEPEST:
        raise UnreadableError(f"a field of the form is nested deeper than {_DEEPEST} levels")
    node: Any = tree
    for step in steps[:-1]:
        node = node.setdefault(step or str(len(node)), {})
        if not isinstance(node, dict):
            return False
    last = steps[-1] if steps[-1] or len(steps) == 1 else str(len(node))
    match node.get(last):
        case None:
            node[last] = value
        case list() as values:
            values.append(value)
        case dict() as inner:
            inner[""] = value
        case before:
            node[last] = [before, value]
    return True


def _with_lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = [_with_lists(item) for item in value.values()]
    if "0" in value and list(value) == [str(position) for position in range(len(value))]:
        return inner
    return dict(zip(value, inner, strict=True))
