"""What is most likely meant by a value of another type than a schema wants, in any file, as the change that says so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from bridge.documents.suggestions import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.documents.document import Document, Path
    from bridge.model import Edit

_YES: Final = frozenset({"yes", "on", "y", "1", "true", "ja", "oui", "si", "sí", "x"})
_NO: Final = frozenset({"no", "off", "n", "0", "false", "nein", "non", "nope", "never", "draft"})
_NAMES: Final = frozenset({"name", "value", "text", "title", "label", "id", "type"})
"""Keys under which other tools put what is a plain text here."""

_BULLET: Final = re.compile(r"^(?:[-–—•*·]|\d+[.)]) *(?=[a-z])")
"""What people put before the entries of a list, but for `- `."""


def usual_rewrite(document: Document, path: Path, wanted: str, value: Any) -> Edit | None:
    """What is most likely meant by a value of another type, in any file."""
    if wanted.startswith(("true or false", "`true`")) and isinstance(value, str | int):
        word = str(value).casefold()
        return document.at_value(path, "true" if word in _YES else "false") if word in _YES | _NO else None
    if wanted.startswith("a text") and isinstance(value, list) and len(value) == 1 and isinstance(value[0], str | int):
        return document.at_value(path, quoted(str(value[0])))
    if wanted.startswith("a text") and isinstance(value, dict) and len(value) == 1 and not _NAMES.isdisjoint(value):
        return document.at_value(path, quoted(str(next(iter(value.values())))))
    if wanted.startswith("a list") and isinstance(value, dict):
        return _each_line(document, path, "- ") if _is_block(document, path) else _in_brackets(document, path)
    if wanted.startswith("a list"):
        return _in_brackets(document, path)
    if wanted == "keys with values" and isinstance(value, list) and value and all(isinstance(o, dict) for o in value):
        return _each_line(document, path, "") if _is_block(document, path) else _only_item(document, path, value)
    return None


def _in_brackets(document: Document, path: Path) -> Edit | None:
    return document.at_value(path, f"[{document.source(path)}]")


def _only_item(document: Document, path: Path, value: Sequence[Any]) -> Edit | None:
    return document.at_value(path, document.source((*path, 0))) if len(value) == 1 else None


def _is_block(document: Document, path: Path) -> bool:
    return not document.source(path).startswith(("{", "["))


def _each_line(document: Document, path: Path, start: str) -> Edit | None:
    """A block whose entries all start with a dash, or all without one."""
    line, column = document.values[path]
    indent = " " * (column - 1)
    lines = document.source(path).splitlines()
    bare = [indent + lines[0], *lines[1:]]
    if start:
        marks = {document.keys[(*path, key)][0] for key in _value_at(document, path)}
        dashes = (start if line + number in marks else "  " for number in range(len(bare)))
        changed = [indent + dash + _BULLET.sub("", text[column - 1 :]) for dash, text in zip(dashes, bare, strict=True)]
    else:
        changed = [indent + text[column + 1 :] for text in bare]
    return document.at_value(path, "\n".join(changed)[column - 1 :])


def _value_at(document: Document, path: Path) -> Any:
    value = document.data
    for step in path:
        value = value[step]
    return value
