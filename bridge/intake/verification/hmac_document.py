"""Reading the `hmac:` of a scheme from YAML data."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, TypeVar

from bridge.intake.verification.scheme import Algorithm, Encoding, Format, HmacScheme, KeyEncoding, Timestamp
from bridge.intake.verification.template import read_template
from bridge.model import Problem
from bridge.times import Unit

if TYPE_CHECKING:
    from collections.abc import Mapping

_HMAC_KEYS: Final = {
    "header", "format", "key", "prefix", "algorithm", "encoding", "key_encoding", "content", "timestamp", "tolerance",
}  # fmt: skip
_DEFAULT_TOLERANCE = 300

Word = TypeVar("Word", bound=StrEnum)


def read_hmac(node: Any, where: str, problems: list[Problem]) -> HmacScheme:
    """Read the mapping under `hmac:`; what is wrong with it is added to `problems`."""
    if not isinstance(node, dict):
        problems.append(_problem(where, "bad_value", f"hmac cannot be {node!r}", "write header, content and the rest"))
        node = {"header": "unknown"}
    problems += _unknown_keys(node, _HMAC_KEYS, where)
    content, faults = read_template(node.get("content", "{body}"))
    problems += [_problem(f"{where}.content", "bad_template", fault, "see docs/presets.md") for fault in faults]
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
    return [_problem(where, "contradiction", message, fix) for message, fix in found]


def _read_timestamp(node: Any, where: str, problems: list[Problem]) -> Timestamp | None:
    if node is None:
        return None
    if not isinstance(node, dict) or ("header" in node) is ("key" in node):
        problems.append(_problem(where, "bad_value", "a timestamp needs either header or key", "write {header: X-Ts}"))
        return None
    problems += _unknown_keys(node, {"header", "key", "unit"}, where)
    if node.get("unit") == Unit.AUTO:
        problems.append(_problem(f"{where}.unit", "bad_value", "a signed time has one unit", "write s, ms or iso"))
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
        message, fix = f"tolerance cannot be {value!r} here", "give seconds, or off, next to a timestamp"
        problems.append(_problem(f"{where}.tolerance", "bad_value", message, fix))
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
    fix = f"known here: {', '.join(sorted(known))}"
    return [_problem(f"{where}.{key}", "unknown_key", f"unknown key {key!r}", fix) for key in node if key not in known]


def _problem(path: str, code: str, message: str, fix: str) -> Problem:
    return Problem(code=code, message=message, fix=fix, path=path)
