"""How a sender proves itself, described as data.

Presets and mappings write a scheme under `verify:`; `read_scheme` turns that into one of the classes here. The HMAC
scheme covers the parameters that a survey of some hundred senders needs
(https://github.com/webhook-co/webhook, `packages/webhooks-spec/src/adapters/config.ts`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, TypeVar

from bridge.intake.instant import Unit
from bridge.intake.template import Part, read_template
from bridge.model import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping


class Format(StrEnum):
    """How the signature header is built."""

    PLAIN = "plain"
    """The signature is the whole value, after the prefix."""
    PAIRS = "pairs"
    """`t=1700000000,v1=5257a8...`: names and values, several may have the same name."""
    LIST = "list"
    """`v1,K5oZfz... v1,v0D2Qn...`: tags and values, separated by spaces."""


class Algorithm(StrEnum):
    """What is computed over the signed text. All but the last are an HMAC."""

    SHA256 = "sha256"
    SHA1 = "sha1"
    SHA512 = "sha512"
    PLAIN_SHA256 = "plain-sha256"


class Encoding(StrEnum):
    """How the signature is written. Hex may be in either letter case; base64 may lack its padding."""

    HEX = "hex"
    BASE64 = "base64"
    BASE64URL = "base64url"


class KeyEncoding(StrEnum):
    """How the secret, as the sender shows it, becomes the key."""

    TEXT = "text"
    HEX = "hex"
    BASE64 = "base64"
    WHSEC = "whsec"
    """Base64 after an optional `whsec_`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timestamp:
    """Where the signed time is: in the first of `headers` that is there, or under `key` in the signature header."""

    headers: tuple[str, ...] = ()
    key: str = ""
    unit: Unit = Unit.S


@dataclass(frozen=True, slots=True, kw_only=True)
class HmacScheme:
    """A keyed digest over the raw request.

    `headers` are in lower case; the first that is there counts. `key` names the signature in a `pairs` or `list`
    header. `content` is the signed text. `tolerance` is in seconds, both ways; None means that age is not judged.
    """

    headers: tuple[str, ...]
    content: tuple[Part, ...]
    format: Format = Format.PLAIN
    key: str = ""
    prefix: str = ""
    algorithm: Algorithm = Algorithm.SHA256
    encoding: Encoding = Encoding.HEX
    key_encoding: KeyEncoding = KeyEncoding.TEXT
    timestamp: Timestamp | None = None
    tolerance: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderToken:
    """A fixed secret in a header (its name in lower case), after a prefix such as `Bearer `."""

    header: str
    prefix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryToken:
    """A fixed secret in the URL's query."""

    parameter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BasicAuth:
    """HTTP Basic authentication (https://www.rfc-editor.org/rfc/rfc7617); the password is the secret."""

    username: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoVerification:
    """Whoever knows the URL is believed. It must be written out."""


Scheme = HmacScheme | HeaderToken | QueryToken | BasicAuth | NoVerification

_HMAC_KEYS: Final = {
    "header", "format", "key", "prefix", "algorithm", "encoding", "key_encoding", "content", "timestamp", "tolerance",
}  # fmt: skip
_FORMS: Final = "none, header_token, query_token, basic or hmac"
_DEFAULT_TOLERANCE = 300

Word = TypeVar("Word", bound=StrEnum)


def roles(scheme: Scheme) -> frozenset[str]:
    """The roles of the secrets that a scheme needs, as they are named under `secrets:`."""
    match scheme:
        case HmacScheme():
            return frozenset({"signing"})
        case HeaderToken() | QueryToken():
            return frozenset({"token"})
        case BasicAuth():
            return frozenset({"password"})
        case NoVerification():
            return frozenset()


def read_scheme(node: Any, where: str) -> Scheme | list[Problem]:
    """Read a `verify:` of a preset or a mapping, given as plain YAML data; `where` is its path for messages.

    Returns the scheme, or every problem found:
        none · {header_token: X-Api-Key} · {query_token: token} · {basic: acme} · {hmac: {header: ..., content: ...}}
    """
    if node == "none":
        return NoVerification()
    if not isinstance(node, dict):
        return [_problem(where, "bad_value", f"verify cannot be {node!r}", f"write {_FORMS}")]
    forms = [name for name in ("header_token", "query_token", "basic", "hmac") if name in node]
    if len(forms) != 1:
        return [_problem(where, "bad_value", "verify needs exactly one form of proof", f"write one of {_FORMS}")]
    form = forms[0]
    problems = _unknown_keys(node, {form, "prefix"} if form == "header_token" else {form}, where)
    scheme = (
        _read_hmac(node[form], f"{where}.hmac", problems)
        if form == "hmac"
        else _read_token(node, form, where, problems)
    )
    return problems or scheme


def _read_token(node: Mapping[str, Any], form: str, where: str, problems: list[Problem]) -> Scheme:
    name = _text(node, form, where, problems)
    if not name:
        problems.append(_problem(f"{where}.{form}", "bad_value", f"{form} is empty", "name it"))
    match form:
        case "header_token":
            return HeaderToken(header=name.lower(), prefix=_text(node, "prefix", where, problems))
        case "query_token":
            return QueryToken(parameter=name)
        case _:
            if ":" in name:
                problems.append(
                    _problem(f"{where}.basic", "bad_value", "a user name cannot hold a colon", "leave it out")
                )
            return BasicAuth(username=name)


def _read_hmac(node: Any, where: str, problems: list[Problem]) -> HmacScheme:
    if not isinstance(node, dict):
        problems.append(_problem(where, "bad_value", f"hmac cannot be {node!r}", "write header, content and the rest"))
        node = {"header": "unknown"}
    problems += _unknown_keys(node, _HMAC_KEYS, where)
    content, faults = read_template(node.get("content", "{body}"))
    problems += [_problem(f"{where}.content", "bad_template", fault, "see docs/extending.md") for fault in faults]
    timestamp = _read_timestamp(node.get("timestamp"), f"{where}.timestamp", problems)
    scheme = HmacScheme(
        headers=_headers(node, where, problems),
        content=content,
        format=_choice(Format, node, "format", Format.PLAIN, where, problems),
        key=_text(node, "key", where, problems),
        prefix=_text(node, "prefix", where, problems),
        algorithm=_choice(Algorithm, node, "algorithm", Algorithm.SHA256, where, problems),
        encoding=_choice(Encoding, node, "encoding", Encoding.HEX, where, problems),
        key_encoding=_choice(KeyEncoding, node, "key_encoding", KeyEncoding.TEXT, where, problems),
        timestamp=timestamp,
        tolerance=_tolerance(node, timestamp is not None, where, problems),
    )
    problems += _contradictions(scheme, where)
    return scheme


def _contradictions(scheme: HmacScheme, where: str) -> list[Problem]:
    """Combinations that would prove nothing, or that can never be met."""
    used = {part.field for part in scheme.content}
    found = []
    if "body" not in used and "form" not in used:
        found.append(("the signed text leaves the body out", "put {body} into content"))
    if scheme.timestamp and "timestamp" not in used:
        found.append(("the timestamp is not part of the signed text", "put {timestamp} into content, or leave it out"))
    if "timestamp" in used and scheme.timestamp is None:
        found.append(("content names {timestamp}, but nothing says where it is", "add timestamp: {header: ...}"))
    if scheme.algorithm is Algorithm.PLAIN_SHA256 and "secret" not in used:
        found.append(("a plain digest without {secret} proves nothing", "put {secret} into content"))
    if (scheme.format is Format.PLAIN) is bool(scheme.key):
        found.append((f"format {scheme.format} and key {scheme.key!r} do not fit", "key goes with pairs and list"))
    if scheme.timestamp and scheme.timestamp.key and scheme.format is not Format.PAIRS:
        found.append(("a timestamp key needs a header of pairs", "write format: pairs"))
    return [_problem(where, "contradiction", message, cure) for message, cure in found]


def _read_timestamp(node: Any, where: str, problems: list[Problem]) -> Timestamp | None:
    if node is None:
        return None
    if not isinstance(node, dict) or ("header" in node) is ("key" in node):
        problems.append(_problem(where, "bad_value", "a timestamp needs either header or key", "write {header: X-Ts}"))
        return None
    problems += _unknown_keys(node, {"header", "key", "unit"}, where)
    return Timestamp(
        headers=_headers(node, where, problems) if "header" in node else (),
        key=_text(node, "key", where, problems),
        unit=_choice(Unit, node, "unit", Unit.S, where, problems),
    )


def _tolerance(node: Mapping[str, Any], timed: bool, where: str, problems: list[Problem]) -> int | None:
    value = node.get("tolerance", _DEFAULT_TOLERANCE if timed else None)
    if value is None or value == "off":
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0 or not timed:
        message, cure = f"tolerance cannot be {value!r} here", "give seconds, or off, beside a timestamp"
        problems.append(_problem(f"{where}.tolerance", "bad_value", message, cure))
        return None
    return value


def _headers(node: Mapping[str, Any], where: str, problems: list[Problem]) -> tuple[str, ...]:
    value = node.get("header")
    names = [name.strip().lower() for name in (value if isinstance(value, list) else [value]) if isinstance(name, str)]
    if not all(names) or not names or (isinstance(value, list) and len(names) != len(value)):
        problems.append(_problem(f"{where}.header", "bad_value", f"header cannot be {value!r}", "name a header"))
        return ()
    return tuple(names)


def _text(node: Mapping[str, Any], name: str, where: str, problems: list[Problem]) -> str:
    value = node.get(name, "")
    if isinstance(value, str):
        return value
    problems.append(_problem(f"{where}.{name}", "bad_value", f"{name} cannot be {value!r}", "write a text"))
    return ""


def _choice(
    kind: type[Word], node: Mapping[str, Any], name: str, default: Word, where: str, problems: list[Problem]
) -> Word:
    value = node.get(name, default)
    try:
        return kind(value)
    except ValueError:
        choices = ", ".join(kind)
        problems.append(
            _problem(f"{where}.{name}", "bad_value", f"{name} cannot be {value!r}", f"write one of {choices}")
        )
        return default


def _unknown_keys(node: Mapping[str, Any], known: set[str], where: str) -> list[Problem]:
    cure = f"known here: {', '.join(sorted(known))}"
    return [_problem(f"{where}.{key}", "unknown_key", f"unknown key {key!r}", cure) for key in node if key not in known]


def _problem(path: str, code: str, message: str, cure: str) -> Problem:
    return Problem(code=code, message=message, cure=cure, path=path)
