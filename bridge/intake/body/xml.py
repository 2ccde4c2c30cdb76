"""XML as JSON values: SOAP and plain documents. Document types and entities are refused, so that none can expand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from xml.parsers import expat

from bridge.errors import TooLargeError, UnreadableError
from bridge.intake.body.charset import decode_body, marked_charset
from bridge.intake.body.content import CORRECTED, UNDECODABLE, map_texts

if TYPE_CHECKING:
    from bridge.intake.body.content import Notes
    from bridge.model import Limits

_NIL: Final = "@nil"
_TEXT: Final = "#text"
_DECLARED: Final = re.compile(rb"""<\?xml[^>]{1,100}?encoding\s*=\s*["']([\w.:-]{1,40})["']""")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_HIDE: Final = {0xDC00 + byte: 0x10FF00 + byte for byte in range(0x80, 0x100)}
_SHOW: Final = {hidden: lone for lone, hidden in _HIDE.items()}
"""The parser takes no lone surrogates: bytes that could not be decoded pass through it as private characters."""

_FIX: Final = "let the sender write the body with its XML library"


def read_xml(body: bytes, charset: str, limits: Limits, notes: Notes) -> dict[str, Any]:
    """A document as an object with the root's name as its one key.

    Names lose their namespace prefix. An element with elements inside becomes an object, a repeated one a list, any
    other a text; attributes stand under `@name`, the text next to them under `#text`; an element that says it is nil
    is null. The charset is that of a byte order mark, of the header or of the declaration, whichever fits first.
    Raises UnreadableError and TooLargeError.
    """
    declared = _DECLARED.match(body.lstrip())
    charsets = [marked_charset(body), charset, declared[1].decode("latin-1") if declared else ""]
    text = decode_body(body, [name for name in charsets if name], notes).lstrip("\ufeff \t\r\n").rstrip("\0 \t\r\n")
    clean = _CONTROL.sub(" ", text)
    if clean != text:
        notes.add(CORRECTED, "the XML holds control characters, which were read as blanks", _FIX)
    undecodable = any(note.code == UNDECODABLE for note in notes)
    tree = _Tree(limits)
    try:
        hidden = clean.translate(_HIDE) if undecodable else clean
        tree.parser("utf-8").Parse(hidden.encode("utf-8", "replace"), True)
    except expat.ExpatError as error:
        reason = expat.errors.messages[error.code]
        place = f"line {error.lineno}, column {error.offset + 1}"
        raise UnreadableError(f"the body is not XML: {reason} at {place}; {_FIX}") from error
    return map_texts(tree.root, lambda text: text.translate(_SHOW)) if undecodable else tree.root


class _Tree:
    """Holds the elements that are still open, while the parser walks through the document."""

    __slots__ = ("_count", "_limits", "_open", "_texts", "root")

    def __init__(self, limits: Limits) -> None:
        self.root: dict[str, Any] = {}
        self._limits = limits
        self._open: list[dict[str, Any]] = [self.root]
        self._texts: list[list[str]] = [[]]
        self._count = 0

    def parser(self, encoding: str | None) -> expat.XMLParserType:
        """A parser that fills this tree."""
        parser = expat.ParserCreate(encoding)
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = lambda text: self._texts[-1].append(text)
        return parser

    def _start(self, _: str, attributes: dict[str, str]) -> None:
        self._count += 1 + len(attributes)
        if self._count > self._limits.values:
            raise TooLargeError(f"the body holds more than {self._limits.values} values")
        if len(self._open) >= self._limits.depth:
            raise UnreadableError(f"the body is nested deeper than {self._limits.depth} levels")
        own = {f"@{_local(name)}": value for name, value in attributes.items() if not _is_namespace(name)}
        self._open.append(own)
        self._texts.append([])

    def _end(self, name: str) -> None:
        element, text = self._open.pop(), "".join(self._texts.pop())
        _add(self._open[-1], _local(name), _value(element, text))


def _refuse_doctype(*_: Any) -> None:
    raise UnreadableError("the body declares a document type, which is refused here")


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _is_namespace(name: str) -> bool:
    return name == "xmlns" or name.startswith("xmlns:")


def _value(element: dict[str, Any], text: str) -> Any:
    if element.get(_NIL) in ("true", "1"):
        return None
    if not element:
        return text
    if text.strip():
        element[_TEXT] = text
    return element


def _add(parent: dict[str, Any], name: str, value: Any) -> None:
    if name not in parent:
        parent[name] = value
    elif isinstance(parent[name], list):
        parent[name].append(value)
    else:
        parent[name] = [parent[name], value]
