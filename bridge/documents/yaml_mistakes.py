"""The usual accidents of writing YAML by hand, each recognised and answered with the line as it should be."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bridge.documents.suggestions import quoted
from bridge.documents.syntax import line_at
from bridge.model import Edit, Problem, Severity

if TYPE_CHECKING:
    from yaml.nodes import MappingNode, Node

    from bridge.documents.document import Document, Path

_LONGEST: Final = 1_000
"""Characters. A longer line was not written by hand, and is not searched: that takes more than linear time."""

_OTHER_COLON: Final = re.compile(r"^(\s*(?:- )?\w[\w ]*?)\s*(?:=|;|：|:[\u00a0\u2007\u202f\u3000])\s*([{\[].*)$")
_ODD_SPACE: Final = re.compile("^[ \u00a0\u2007\u202f\u200b\u3000]*[\u00a0\u2007\u202f\u200b\u3000][ \u00a0]*")
_TEXT_KEYS: Final = frozenset({"answer", "value", "default", "is", "is_not", "contains", "not_asked", "consent"})
_REMARK: Final = re.compile(r" *#")
_GLUED_REMARK: Final = re.compile(r" #\S")
_NUMBER_REMARK: Final = re.compile(r" #\d")


def flow_problems(node: MappingNode, document: Document, path: Path) -> list[Problem]:
    """What went wrong between braces: a comma that cut a text in two, a colon without its space."""
    if path[:1] == ("secrets",):
        return []  # what stands there may be a secret, and is never shown
    if not node.flow_style:
        glued = [_glued(document, path, key) for key, _ in node.value if ":{" in str(key.value)]
        return glued or [one for key, _ in node.value for one in _odd_signs(document, path, key)]
    problems: list[Problem] = []
    entries = [(key, value, _is_empty(value)) for key, value in node.value]
    for number, (key, _, empty) in enumerate(entries):
        if not empty:
            continue
        name, colon, rest = str(key.value).partition(":")
        if colon and re.fullmatch(r"[a-z_]+", name) and rest:
            problems.append(_missing_space(document, path, key, name, rest))
        elif number and not entries[number - 1][2]:
            problems.append(_cut_by_comma(document, path, node, number))
    return problems


def _odd_signs(document: Document, path: Path, key: Node) -> list[Problem]:
    """A key with another sign in the place of its colon, or with a space that is none to YAML before or behind it."""
    line = key.start_mark.line
    text = line_at(document.lines, line)
    if len(text) > _LONGEST:
        return []
    colon = _OTHER_COLON.match(text)
    spaced = _ODD_SPACE.sub(lambda found: " " * len(found[0]), text)
    if colon is None and spaced == text:
        return []
    changed = f"{colon[1]}: {colon[2]}" if colon is not None else spaced
    edit = Edit(line=line + 1, column=1, end_line=line + 1, end_column=len(text) + 1, text=changed)
    what = "a colon and a space belong after the key"
    if colon is None:
        what = "this space, as copied from a web page, is not a space to YAML"
    return [_at(document, path, key, "odd_sign", what, edit, str(key.value))]


def _glued(document: Document, path: Path, key: Node) -> Problem:
    name, _, rest = str(key.value).partition(":")
    message = f"{key.value!r} is read as one key: a space is missing after the colon"
    return _at(document, path, key, "missing_space", message, _span(key, key, f"{name}: {rest}"), str(key.value))


def _is_empty(value: Node) -> bool:
    """True for a value that is not there at all, as after a key without a colon."""
    return value.value == "" and not getattr(value, "style", None) and value.start_mark.index == value.end_mark.index


def _missing_space(document: Document, path: Path, key: Node, name: str, rest: str) -> Problem:
    return _at(
        document,
        path,
        key,
        "missing_space",
        f"{key.value!r} is read as one key: a space is missing after the colon",
        _span(key, key, f"{name}: {rest}"),
        str(key.value),
    )


def _cut_by_comma(document: Document, path: Path, node: MappingNode, number: int) -> Problem:
    _, value = node.value[number - 1]
    text = str(value.value)
    end = number
    while end < len(node.value) and _is_empty(node.value[end][1]):
        text += f", {node.value[end][0].value}"
        end += 1
    first = node.value[number][0]
    return _at(
        document,
        path,
        first,
        "unquoted_comma",
        f"the comma ends the text {str(value.value)!r}, and {str(first.value)!r} is read as a key of its own",
        _span(value, node.value[end - 1][1], quoted(text)),
        text,
    )


def scalar_problems(node: Node, document: Document, path: Path) -> list[Problem]:
    """A text that ends at a `#` which was most likely meant to be part of it."""
    if path[:1] == ("secrets",):
        return []
    after = _after(node, document, path)
    takes_text = bool(path) and path[-1] in _TEXT_KEYS
    remark = _REMARK if node.value == "" else _GLUED_REMARK if takes_text else _NUMBER_REMARK
    if not remark.match(after) or not (takes_text or node.value):
        return []
    whole = f"{node.value}{after}".strip()
    return [
        document.problem(
            path,
            "unquoted_hash",
            f"{after.strip()!r} is read as a comment, so the text is {str(node.value)!r}",
            edit=_quoting(node, document, path, whole),
            value=whole,
            severity=Severity.ERROR if node.value == "" else Severity.WARNING,
        )
    ]


def _quoting(node: Node, document: Document, path: Path, whole: str) -> Edit:
    """The edit that puts the value and all behind it on its line between quotes."""
    line, column = (node.start_mark.line + 1, node.start_mark.column + 1)
    text = line_at(document.lines, line - 1)
    if node.value == "" and path in document.keys:
        line, column = document.keys[path]
        text = line_at(document.lines, line - 1)
        column += text[column - 1 :].index(":") + 1
        return Edit(line=line, column=column, end_line=line, end_column=len(text) + 1, text=f' "{whole}"')
    return Edit(line=line, column=column, end_line=line, end_column=len(text) + 1, text=f'"{whole}"')


def _after(node: Node, document: Document, path: Path) -> str:
    """The rest of the line behind a scalar; behind its key's colon where the scalar is empty."""
    if node.value == "" and path in document.keys:
        line, column = document.keys[path]
        return line_at(document.lines, line - 1)[column - 1 :].partition(":")[2]
    return line_at(document.lines, node.end_mark.line)[node.end_mark.column :]


def _span(first: Node, last: Node, text: str) -> Edit:
    """The edit that puts `text` in the place of what stands from one node to another."""
    start, end = first.start_mark, last.end_mark
    return Edit(
        line=start.line + 1, column=start.column + 1, end_line=end.line + 1, end_column=end.column + 1, text=text
    )


def _at(document: Document, path: Path, node: Node, code: str, message: str, edit: Edit, value: str) -> Problem:
    found = document.problem(path, code, message, edit=edit, value=value)
    return Problem(
        code=code,
        message=message,
        fix=found.fix,
        edit=edit,
        path=found.path,
        value=value,
        file=document.file,
        line=node.start_mark.line + 1,
        column=node.start_mark.column + 1,
    )
