"""The bytes of a body as JSON values, whichever form they came in; whose they are is not asked here."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NoReturn

import orjson

from bridge.errors import MediaTypeError, TooLargeError, UnreadableError
from bridge.intake.body.charset import decode_text
from bridge.intake.body.claims import read_claims
from bridge.intake.body.form import media_type, read_multipart, read_urlencoded
from bridge.intake.body.limits import DEFAULT_LIMITS, Limits, check_value, is_small
from bridge.intake.body.xml import read_xml

if TYPE_CHECKING:
    from bridge.model import Request


class BodyKind(StrEnum):
    """The form of a sender's bodies. `any` goes by what came."""

    JSON = "json"
    FORM = "form"
    XML = "xml"
    JWT = "jwt"
    """A signed token, whose claims are read."""
    ANY = "any"


_JSON_TYPES: Final = {"application/json", "text/json", "application/x-json", "application/javascript"}
_URLENCODED: Final = "application/x-www-form-urlencoded"
_MULTIPART: Final = "multipart/form-data"
_UNTOLD: Final = {"", "text/plain", "application/octet-stream"}
"""Content types that say nothing; some senders (relays, WordPress, scripts) give these, or none, with any body."""

_XML_TYPES: Final = {"text/xml", "application/xml"}
_BOM: Final = b"\xef\xbb\xbf"
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_JSON_START: Final = (b"{", b"[")


def read_query(query: bytes, limits: Limits = DEFAULT_LIMITS) -> dict[str, Any]:
    """A query without its question mark as an object, as a form is. Raises UnreadableError and TooLargeError."""
    if not query:
        raise UnreadableError("the query is empty")
    value = read_urlencoded(query, {}, limits)
    check_value(value, limits)
    return value


def read_body(request: Request, body_kind: BodyKind, limits: Limits = DEFAULT_LIMITS) -> Any:
    """The body as JSON values: of a form an object of texts, `a[b][0]` nested, repeated names a list.

    The content type and the preset's `body:` decide together; where the type is missing or wrong but the body is
    plainly JSON or XML, it is that. Raises TooLargeError, MediaTypeError and UnreadableError.
    """
    body = request.body
    if len(body) > limits.bytes:
        raise TooLargeError(f"the body has {len(body)} bytes; at most {limits.bytes} are taken")
    if not body.strip():
        raise UnreadableError("the body is empty")
    kind, parameters = media_type(request.headers.get("content-type", ""))
    match _form_of(kind, body_kind, body):
        case "json":
            return read_json(body, limits, parameters.get("charset", ""))
        case "xml":
            return read_xml(body, parameters.get("charset", ""), limits)
        case "jwt":
            return read_claims(body, lambda part: read_json(part, limits))
        case "multipart":
            value = read_multipart(body, parameters, limits)
        case _:
            value = read_urlencoded(body, parameters, limits)
    check_value(value, limits)
    return value


_TAKEN: Final = {
    BodyKind.JSON: frozenset({"json"}),
    BodyKind.FORM: frozenset({"form"}),
    BodyKind.XML: frozenset({"xml"}),
    BodyKind.ANY: frozenset({"json", "form", "xml"}),
}
_WANTED: Final = {
    "json": "application/json",
    "form": f"{_URLENCODED} or {_MULTIPART}",
    "xml": "text/xml",
}


def _form_of(kind: str, body_kind: BodyKind, body: bytes) -> str:
    """`json`, `xml`, `jwt`, `urlencoded` or `multipart`. Raises MediaTypeError for what this preset does not take."""
    if body_kind is BodyKind.JWT:
        return "jwt"
    taken = _TAKEN[body_kind]
    start = body.removeprefix(_BOM).lstrip()[:1]
    if "json" in taken and (kind in _JSON_TYPES or kind.endswith("+json") or (start in _JSON_START and _may_lie(kind))):
        return "json"
    is_xml = kind in _XML_TYPES or kind.endswith("+xml") or body.startswith(_UTF16)
    if "xml" in taken and (is_xml or (start == b"<" and _may_lie(kind))):
        return "xml"
    if "form" in taken and kind in _UNTOLD | {_URLENCODED}:
        return "urlencoded"
    if "form" in taken and kind == _MULTIPART:
        return "multipart"
    wanted = ", ".join(_WANTED[name] for name in sorted(taken, key=list(_WANTED).index))
    raise MediaTypeError(f"the content type {kind[:100]!r} is not handled here; send {wanted}")


def _may_lie(kind: str) -> bool:
    """Content types are often wrong; only a multipart form never turns out to be something else."""
    return kind != _MULTIPART


def read_json(body: bytes, limits: Limits = DEFAULT_LIMITS, charset: str = "") -> Any:
    """JSON as values: integers exact however large, the last of equal keys, NaN refused. Raises UnreadableError."""
    text = body.removeprefix(_BOM)
    try:
        value = orjson.loads(text)
        if is_small(text, limits) or not check_value(value, limits):
            return value
    except orjson.JSONDecodeError:
        pass  # not UTF-8, a lone surrogate or no JSON: the slower reader decides
    value = _read_slowly(text, charset)
    check_value(value, limits)
    return value


def _read_slowly(body: bytes, charset: str) -> Any:
    """Read with the standard library, which keeps lone surrogates and integers beyond 64 bits."""
    detected = json.detect_encoding(body).removesuffix("-sig")
    text = decode_text(body, detected if charset.lower() in ("", "utf-8", "utf8") else charset)
    try:
        return json.loads(text.removeprefix("\ufeff"), parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise UnreadableError(f"the body is not JSON: {error.msg} at character {error.pos}") from error
    except RecursionError as error:
        raise UnreadableError("the body is nested too deep") from error
    except ValueError as error:  # an integer of thousands of digits
        raise UnreadableError("the body holds a number that is too long") from error


def _refuse_constant(name: str) -> NoReturn:
    raise UnreadableError(f"the body holds {name}, which is not JSON")
