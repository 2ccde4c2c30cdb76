"""Reading a `verify:` of a preset or a mapping: every problem at once, and no scheme that would prove nothing."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any, Final

from bridge.expressions import plain_steps
from bridge.intake.verification.hmac_document import read_hmac
from bridge.intake.verification.scheme import (
    BasicAuth,
    BodySecret,
    HeaderToken,
    HmacScheme,
    NoVerification,
    OneOf,
    QueryToken,
    Scheme,
    SignedToken,
    Version,
)
from bridge.model import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMS: Final = ("header_token", "query_token", "basic", "body_secret", "jwt", "hmac", "one_of")
_SHOWN: Final = f"none, {', '.join(FORMS)}"


def read_scheme(node: Any, where: str, base: Scheme | None = None) -> Scheme | list[Problem]:
    """Read a `verify:` of a preset or a mapping, given as plain YAML data; `where` is its path for messages.

    `base` is the preset's own scheme, of which a mapping may pin versions. Returns the scheme, or every problem:
        none · {header_token: X-Api-Key} · {query_token: token} · {basic: acme} · {body_secret: google_key} ·
        {jwt: RS256} · {hmac: {header: ..., content: ...}} · {one_of: [...]} · {version: v3}
    """
    if node == "none":
        return NoVerification()
    if not isinstance(node, dict):
        return [_problem(where, "bad_value", f"verify cannot be {node!r}", f"write {_SHOWN}")]
    if "version" in node:
        return _pinned(node, where, base)
    problems: list[Problem] = []
    scheme = _read_one(node, where, problems)
    return problems or scheme


def _read_one(node: Mapping[str, Any], where: str, problems: list[Problem]) -> Scheme:
    forms = [name for name in FORMS if name in node]
    if len(forms) != 1:
        problems.append(
            _problem(where, "bad_value", "verify needs exactly one form of proof", f"write one of {_SHOWN}")
        )
        return NoVerification()
    form = forms[0]
    _check_keys(node, {form, "prefix"} if form == "header_token" else {form}, where, problems)
    match form:
        case "hmac":
            return read_hmac(node[form], f"{where}.hmac", problems)
        case "one_of":
            return _read_versions(node[form], f"{where}.one_of", problems)
        case "jwt":
            if node[form] != "RS256":
                problems.append(_problem(f"{where}.jwt", "bad_value", f"jwt cannot be {node[form]!r}", "write RS256"))
            return SignedToken()
        case _:
            return _read_token(node, form, where, problems)


def _read_token(node: Mapping[str, Any], form: str, where: str, problems: list[Problem]) -> Scheme:
    name = _text(node, form, where, problems)
    if not name:
        problems.append(_problem(f"{where}.{form}", "bad_value", f"{form} is empty", "name it"))
    match form:
        case "header_token":
            return HeaderToken(header=name.lower(), prefix=_text(node, "prefix", where, problems))
        case "query_token":
            return QueryToken(parameter=name)
        case "body_secret":
            steps = plain_steps(name)
            if name and steps is None:
                fix = "write the keys with dots between them, such as google_key or meta.key"
                problems.append(_problem(f"{where}.{form}", "bad_path", f"{name!r} is no plain path", fix))
            return BodySecret(path=name, steps=tuple(steps or ()))
        case _:
            if ":" in name:
                fix = "leave it out"
                problems.append(_problem(f"{where}.basic", "bad_value", "a user name cannot hold a colon", fix))
            return BasicAuth(username=name)


def _read_versions(node: Any, where: str, problems: list[Problem]) -> OneOf:
    if not isinstance(node, list) or not node:
        problems.append(_problem(where, "bad_value", "one_of needs a list of versions", "write [{version: v2, ...}]"))
        return OneOf(versions=())
    found = [_read_version(item, f"{where}.{number}", problems) for number, item in enumerate(node)]
    return OneOf(versions=tuple(version for version in found if version is not None))


def _read_version(node: Any, where: str, problems: list[Problem]) -> Version | None:
    when = node.get("when") if isinstance(node, dict) else None
    if not isinstance(node, dict) or not isinstance(when, dict) or not isinstance(node.get("version"), str):
        fix = "write {version: v2, when: {header: X-Version, is: v2}, hmac: {...}}"
        problems.append(_problem(where, "bad_value", "a version needs version:, when: and a proof", fix))
        return None
    _check_keys(when, {"header", "is"}, f"{where}.when", problems)
    header = _text(when, "header", f"{where}.when", problems)
    if not header:
        problems.append(_problem(f"{where}.when", "bad_value", "when names no header", "write {header: X-Version}"))
    proof = {name: value for name, value in node.items() if name not in ("version", "when")}
    scheme = _read_one(proof, where, problems)
    if not isinstance(scheme, HmacScheme | HeaderToken):
        problems.append(
            _problem(where, "bad_value", "a version is proved by hmac or header_token", "write one of them")
        )
        return None
    return Version(
        name=node["version"],
        header=header.lower(),
        value=_text(when, "is", f"{where}.when", problems),
        scheme=scheme,
    )


def _pinned(node: Mapping[str, Any], where: str, base: Scheme | None) -> Scheme | list[Problem]:
    """Only the named versions of the preset's scheme: what else a request offers is refused."""
    problems: list[Problem] = []
    _check_keys(node, {"version"}, where, problems)
    if not isinstance(base, OneOf):
        message = "the preset's proof has no versions"
        return [*problems, _problem(f"{where}.version", "bad_value", message, "leave verify: out")]
    wanted = node["version"] if isinstance(node["version"], list) else [node["version"]]
    known = [version.name for version in base.versions]
    for name in wanted:
        if name not in known:
            fix = f"known are {', '.join(known)}"
            problems.append(_problem(f"{where}.version", "bad_value", f"there is no version {name!r}", fix))
    return problems or OneOf(versions=tuple(version for version in base.versions if version.name in wanted))


def _text(node: Mapping[str, Any], name: str, where: str, problems: list[Problem]) -> str:
    value = node.get(name, "")
    if isinstance(value, str):
        return value
    problems.append(_problem(f"{where}.{name}", "bad_value", f"{name} cannot be {value!r}", "write a text"))
    return ""


def _check_keys(node: Mapping[str, Any], known: set[str], where: str, problems: list[Problem]) -> None:
    for key in node:
        if key not in known:
            close = difflib.get_close_matches(str(key), known, n=1)
            fix = f"did you mean {close[0]!r}?" if close else f"known here: {', '.join(sorted(known))}"
            problems.append(_problem(f"{where}.{key}", "unknown_key", f"unknown key {key!r}", fix))


def _problem(path: str, code: str, message: str, fix: str) -> Problem:
    return Problem(code=code, message=message, fix=fix, path=path)
