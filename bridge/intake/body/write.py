"""Values of a body as bytes again, in a form that reads as the same values."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from xml.sax.saxutils import escape, quoteattr

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bridge.intake.body.content import Content


def write_body(content: Content) -> tuple[bytes, str]:
    """The bytes and their content type: JSON as JSON, any form as urlencoded, XML as XML without its prefixes."""
    match content.form:
        case "form" | "multipart":
            pairs = [pair for name, value in content.value.items() for pair in _pairs(name, value)]
            return urlencode(pairs, errors="surrogateescape").encode(), "application/x-www-form-urlencoded"
        case "xml":
            text = "".join(_elements(content.value))
            return text.encode("utf-8", "surrogateescape"), "text/xml"
        case _:
            return _json(content.value), "application/json"


def _json(value: Any) -> bytes:
    try:
        return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return json.dumps(value).encode()  # a lone surrogate that the sender has escaped


def _pairs(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _pairs(f"{name}[{key}]" if key else name, inner)
    elif isinstance(value, list) and len(value) > 1 and all(isinstance(one, str) for one in value):
        yield from ((name, one) for one in value)  # its name may be one that takes no brackets
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _pairs(f"{name}[{number}]", inner)
    else:
        yield name, value


def _elements(tree: Mapping[str, Any]) -> Iterator[str]:
    for name, value in tree.items():
        for one in value if isinstance(value, list) else [value]:
            yield _element(name, one)


def _element(name: str, value: Any) -> str:
    if value is None:
        return f'<{name} nil="true"/>'
    if not isinstance(value, dict):
        return f"<{name}>{escape(value)}</{name}>"
    attributes = "".join(f" {key[1:]}={quoteattr(inner)}" for key, inner in value.items() if key.startswith("@"))
    inside = "".join(_elements({key: inner for key, inner in value.items() if key[0] not in "@#"}))
    return f"<{name}{attributes}>{escape(value.get('#text', ''))}{inside}</{name}>"
