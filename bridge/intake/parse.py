"""The body of a verified request as JSON values, whichever form it came in."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NoReturn

import orjson

from bridge.errors import MediaTypeError, TooLargeError, UnreadableError
from bridge.intake.encoding import decode_text
from bridge.intake.form import media_type, read_multipart, read_urlencoded
from bridge.intake.limits import DEFAULT_LIMITS, Limits, check_value

if TYPE_CHECKING:
    from bridge.intake.verify import VerifiedRequest


class BodyKind(StrEnum):
    """The form of a sender's bodies. `any` goes by what came."""

    JSON = "json"
    FORM = "form"
    ANY = "any"


_JSON_TYPES: Final = {"application/json", "text/json", "application/x-json", "application/javascript"}
_URLENCODED: Final = "application/x-www-form-urlencoded"
_MULTIPART: Final = "multipart/form-data"
_UNTOLD: Final = {"", "text/plain", "application/octet-stream"}
"""Content types that say nothing; some senders (relays, WordPress, scripts) give these, or none, with any body."""

_BOM: Final = b"\xef\xbb\xbf"
_JSON_START: Final = (b"{", b"[")


def parse(verified: VerifiedRequest, body_kind: BodyKind, limits: Limits = DEFAULT_LIMITS) -> Any:
    """Read the body; forms become an object of texts, `a[b][0]` nested, repeated names a list.

    The content type and the preset's `body:` decide together; where the type is missing or wrong but the body is
    plainly JSON, it is JSON. Raises TooLargeError, MediaTypeError and UnreadableError.
    """
    request = verified.request
    if len(request.body) > limits.bytes:
        raise TooLargeError(f"the body has {len(request.body)} bytes; at most {limits.bytes} are taken")
    if not request.body.strip():
        raise UnreadableError("the body is empty")
    kind, parameters = media_type(request.headers.get("content-type", ""))
    match _form_of(kind, body_kind, request.body):
        case "json":
            return read_json(request.body, limits, parameters.get("charset", ""))
        case "multipart":
            value = read_multipart(request.body, parameters, limits)
        case _:
            value = read_urlencoded(request.body, parameters, limits)
    check_value(value, limits)
    return value


def _form_of(kind: str, body_kind: BodyKind, body: bytes) -> str:
    """`json`, `urlencoded` or `multipart`. Raises MediaTypeError for what this preset does not take."""
    takes_json, takes_form = body_kind is not BodyKind.FORM, body_kind is not BodyKind.JSON
    if takes_json and (kind in _JSON_TYPES or kind.endswith("+json")):
        return "json"
    if takes_json and kind != _MULTIPART and body.removeprefix(_BOM).lstrip().startswith(_JSON_START):
        return "json"
    if takes_form and kind in _UNTOLD | {_URLENCODED}:
        return "urlencoded"
    if takes_form and kind == _MULTIPART:
        return "multipart"
    raise MediaTypeError(f"the content type {kind[:100]!r} is not handled here; send {_wanted(body_kind)}")


def _wanted(body_kind: BodyKind) -> str:
    match body_kind:
        case BodyKind.JSON:
            return "application/json"
        case BodyKind.FORM:
            return f"{_URLENCODED} or {_MULTIPART}"
        case BodyKind.ANY:
            return f"application/json, {_URLENCODED} or {_MULTIPART}"


def read_json(body: bytes, limits: Limits = DEFAULT_LIMITS, charset: str = "") -> Any:
    """JSON as values: integers exact however large, the last of equal keys, NaN refused. Raises UnreadableError."""
    text = body.removeprefix(_BOM)
    try:
        value = orjson.loads(text)
        if not check_value(value, limits):
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
