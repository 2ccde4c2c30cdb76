"""Forms as JSON values: `application/x-www-form-urlencoded`, and how the names of fields nest."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote_to_bytes

from bridge.errors import TooLargeError, UnreadableError
from bridge.expressions import LONGEST
from bridge.expressions.texts import LONGEST_CACHED
from bridge.intake.body.charset import decode_all

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bridge.intake.body.content import Notes
    from bridge.model import Limits

_BRACKETS: Final = re.compile(r"([^\[\]\s]+)((?:\[[^\[\]]*\])+)")
_STEP: Final = re.compile(r"\[([^\[\]]*)\]")
_DEEPEST: Final = 32
_MOST_DIGITS: Final = 9
_CHARSET: Final = re.compile(rb"[\w:.-]{3,30}")


def read_urlencoded(body: bytes, charset: str, limits: Limits, notes: Notes) -> dict[str, Any]:
    """A form as an object. Raises TooLargeError, and UnreadableError for a charset that is not known."""
    return nested(read_pairs(body, charset, limits, notes))


def read_pairs(body: bytes, charset: str, limits: Limits, notes: Notes) -> list[tuple[str, str]]:
    """The fields of a form, in their order. Raises TooLargeError and UnreadableError.

    The charset is the one of the header, else what a field `_charset_` names
    (https://html.spec.whatwg.org/#attr-fe-name-charset), else UTF-8, else what a field `charset` names, which older
    payment and list services send.
    """
    if body.count(b"&") >= limits.fields:
        raise TooLargeError(f"the form has more than {limits.fields} fields")
    fields = [field.partition(b"=") for field in body.strip(b" \t\r\n\0").split(b"&") if field]
    raws = [(_name(name), unquote(value)) for name, _, value in fields]
    if b"%u" not in body:
        return decode_pairs(raws, charset, notes)
    units = [(text_of_units(name), text_of_units(value)) for name, _, value in fields]
    others = [
        (name if u[0] is None else b"", value if u[1] is None else b"")
        for u, (name, value) in zip(units, raws, strict=True)
    ]
    pairs = decode_pairs(others, charset, notes)
    return [(u[0] or name, u[1] or value) for u, (name, value) in zip(units, pairs, strict=True)]


def _name(raw: bytes) -> bytes:
    """A field's name. Short ones are cached: every body of a form brings the same ones."""
    return _cached_name(raw) if len(raw) <= LONGEST_CACHED else unquote(raw)


def decode_pairs(raws: Sequence[tuple[bytes, bytes]], charset: str, notes: Notes) -> list[tuple[str, str]]:
    """Names and values as texts, in the charset that the form names for all of them. Raises UnreadableError."""
    declared = [name for name in (charset, _first_charset(raws, b"_charset_")) if name]
    declared += ["", _first_charset(raws, b"charset")]
    texts = decode_all([text for pair in raws for text in pair], declared, notes, lambda number: _where(raws, number))
    return list(zip(texts[::2], texts[1::2], strict=True))


def _first_charset(raws: Sequence[tuple[bytes, bytes]], field: bytes) -> str:
    """The first charset that fields of this name give: the whole form is decoded once for each that is tried."""
    return next((value.decode("latin-1") for name, value in raws if name == field and _CHARSET.fullmatch(value)), "")


def _where(raws: Sequence[tuple[bytes, bytes]], number: int) -> str:
    name = raws[number // 2][0].decode("utf-8", "replace")[:100]
    return f"the name of the field {name!r}" if number % 2 == 0 else f"the field {name!r}"


def query_pairs(query: str) -> list[tuple[str, str]]:
    """The parameters of an address, from the text behind its question mark, in their order.

    They are UTF-8; `%u041F` is read as in a form, and an escape of no character of UTF-8 stays as it is.
    """
    fields = [field.partition(b"=") for field in query.encode("utf-8", "surrogatepass").split(b"&") if field]
    return [(_parameter(name), _parameter(value)) for name, _, value in fields]


def read_query(query: str) -> dict[str, str]:
    """The same by name: of a repeated one the first value."""
    return dict(reversed(query_pairs(query)))


def _parameter(raw: bytes) -> str:
    text = text_of_units(raw) if b"%u" in raw else None
    if text is not None:
        return text
    try:
        return unquote(raw).decode()
    except UnicodeDecodeError:
        return raw.replace(b"+", b" ").decode("utf-8", "replace")


_UNIT: Final = re.compile(r"%u([0-9A-Fa-f]{4})")


def text_of_units(raw: bytes) -> str | None:
    """What JavaScript's old `escape()` wrote, `%u041F` for a unit of UTF-16; None for what has no such escape.

    It does so whatever the charset. Other escapes next to it are UTF-8, as a form writes them, or else its `%E9` for
    Latin-1. https://tc39.es/ecma262/#sec-escape-string
    """
    if not _UNIT.search(raw.decode("latin-1")):
        return None
    pieces = _UNIT.split(raw.decode("latin-1"))
    pieces[1::2] = [chr(int(unit, 16)) for unit in pieces[1::2]]
    pieces[::2] = [_utf8_or_latin(unquote(piece.encode("latin-1"))) for piece in pieces[::2]]
    return "".join(pieces).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _utf8_or_latin(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def unquote(raw: bytes) -> bytes:
    """The bytes that a form's text stands for; an escape that is none stays as it is."""
    plain = raw.replace(b"+", b" ")
    return unquote_to_bytes(plain) if b"%" in plain else plain


_cached_name: Final = lru_cache(maxsize=4096)(unquote)


class _Group(dict[str, Any]):
    """The fields under one name. `next_number` is the number that `[]` stands for, as in PHP: one above the highest."""

    __slots__ = ("next_number",)

    def __init__(self) -> None:
        self.next_number = 0

    def key(self, step: str) -> str:
        """The key that a step of a name says here."""
        if not step:
            step = str(self.next_number)
        if step.isdecimal() and step.isascii() and len(step) <= _MOST_DIGITS:
            self.next_number = max(self.next_number, int(step) + 1)
        return step


def nested(fields: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Fields as an object: `a[b]` nested, `a[]` and repeated names a list, keys from 0 up without a gap a list.

    Raises UnreadableError for too deep a nesting.
    """
    tree: dict[str, Any] = {}
    for name, value in fields:
        steps = _cached_steps(name) if "[" in name and len(name) <= LONGEST_CACHED else _steps(name)
        if not _put(tree, steps, value):
            _put(tree, (name,), value)  # `a` and `a[b]` in one form: keep both
    return {name: _with_lists(value) if value.__class__ is _Group else value for name, value in tree.items()}


def _steps(name: str) -> tuple[str, ...]:
    """The way that a field's name says: `a[b][]` is a, b and one without a name."""
    match = _BRACKETS.fullmatch(name) if name.endswith("]") and len(name) <= LONGEST else None
    return (match.group(1), *_STEP.findall(match.group(2))) if match else (name,)


_cached_steps: Final = lru_cache(maxsize=4096)(_steps)


def _put(tree: dict[str, Any], steps: Sequence[str], value: str) -> bool:
    """Put a value under its steps; False when a plain value is in the way."""
    if len(steps) > _DEEPEST:
        raise UnreadableError(f"a field of the form is nested deeper than {_DEEPEST} levels")
    node: Any = tree
    for number, step in enumerate(steps[:-1]):
        node = node.setdefault(node.key(step) if number else step, _Group())
        if not isinstance(node, dict):
            return False
    last = node.key(steps[-1]) if len(steps) > 1 else steps[-1]
    match node.get(last):
        case None:
            node[last] = value
        case list() as values:
            values.append(value)
        case dict() as inner:
            _put(inner, ("",), value)
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
