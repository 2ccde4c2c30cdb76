"""XML as JSON values: SOAP and plain documents. Document types and entities are refused, so that none can expand."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Any, Final
from xml.parsers import expat

from bridge.errors import TooLargeError, UnreadableError
from bridge.intake.body.charset import decode_text

if TYPE_CHECKING:
    from bridge.intake.body.limits import Limits

_NIL: Final = "@nil"
_TEXT: Final = "#text"
_MARKS: Final = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_xml(body: bytes, charset: str, limits: Limits) -> dict[str, Any]:
    """A document as an object with the root's name as its one key.

    Names lose their namespace prefix. An element with elements inside becomes an object, a repeated one a list, any
    other a text; attributes stand under `@name`, the text next to them under `#text`; an element that says it is nil
    is null. Raises UnreadableError and TooLargeError.
    """
    tree = _Tree(limits)
    try:
        if charset and not body.startswith(_MARKS):
            tree.parser("utf-8").Parse(decode_text(body, charset).encode(), True)
        else:
            tree.parser(None).Parse(body, True)
    except expat.ExpatError as error:
        reason = expat.errors.messages[error.code]
        raise UnreadableError(f"the body is not XML: {reason} in line {error.lineno}") from error
    except (UnicodeError, LookupError, ValueError) as error:
        raise UnreadableError("the body is not text in the encoding it names") from error
    return tree.root


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
        kept = {f"@{_local(name)}": value for name, value in attributes.items() if not _is_namespace(name)}
        self._open.append(kept)
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
