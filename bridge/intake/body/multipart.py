"""The text fields of `multipart/form-data` (RFC 7578, https://www.rfc-editor.org/rfc/rfc7578).

A part is what stands between two boundaries: a split finds it. Werkzeug's decoder, made for uploads that come in
pieces, takes up to seven times as long and gives up on headers that are not UTF-8; the headers' parameters are read by
Werkzeug (`header.py`).
"""

from __future__ import annotations

import binascii
import quopri
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from bridge.errors import TooLargeError, UnreadableError
from bridge.expressions.texts import LONGEST_CACHED
from bridge.intake.body.charset import decode_all
from bridge.intake.body.content import CORRECTED, LEFT_OUT
from bridge.intake.body.form import decode_pairs
from bridge.intake.body.header import read_options

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bridge.intake.body.content import Notes
    from bridge.model import Limits

_FIRST_LINE: Final = re.compile(rb"\s*+--([^\r\n]{0,199}?[^\r\n \t])[ \t]*+\r?\n")
_FILE_NAME: Final = re.compile(r";\s*filename[*\d]*\s*=", re.ASCII | re.IGNORECASE)
_FOLD: Final = re.compile(rb"\r?\n[ \t]+")
_TEXTS: Final = ("text/", "application/json", "application/xml", "application/x-www-form-urlencoded", "multipart/")


def first_boundary(body: bytes) -> bytes:
    """The boundary that a multipart body starts with; nothing where it does not look like one."""
    match = _FIRST_LINE.match(body)
    return match[1] if match and b"form-data" in body[:1000].lower() else b""


def read_parts(body: bytes, parameters: Mapping[str, str], limits: Limits, notes: Notes) -> list[tuple[str, str]]:
    """The fields in their order; uploaded files are left out, with a note. Raises UnreadableError and TooLargeError."""
    boundary = _boundary(body, parameters, notes)
    charset = parameters.get("charset", "")
    found, declared = [], []
    for headers, content in _parts(body, boundary, limits):
        name, part_charset = _field(headers, content, notes)
        if name is not None:
            found.append((name, _untransferred(content, headers)))
            declared.append(part_charset)
    pairs = decode_pairs(found, charset, notes) if not any(declared) else _each(found, declared, charset, notes)
    return [(name, value) for name, value in pairs if name != "_charset_"]


def _each(raws: list[tuple[bytes, bytes]], declared: list[str], charset: str, notes: Notes) -> list[tuple[str, str]]:
    """Where parts name charsets of their own, each is read in its own."""
    return [
        decode_pairs([raw], part_charset or charset, notes)[0] for raw, part_charset in zip(raws, declared, strict=True)
    ]


def _boundary(body: bytes, parameters: Mapping[str, str], notes: Notes) -> bytes:
    boundary = parameters.get("boundary", "").encode("latin-1", "replace")
    if boundary and b"--" + boundary in body:
        return boundary
    found = first_boundary(body)
    if not found:
        raise UnreadableError(
            "the multipart form does not hold the boundary that its Content-Type promises;"
            " let the sender's HTTP library write the Content-Type itself"
        )
    fix = "let the sender's HTTP library write the Content-Type itself, with the boundary it uses"
    notes.add(CORRECTED, "the Content-Type does not name the boundary that the multipart form uses", fix)
    return found


def _parts(body: bytes, boundary: bytes, limits: Limits) -> Iterator[tuple[Mapping[str, str], bytes]]:
    """The headers of each part, in lower case and their bytes as Latin-1, and its content.

    Whatever follows a boundary in its line is part of it (RFC 2046, section 5.1.1).
    """
    first = body.index(b"--" + boundary)
    line = b"\r\n" if body.find(b"\r\n", first) == body.find(b"\n", first) - 1 else b"\n"
    pieces = (line + body).split(line + b"--" + boundary, limits.fields + 2)
    if len(pieces) > limits.fields + 2:
        raise TooLargeError(f"the form has more than {limits.fields} parts")
    for piece in pieces[1:]:
        if piece.startswith(b"--"):
            return
        head, _, content = piece.partition(line + line)
        if b"content-disposition" in head.lower():
            yield _cached_headers(head) if len(head) <= LONGEST_CACHED else _headers(head), content
        elif piece.strip():
            raise UnreadableError("the multipart form cannot be read: a part of it has no Content-Disposition")


def _headers(head: bytes) -> Mapping[str, str]:
    lines = [line.partition(":") for line in _FOLD.sub(b" ", head).decode("latin-1").split("\n")]
    return {name.strip().lower(): value.strip() for name, _, value in lines}


_cached_headers: Final = lru_cache(maxsize=1024)(_headers)


def _field(headers: Mapping[str, str], content: bytes, notes: Notes) -> tuple[bytes | None, str]:
    """The name of a part that is a field and the charset it names; None for the name of a file."""
    raw = headers.get("content-disposition", "")
    _, options = read_options(decode_all([raw.encode("latin-1")], [""], notes, lambda _: "a part's header")[0])
    kind, parameters = read_options(headers.get("content-type", "text/plain").lower())
    name = options.get("name", "")
    if name and not _FILE_NAME.search(raw) and "filename" not in options and kind.startswith(_TEXTS):
        return name.encode("utf-8", "surrogateescape"), parameters.get("charset", "")
    if content:
        notes.add(LEFT_OUT, f"the part {name[:100]!r} is a file and is left out", "no mapping can read a file")
    return None, ""


def _untransferred(content: bytes, headers: Mapping[str, str]) -> bytes:
    """RFC 7578, section 4.7, discourages Content-Transfer-Encoding; mail libraries write it all the same."""
    match headers.get("content-transfer-encoding", "").strip().lower():
        case "base64":
            try:
                return binascii.a2b_base64(content)
            except binascii.Error as error:
                raise UnreadableError("a part of the multipart form says base64 and is not") from error
        case "quoted-printable":
            return quopri.decodestring(content)
        case _:
            return content
