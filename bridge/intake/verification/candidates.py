"""What a body and an address may have been before something on the way changed them: for explaining a refusal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final
from urllib.parse import urlunsplit

from bridge.errors import IntakeError
from bridge.intake.body.limits import check_value
from bridge.intake.body.unpack import unpack
from bridge.intake.verification.signature import public
from bridge.model import DEFAULT_LIMITS, LARGEST_BODY
from bridge.web_address import parts_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_BOM: Final = b"\xef\xbb\xbf"
_AGAIN: Final = "the body was parsed and written again on the way (re-serialised): the signature matches"


def bodies(body: bytes, content_encoding: str = "") -> list[tuple[str, bytes]]:
    """The body as it came, without words, then other forms of it, each with what it would mean."""
    found = [
        ("", body),
        ("the signature matches the body without the line end at its end: an editor or a tool added it", body.rstrip()),
        ("the signature matches the body with a line end at its end: something cut it off", body + b"\n"),
        ("the signature matches the body with Windows line ends", _with_crlf(body)),
        ("the signature matches the body with Unix line ends", body.replace(b"\r\n", b"\n")),
        ("the signature matches the body without the byte order mark", body.removeprefix(_BOM)),
        ("the signature matches the body with a byte order mark", _BOM + body),
        ("the signature matches an empty body: a proxy or framework had already read it", b""),
    ]
    found += [(f"{_AGAIN} {message}", text) for message, text in _written_again(body)]
    found += [
        (f"the body was unpacked (Content-Encoding): {message}", text)
        for message, text in _unpacked(body, content_encoding)
    ]
    unique: dict[bytes, str] = {}
    for message, text in found:
        unique.setdefault(text, message)
    return [(message, text) for text, message in unique.items()]


def _unpacked(body: bytes, content_encoding: str) -> list[tuple[str, bytes]]:
    """A packed body before its Content-Encoding, in the forms that `bodies` gives."""
    if not content_encoding.strip():
        return []
    try:
        plain = unpack(body, content_encoding, LARGEST_BODY)
    except IntakeError:
        return []
    return [(message or "the signature is over that", text) for message, text in bodies(plain)]


def _with_crlf(body: bytes) -> bytes:
    return body.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _written_again(body: bytes) -> list[tuple[str, bytes]]:
    try:
        value = json.loads(body.removeprefix(_BOM))
        check_value(value, DEFAULT_LIMITS)  # a deeper one is refused in any form, and indented it would be huge
    except (ValueError, RecursionError, IntakeError):
        return []
    forms: tuple[tuple[str, Callable[[Any], str]], ...] = (
        ("the compact form", lambda each: json.dumps(each, separators=(",", ":"), ensure_ascii=False)),
        ("the compact form with \\u escapes", lambda each: json.dumps(each, separators=(",", ":"))),
        ("the compact form with \\/ for slashes (PHP)", _php),
        ("the form with spaces after commas and colons (Python)", json.dumps),
        ("that form without \\u escapes", lambda each: json.dumps(each, ensure_ascii=False)),
        ("the form indented by 2", lambda each: json.dumps(each, indent=2, ensure_ascii=False)),
        ("the form indented by 4", lambda each: json.dumps(each, indent=4, ensure_ascii=False)),
        ("the compact form with sorted keys", _sorted),
    )
    return [(message, write(value).encode("utf-8", "surrogatepass")) for message, write in forms]


def _php(value: Any) -> str:
    return json.dumps(value, separators=(",", ":")).replace("/", "\\/")


def _sorted(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, sort_keys=True)


def urls(url: str, public_url: str) -> list[tuple[str, str]]:
    """The address that is judged, then others near it. Queries are never shown: they may hold a token."""
    right = public(url, public_url)
    parts = parts_of(right)
    other_scheme = "http" if parts.scheme == "https" else "https"
    path = parts.path
    near = {
        urlunsplit(parts._replace(scheme=other_scheme)),
        urlunsplit(parts._replace(query="")),
        urlunsplit(parts._replace(path=path.rstrip("/") if path.endswith("/") else path + "/")),
        urlunsplit(parts._replace(netloc=parts.hostname or "")),
        url,
        urlunsplit(parts._replace(scheme=other_scheme, query="")),
    } - {right}
    return [("", url), *((_url_message(each, right), each) for each in sorted(near))]


def _url_message(signed: str, judged: str) -> str:
    shown, without = parts_of(signed), "" if "?" in signed or "?" not in judged else ", without the query"
    return (
        f"the URL differs: {urlunsplit(shown._replace(query=''))} was signed{without}; "
        "set LEADBRIDGE_PUBLIC_URL to the address that the sender calls, or give it with --url"
    )
