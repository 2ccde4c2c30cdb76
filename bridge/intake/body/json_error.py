"""What keeps a text from being JSON, where, and what to change at the sender."""

from __future__ import annotations

import re
from typing import Final

_HINTS: Final = (
    (re.compile(r"\Z"), "the body ends too early: it was cut off, or a bracket or a quote is never closed"),
    (re.compile(r"['\u2018\u2019]"), "single quotes are not JSON: write double quotes"),
    (re.compile(r"[\u201c\u201d]"), "typographic quotes are not JSON: write straight double quotes"),
    (re.compile(r"//|/\*|#"), "comments are not JSON: remove them"),
    (re.compile(r"(?<=\{)[{%]|\{[{%]|\$\{|<%"), "a placeholder of the sender's template was not filled"),
    (
        re.compile(r"[A-Za-z_$][\w.$]*\s*\("),
        "a function call stands around it (JSONP): let the sender post the JSON alone",
    ),
    (re.compile(r"\)\]\}'"), "a guard against scripts stands before it: let the sender post the JSON alone"),
    (re.compile(r"None|True|False"), "this is Python, not JSON: write it with json.dumps"),
    (re.compile(r"undefined"), "a value is missing: the sender's script wrote undefined"),
    (re.compile(r"<"), "this looks like HTML or XML"),
    (re.compile(r"[}\]]"), "a value is missing, or there is one closing bracket too many"),
    (re.compile(r'"'), "a comma is missing, or a double quote inside a text is not escaped"),
    (re.compile(r"[A-Za-z_$]\w*\s*:"), "a name stands without double quotes"),
    (re.compile(r"[A-Za-z_$]"), "a text stands without double quotes, or a double quote inside a text is not escaped"),
    (re.compile(r","), "a value is missing before this comma"),
)


def describe(message: str, text: str, position: int) -> str:
    """The error of the JSON decoder with its place and what likely causes it. Nothing of the text is repeated."""
    line, column = text.count("\n", 0, position) + 1, position - text.rfind("\n", 0, position)
    place = f"line {line}, column {column}, character {position}"
    return f"the body is not JSON: {message.rstrip(' :')} at {place}; {_hint(message, text, position)}"


def _hint(message: str, text: str, position: int) -> str:
    if message.startswith("Unterminated"):
        return _HINTS[0][1]
    if message.startswith("Invalid \\"):
        return "a backslash inside a text is not escaped: write two"
    if message.startswith("Extra data"):
        return "the JSON ends before this place: let the sender post one JSON value and nothing after it"
    found = (hint for pattern, hint in _HINTS if pattern.match(text, position))
    return next(found, "let the sender write the body with its JSON library")
