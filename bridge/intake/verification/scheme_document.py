"""Reading a `verify:` of a preset or a mapping: every problem at once, and no scheme that would verify nothing.

The shape is that of `bridge.documents.verify_schema`; here is what its keys must be to each other.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from bridge import documents
from bridge.documents.verify_schema import verify_schema
from bridge.expressions import plain_steps
from bridge.intake.verification.scheme import (
    Algorithm,
    BasicAuth,
    BodySecret,
    Encoding,
    Format,
    HeaderToken,
    HmacScheme,
    KeyEncoding,
    NoVerification,
    OneOf,
    QueryToken,
    Scheme,
    SignedToken,
    Timestamp,
    Version,
)
from bridge.intake.verification.template import read_template
from bridge.model import Problem
from bridge.times import Unit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.intake.verification.template import Part

FORMS: Final = ("header_token", "query_token", "basic", "body_secret", "jwt", "hmac", "one_of")
_SHOWN: Final = f"none, {', '.join(FORMS)}"
_DEFAULT_TOLERANCE: Final = 300


def read_scheme(
    node: Any, where: str, base: Scheme | None = None, *, is_preset: bool = False
) -> Scheme | list[Problem]:
    """Read a `verify:` of a preset or a mapping, given as plain YAML data; `where` is its path for messages.

    `base` is the preset's own scheme, of which a mapping may pin versions. Returns the scheme, or every problem:
        none · {header_token: X-Api-Key} · {query_token: token} · {basic: acme} · {body_secret: google_key} ·
        {jwt: RS256} · {hmac: {header: ..., content: ...}} · {one_of: [...]} · {version: v3}
    """
    problems = _of_shape(node, where)
    if problems:
        return problems
    if node == "none":
        return NoVerification()
    if "version" in node:
        return _pinned(node, where, base)
    scheme = _read_one(node, where, problems, is_preset=is_preset)
    return problems or scheme


def _of_shape(node: Any, where: str) -> list[Problem]:
    if _schema().validator.is_valid(node):
        return []
    found, _ = documents.check(documents.load(documents.dump(node), file=""), _schema())
    return [replace(one, path=".".join(filter(None, (where, one.path))), line=0, column=0) for one in found]


@cache
def _schema() -> documents.Schema:
    return documents.compile_schema(verify_schema(texts=("none",), is_mapping=True), "verify")


def _read_one(node: Mapping[str, Any], where: str, problems: list[Problem], *, is_preset: bool) -> Scheme:
    forms = [name for name in FORMS if name in node]
    if len(forms) != 1 or ("prefix" in node and forms != ["header_token"]):
        message = "verify needs exactly one form, and prefix goes with header_token"
        problems.append(_problem(where, "bad_value", message, f"write one of {_SHOWN}"))
        return NoVerification()
    form = forms[0]
    value = node[form]
    match form:
        case "hmac":
            return _read_hmac(value, f"{where}.hmac", problems, is_preset=is_preset)
        case "one_of":
            found = [
                _read_version(item, f"{where}.one_of.{number}", problems, is_preset=is_preset)
                for number, item in enumerate(value)
            ]
            return OneOf(versions=tuple(version for version in found if version is not None))
        case "jwt":
            return SignedToken()
        case "header_token":
            return HeaderToken(header=value.strip().lower(), prefix=node.get("prefix", ""))
        case "query_token":
            return QueryToken(parameter=value)
        case "basic":
            return BasicAuth(username=value)
    steps = plain_steps(value)
    if steps is None:
        fix = "write the keys with dots between them, such as google_key or meta.key"
        problems.append(_problem(f"{where}.{form}", "bad_path", f"{value!r} is not a plain path", fix))
    return BodySecret(path=value, steps=tuple(steps or ()))


def _read_version(node: Mapping[str, Any], where: str, problems: list[Problem], *, is_preset: bool) -> Version | None:
    form = {name: value for name, value in node.items() if name not in ("version", "when", "pinned_only")}
    scheme = _read_one(form, where, problems, is_preset=is_preset)
    if not isinstance(scheme, HmacScheme | HeaderToken):
        return None
    when = node["when"]
    return Version(
        name=node["version"],
        header=when["header"].strip().lower(),
        value=when.get("is", ""),
        scheme=scheme,
        pinned_only=node.get("pinned_only", False),
    )


def _pinned(node: Mapping[str, Any], where: str, base: Scheme | None) -> Scheme | list[Problem]:
    """Only the named versions of the preset's scheme: what else a request offers is refused."""
    if not isinstance(base, OneOf) or len(node) > 1:
        message = "the preset has no versions, or something stands next to version"
        return [_problem(f"{where}.version", "bad_value", message, "leave the one or the other out")]
    wanted = node["version"] if isinstance(node["version"], list) else [node["version"]]
    known = [version.name for version in base.versions]
    fix = f"known: {', '.join(known)}"
    problems = [
        _problem(f"{where}.version", "bad_value", f"there is no version {name!r}", fix)
        for name in wanted
        if name not in known
    ]
    pinned = (replace(version, pinned_only=False) for version in base.versions if version.name in wanted)
    return problems or OneOf(versions=tuple(pinned))


def _read_hmac(node: Mapping[str, Any], where: str, problems: list[Problem], *, is_preset: bool) -> HmacScheme:
    content, wrong = read_template(node.get("content", "{body}"))
    problems += [_problem(f"{where}.content", "bad_template", text, "see docs/presets.md") for text in wrong]
    timestamp = _read_timestamp(node["timestamp"], f"{where}.timestamp", problems) if "timestamp" in node else None
    tolerance = node.get("tolerance", _DEFAULT_TOLERANCE if timestamp else "off")
    if tolerance != "off" and timestamp is None:
        message = f"tolerance cannot be {tolerance!r} here"
        problems.append(_problem(f"{where}.tolerance", "bad_value", message, "it stands next to a timestamp"))
    scheme = HmacScheme(
        headers=_headers(node["header"]),
        content=content,
        format=Format(node.get("format", Format.PLAIN)),
        key=node.get("key", ""),
        prefix=node.get("prefix", ""),
        algorithm=Algorithm(node.get("algorithm", Algorithm.SHA256)),
        encoding=Encoding(node.get("encoding", Encoding.HEX)),
        key_encoding=KeyEncoding(node.get("key_encoding", KeyEncoding.TEXT)),
        timestamp=timestamp,
        tolerance=None if tolerance == "off" or timestamp is None else tolerance,
    )
    problems += [
        _problem(where, "contradiction", message, fix) for message, fix in _contradictions(scheme, is_preset=is_preset)
    ]
    return scheme


def _read_timestamp(node: Mapping[str, Any], where: str, problems: list[Problem]) -> Timestamp | None:
    if ("header" in node) is ("key" in node):
        problems.append(_problem(where, "bad_value", "a timestamp needs either header or key", "write {header: X-Ts}"))
        return None
    headers = _headers(node["header"]) if "header" in node else ()
    return Timestamp(headers=headers, key=node.get("key", ""), unit=Unit(node.get("unit", Unit.S)))


def _headers(value: str | list[str]) -> tuple[str, ...]:
    return tuple(name.strip().lower() for name in ([value] if isinstance(value, str) else value))


def _contradictions(scheme: HmacScheme, *, is_preset: bool) -> list[tuple[str, str]]:
    """Combinations that would verify nothing, or that can never be met."""
    used = [part.field for part in scheme.content]
    is_plain = scheme.algorithm is Algorithm.PLAIN_SHA256
    found = []
    if "body" not in used and "form" not in used:
        found.append(("the signed text leaves the body out", "put {body} into content"))
    if scheme.timestamp and "timestamp" not in used:
        found.append(("the timestamp is not part of the signed text", "put {timestamp} into content, or leave it out"))
    if "timestamp" in used and scheme.timestamp is None:
        found.append(("content names {timestamp}, but nothing says where it is", "add timestamp: {header: ...}"))
    if is_plain and "secret" not in used:
        found.append(("a plain digest without {secret} verifies nothing", "put {secret} into content"))
    if is_plain and not is_preset and "secret" in used and is_extendable(scheme.content):
        message = "who sees one such signature can make another for a longer body: {secret} stands before the body"
        found.append((message, "put {secret} last, or let the sender use an HMAC (algorithm: sha256)"))
    if (scheme.format is Format.PLAIN) is bool(scheme.key):
        found.append((f"format {scheme.format} and key {scheme.key!r} do not fit", "key goes with pairs and list"))
    if scheme.timestamp and scheme.timestamp.key and scheme.format is not Format.PAIRS:
        found.append(("a timestamp key needs a header of pairs", "write format: pairs"))
    return found


def is_extendable(content: tuple[Part, ...]) -> bool:
    """Whether a plain digest of this text can be extended by appending to it: the secret is not its last part.

    https://en.wikipedia.org/wiki/Length_extension_attack
    """
    return not content or content[-1].field != "secret"


def _problem(path: str, code: str, message: str, fix: str) -> Problem:
    return Problem(code=code, message=message, fix=fix, path=path)
