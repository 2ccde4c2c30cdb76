"""The bytes of a body as JSON values, whichever form they came in; whose they are is not asked here."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from bridge.errors import IntakeError, MediaTypeError, UnreadableError
from bridge.intake.body.claims import read_claims
from bridge.intake.body.content import CORRECTED, Content, Notes
from bridge.intake.body.form import nested, read_pairs, read_urlencoded, text_of_units, unquote
from bridge.intake.body.header import read_options
from bridge.intake.body.json_text import read_json
from bridge.intake.body.limits import check_value
from bridge.intake.body.multipart import first_boundary, read_parts
from bridge.intake.body.unpack import unpack
from bridge.intake.body.xml import read_xml
from bridge.model import DEFAULT_LIMITS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.model import Limits, Request


class BodyKind(StrEnum):
    """The form of a sender's bodies. `any` goes by what came."""

    JSON = "json"
    FORM = "form"
    XML = "xml"
    JWT = "jwt"
    """A signed token, whose claims are read."""
    ANY = "any"


FORM_TYPE: Final = "application/x-www-form-urlencoded"
_MULTIPART: Final = "multipart/form-data"
_JSON_TYPE: Final = re.compile(r".*[/+](x-)?(json|ndjson|javascript|json-seq|jsonl|jsonlines)|text/json")
_XML_TYPE: Final = re.compile(r".*[/+]xml")
_UNTOLD: Final = {"", "text/plain", "application/octet-stream", "*/*", "text/html", "application/text"}
"""Content types that say nothing; some senders (relays, WordPress, scripts) give these, or none, with any body."""

_GZIP: Final = b"\x1f\x8b\x08"
"""The start of a gzip member (RFC 1952, section 2.3), which starts no text in any charset that is read here."""

_ANY_FORM: Final = {"json", "form", "xml"}
_WANTED: Final = {"json": "application/json", "form": f"{FORM_TYPE} or {_MULTIPART}", "xml": "text/xml"}
_SHOWN: Final = {"json": "JSON", "form": "a form", "multipart": "a multipart form", "xml": "XML"}
_FIELD: Final = re.compile(rb"[\w.+%\[\]*:-]{1,200}=[^\s\"{}<]*(&|\s*\Z)")
_START: Final = re.compile(rb'[{\[]|"\s*[{\[]')
_ESCAPED_START: Final = re.compile(rb"(%7B|%5B|\{|\[)", re.IGNORECASE)


def read_query(query: bytes, limits: Limits = DEFAULT_LIMITS) -> Content:
    """A query without its question mark as an object, as a form is. Raises UnreadableError and TooLargeError."""
    if not query:
        raise UnreadableError("the query is empty; let the sender put the fields into it, or post them")
    notes = Notes()
    value = read_urlencoded(query, "", limits, notes)
    check_value(value, limits)
    return Content(value=value, form="form", notes=tuple(notes))


def read_body(request: Request, body_kind: BodyKind, limits: Limits = DEFAULT_LIMITS) -> Content:
    """The body as JSON values: of a form an object of texts, `a[b][0]` nested, repeated names a list.

    Content type, the body's first characters and the preset's `body:` decide together what it is; where they
    contradict each other, the characters count. Raises TooLargeError, MediaTypeError and UnreadableError.
    """
    notes = Notes()
    body = unpack(request.body, request.headers.get("content-encoding", ""), limits.bytes)
    if body.startswith(_GZIP):
        body = unpack(body, "gzip", limits.bytes)
        notes.add(CORRECTED, "the body is packed with gzip, and no header says so", "send `Content-Encoding: gzip`")
    if not body.strip(b" \t\r\n\0"):
        where = "; the fields stand in the URL: let the sender post them in the body" if request.query else ""
        raise UnreadableError(f"the body is empty{where}")
    kind, parameters = read_options(request.headers.get("content-type", ""))
    value, form = _read(body, kind.strip().lower(), parameters, body_kind, limits=limits, notes=notes)
    return Content(value=value, form=form, notes=tuple(notes))


def _read(
    body: bytes, kind: str, parameters: Mapping[str, str], body_kind: BodyKind, *, limits: Limits, notes: Notes
) -> tuple[Any, str]:
    """The value, and what the body is."""
    charset = parameters.get("charset", "")
    if body_kind is BodyKind.JWT:
        return read_claims(body, lambda part: read_json(part, limits)), "jwt"
    form = _form_of(body, kind, body_kind, notes)
    match form:
        case "json":
            return read_json(body, limits, charset, notes), form
        case "xml":
            return read_xml(body, charset, limits, notes), form
        case "multipart":
            value = nested(read_parts(body, parameters, limits, notes))
        case _:
            if _ESCAPED_START.match(body) and (inner := _posted_as_form(body, limits, notes)) is not None:
                return inner, "json"
            if body_kind is BodyKind.JSON:
                _refused(form, kind, {"json"})
            value = read_urlencoded(body, charset, limits, notes)
    check_value(value, limits)
    return value, form


def _form_of(body: bytes, kind: str, body_kind: BodyKind, notes: Notes) -> str:
    """`json`, `xml`, `form` or `multipart`. Raises MediaTypeError for what this preset does not take."""
    named, looks = _named(kind), _looks(body)
    form = looks or named or ("form" if kind in _UNTOLD else "")
    if named == "multipart" and looks != "multipart" and first_boundary(body.lstrip()) == b"":
        form = "multipart"  # a preamble may stand before it
    if named == "json" and not looks and _FIELD.match(body):
        form = "form"
    taken = _ANY_FORM if body_kind is BodyKind.ANY else {body_kind._value_}
    if form == "form" and "json" in taken and _ESCAPED_START.match(body) and _ends_as_json(body):
        return "form" if body_kind is BodyKind.ANY or body_kind is BodyKind.JSON else _refused(form, kind, taken)
    if ("form" if form == "multipart" else form) not in taken:
        return _refused(form, kind, taken)
    if named and form != named and {named, form} != {"form", "multipart"}:
        fix = f"let the sender name the Content-Type of what it posts: {_WANTED.get(form, _MULTIPART)}"
        notes.add(CORRECTED, f"the Content-Type says {_SHOWN[named]}, and the body is {_SHOWN[form]}", fix)
    return form


def _refused(form: str, kind: str, taken: set[str]) -> str:
    wanted = " or ".join(text for name, text in _WANTED.items() if name in taken)
    if form:
        raise MediaTypeError(f"the body is {_SHOWN[form]} (Content-Type {kind[:100]!r}), not taken here; send {wanted}")
    raise MediaTypeError(f"the content type {kind[:100]!r} is not handled here; send {wanted}")


def _named(kind: str) -> str:
    """What the content type says; nothing where it says nothing."""
    if kind == "application/json":
        return "json"
    if kind == FORM_TYPE:
        return "form"
    if kind.startswith("multipart/"):
        return "multipart"
    return "json" if _JSON_TYPE.fullmatch(kind) else "xml" if _XML_TYPE.fullmatch(kind) else ""


def _looks(body: bytes) -> str:
    """What the first characters say, in any charset with ASCII or UTF-16 inside; nothing where they say nothing."""
    if _START.match(body):
        return "json"  # as most start
    head = body[:1000].removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff")
    head = head.replace(b"\0", b"").lstrip()
    if _START.match(head):
        return "json"
    if head.startswith(b"<"):
        return "xml"
    return "multipart" if first_boundary(body) else ""


def _ends_as_json(body: bytes) -> bool:
    return re.search(rb"(%7D|%5D|\}|\])=?\s*\Z", body[-50:], re.IGNORECASE) is not None


def _posted_as_form(body: bytes, limits: Limits, notes: Notes) -> Any:
    """JSON that was escaped like a form (`%7B...%7D=`), None where it is a form."""
    if not _ends_as_json(body):
        return None
    units = text_of_units(body.strip())
    text = unquote(body.strip()) if units is None else units.encode("utf-8", "surrogatepass")
    try:
        value = read_json(text.removesuffix(b"="), limits, "", notes)
    except IntakeError:
        return None
    notes.add(CORRECTED, "the body is JSON that was escaped like a form", "let the sender post application/json")
    return value


def read_fields(body: bytes, content_type: str) -> list[tuple[str, str]]:
    """The text fields of a form of either kind, in their order. Raises UnreadableError and TooLargeError."""
    kind, parameters = read_options(content_type)
    if _named(kind.lower()) == "multipart":
        return read_parts(body, parameters, DEFAULT_LIMITS, Notes())
    return read_pairs(body, parameters.get("charset", ""), DEFAULT_LIMITS, Notes())
