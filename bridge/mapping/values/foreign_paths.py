"""Paths as other tools and languages write them, and what they are called here."""

from __future__ import annotations

import re
from typing import Final

from bridge.documents import quoted
from bridge.errors import PathError
from bridge.expressions import compile_path
from bridge.mapping.context import ROOTS

_SOURCE_OF: Final = {
    **dict.fromkeys(("answers", "answer", "fields", "form", "form_fields", "question", "questions"), "answer"),
    **dict.fromkeys(("query", "params", "query_params", "querystring", "url"), "query"),
    **dict.fromkeys(("header", "headers"), "header"),
}
"""Objects in which other tools keep what has a source of its own here."""

_ROOT_OF: Final = {
    **dict.fromkeys(("hidden", "utm", "utms", "hidden_fields"), "tracking"),
    **dict.fromkeys(("payload", "data", "json", "webhook", "event", "input"), "body"),
    **dict.fromkeys(("lead", "person", "user", "customer", "respondent", "kontakt"), "contact"),
}
"""Names under which other tools keep what stands under one of our roots."""

_TRACKING: Final = re.compile(r"utm_[a-z_]+|gclid|fbclid|msclkid", re.IGNORECASE)
_LEAST: Final = 2
"""Parts of a text that is joined."""

_SEPARATOR: Final = re.compile(r"/|->|→|::|>|»")
_JOINED: Final = re.compile(r"[+&~]")
_SIGNS: Final = re.compile(r"[@#$%*&~!]+([A-Za-z_].*)")
_IN_PARENTHESES: Final = re.compile(r"\((\w+) *[:=](.+)\)")
_ONE_EQUALS: Final = re.compile(r"(?<![=!<>])=(?!=)")
_LITERAL: Final = re.compile(r"(?<===) *(true|false|null|\d+)\b")
_QUOTED: Final = re.compile(r"([\"'])(.*)\1")


def from_foreign(text: str) -> str | None:
    """A path as another tool writes it, as the source meant, written for a YAML file; None for no such path.

    `hidden.utm_source` is `tracking.utm_source`, `query.plan` is `{query: plan}`, `body/plan` is `body.plan`,
    `answers.Your name` is `{answer: Your name}`, and `contact.first_name + contact.last_name` joins the two.
    """
    text = text.strip()
    if signs := _SIGNS.fullmatch(text):
        inner = signs[1].rstrip("%")
        return from_foreign(inner) or (inner if is_path(inner) else None)
    if named := _IN_PARENTHESES.fullmatch(text):
        name, value = named[1], named[2].strip()
        return f"{{{name}: {quoted(value)}}}" if name in (*_SOURCE_OF.values(), "from", "value") else None
    return _of_other_names(text) or _separated(text) or _joined(text) or _compared(text)


def is_path(text: str) -> bool:
    """Whether a text is a path that starts at one of the roots."""
    try:
        return compile_path(text)[0] in ROOTS
    except PathError:
        return False


def _of_other_names(text: str) -> str | None:
    """What stands below a name that is another one here, or has no name above it."""
    if _TRACKING.fullmatch(text):
        return f"tracking.{text}"
    first, dot, rest = text.partition(".")
    name, rest = first.strip().casefold(), rest.strip()
    if not dot or not rest or is_path(text):
        return None
    if name in _SOURCE_OF:
        return f"{{{_SOURCE_OF[name]}: {quoted(rest)}}}"
    return _dotted(_ROOT_OF.get(name, name), rest.split("."))


def _separated(text: str) -> str | None:
    """`body/plan`, `body->plan`."""
    first, *parts = _SEPARATOR.split(text)
    return _dotted(first.strip(), parts) if parts else None


def _dotted(root: str, parts: list[str]) -> str | None:
    """The path to a key within a root; names that need it stand in brackets."""
    if root not in ROOTS or not all(re.fullmatch(r"[\w -]+", part.strip()) for part in parts):
        return None
    names = [part.strip() for part in parts]
    return written_path(root + "".join(f".{one}" if re.fullmatch(r"[\w-]+", one) else f'["{one}"]' for one in names))


def _joined(text: str) -> str | None:
    """`contact.first_name + " " + contact.last_name`: a list that is joined, so that blanks are left out."""
    parts = [part.strip() for part in _JOINED.split(text)]
    between = [found[2] for part in parts if (found := _QUOTED.fullmatch(part))]
    paths = [part for part in parts if not _QUOTED.fullmatch(part)]
    if len(paths) < _LEAST or len(set(between)) > 1 or not all(map(is_path, paths)):
        return None
    joiner = between[0] if between else " "
    whole = f"[{', '.join(paths)}]"
    return f'{{from: {written_path(whole)}, join: "{joiner}"}}'


def _compared(text: str) -> str | None:
    """A filter with one equals sign, and values without the back ticks of JMESPath: `[?main=true]`."""
    changed = _LITERAL.sub(r"`\1`", _ONE_EQUALS.sub("==", text))
    return written_path(changed) if changed != text and "[?" in text and is_path(changed) else None


def written_path(path: str) -> str:
    """A path as it must stand in a YAML file, also between braces."""
    if re.fullmatch(r"[\w.-]+", path):
        return path
    return quoted(path) if "'" in path else f"'{path}'"
