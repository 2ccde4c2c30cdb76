"""Reading the envelope of Zoho's answers, whichever of its forms it comes in.

The documented form is a flat JSON object `{code, message, status, uri, version}`
(https://zoho.com/marketingautomation/help/developers/lead-subscribe.html). Also seen: the same nested under
`response` (https://zoho.com/marketingautomation/help/developers/create-custom-field.html), a capital `Code`, numbers
for codes, XML although JSON was asked for (https://zoho.com/campaigns/help/developers/contact-unsubscribe.html), the
front filter's `{"error": {"title", "message"}}` (https://help.zoho.com/portal/de/community/topic/zoho-cliq-api-rate-limit),
a word as the message next to a code that only repeats the HTTP status
(https://www.zoho.com/social/api/oauth-authentication.html), the lists of one of Zoho's CRM
(https://www.zoho.com/crm/developer/docs/api/v8/status-codes.html), and HTML. All of them come with HTTP 200 at times,
so the HTTP status alone says nothing.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import orjson

from bridge.address import IN_TEXT
from bridge.model import HOUR_MS, MINUTE_MS, SECOND_MS
from bridge.times import MAX_WAIT_MS, retry_after_ms

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_MESSAGE = 500
SUCCESS_CODES = frozenset({"0", "200"})
GENERIC_CODES = frozenset({"", "400", "401", "403", "404", "500"})
"""Codes that say no more than an HTTP status; next to them the message decides."""

OTHER_CODE = "other"
"""Stands for a code that could be anything: codes go into logs and metrics, where no address or token may appear."""

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_. -]{0,63}")
_CODES = ("code", "errorCode", "error_code", "status_code")
"""Members that hold a code, the one that is documented first."""

_INNER = ("errors", "data", "status")
"""Members within which a refusal stands that has no code outside, as an object or in a list of one."""

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+|[A-Z]{4,}")
"""A message or an error that is a code: one word of capitals, or several joined by underscores."""

_TOKEN = re.compile(r"\b1000\.[0-9A-Za-z]{8,}(?:\.[0-9A-Za-z]{8,})?")
"""As Zoho writes its codes and tokens: https://zoho.com/accounts/protocol/oauth/web-apps/access-token.html"""

_WAIT = re.compile(r"(\d{1,4})\s*(second|sec|minute|min|hour)", re.IGNORECASE)
_UNIT_MS = {"s": SECOND_MS, "m": MINUTE_MS, "h": HOUR_MS}


class Format(StrEnum):
    """What form the body had."""

    JSON = "json"
    XML = "xml"
    OTHER = "other"
    """HTML, text, nothing, or an object that is not an envelope."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """An answer of Zoho's. Texts are empty where the answer has none; `status` is in lower case.

    `data` is the object that held the code: the outer one, or the one under `response`. `retry_after_ms` is the wait
    that a header or the message asks for.
    """

    http_status: int
    format: Format
    code: str = ""
    message: str = ""
    status: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    retry_after_ms: int | None = None

    @property
    def succeeded(self) -> bool:
        """Whether the body itself says so: the status and one of the codes 0 and 200."""
        return self.status == "success" and self.code in SUCCESS_CODES


def read_envelope(http_status: int, body: bytes, headers: Mapping[str, str] | None = None) -> Envelope:
    """Understand an answer of any form; it never raises. Header names are in lower case."""
    body_format, data = _read_body(body)
    code = next(filter(None, (_text(data, name) for name in _CODES)), "")
    message, status = _text(data, "message"), _text(data, "status")
    error = _member(data, "error")
    if isinstance(error, dict):
        code = _text(error, "title") or code or next(filter(None, (_text(error, name) for name in _CODES)), "")
        message = message or _text(error, "message") or _text(error, "details")
    elif isinstance(error, str):
        message = message or _clean(error)
    word = next(filter(_WORD.fullmatch, (message, status)), "")
    is_refused = status.lower() != "success"  # a success may well say so in one word
    if word and (code in GENERIC_CODES or (code in SUCCESS_CODES and is_refused)):
        code = word
    waits = (retry_after_ms(headers or {}), _message_wait(message))
    return Envelope(
        http_status=http_status,
        format=body_format if code or status or message or data else Format.OTHER,
        code=code if not code or _CODE.fullmatch(code) else OTHER_CODE,
        message=message,
        status=status.lower(),
        data=data,
        retry_after_ms=max((wait for wait in waits if wait is not None), default=None),
    )


def _read_body(body: bytes) -> tuple[Format, dict[str, Any]]:
    text = body.decode("utf-8-sig", "replace").strip()
    if text.startswith("<"):
        children = _xml(text)
        return (Format.XML, children) if children else (Format.OTHER, {})
    data = _json(text)
    return (Format.JSON, _unnested(data)) if data is not None else (Format.OTHER, {})


def _json(text: str) -> dict[str, Any] | None:
    """The object in a text. What only Python's reader takes is replaced by what every JSON may hold."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        try:
            found = json.loads(text, parse_constant=lambda _: None)  # half surrogate pairs, NaN
            value = orjson.loads(json.dumps(found, ensure_ascii=False).encode("utf-8", "replace"))
        except (ValueError, RecursionError):
            return None
    found = _alone(value)
    return found if isinstance(found, dict) else None


def _alone(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _unnested(data: dict[str, Any]) -> dict[str, Any]:
    if _member(data, "code") is not None:
        return data
    response = _member(data, "response")
    if isinstance(response, dict):
        return _unnested(response)
    inner = (_alone(_member(data, name)) for name in _INNER)
    return next((one for one in inner if isinstance(one, dict) and any(_text(one, name) for name in _CODES)), data)


def _xml(text: str) -> dict[str, Any]:
    """The children of a small XML answer. A document type, with which entities could be declared, is refused."""
    if "<!DOCTYPE" in text.upper() or "<!ENTITY" in text.upper():
        return {}
    try:
        root = ET.fromstring(text)  # noqa: S314 - entities and document types are refused above
    except (ET.ParseError, ValueError):
        return {}
    children = _children(root)
    return children if children.keys() & {"code", "status", "error"} else {}


def _children(element: ET.Element) -> dict[str, Any]:
    """The texts of its children by their names, or what they hold in turn."""
    return {_local(one.tag).lower(): _children(one) if len(one) else (one.text or "").strip() for one in element}


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _member(data: Mapping[Any, Any], name: str) -> Any:
    """A member by its name in any case, the exact one first."""
    if name in data:
        return data[name]
    return next((value for key, value in data.items() if isinstance(key, str) and key.lower() == name), None)


def _text(data: Mapping[str, Any], name: str) -> str:
    value = _member(data, name)
    return _clean(str(value)) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _clean(text: str) -> str:
    """Bounded, on one line, storable anywhere (no NUL, no lone surrogate), and without addresses and tokens.

    It is logged, shown, and the reason of holds and alarms.
    """
    storable = text[: 2 * MAX_MESSAGE].replace("\0", "").encode("utf-8", "replace").decode()
    impersonal = _TOKEN.sub("(token)", IN_TEXT.sub("(address)", storable))
    return " ".join(impersonal.split())[:MAX_MESSAGE]


def _message_wait(message: str) -> int | None:
    found = _WAIT.search(message)
    if found is None:
        return None
    return min(int(found[1]) * _UNIT_MS[found[2][0].lower()], MAX_WAIT_MS)
