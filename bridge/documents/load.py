"""YAML text -> plain data that knows the place of each of its parts.

The core schema of YAML 1.2 (https://yaml.org/spec/1.2.2/#103-core-schema): `yes` and `no` are texts, only true and
false are booleans. Keys are always texts, duplicate keys are problems, and every scalar keeps the text it was written
with, so that 007 stays 007.
"""

from __future__ import annotations

import re
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

from yaml import CSafeLoader, MarkedYAMLError, YAMLError
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from bridge.documents import syntax, yaml_mistakes
from bridge.documents.document import Document, path_text
from bridge.model import Edit, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.documents.document import Path

MAX_BYTES: Final = 512 * 1024
MAX_DIGITS: Final = 18
"""A longer number is an id or an accident: it stays a text, which every other part can hold and print."""

MAX_NESTING: Final = 64
"""Levels, as many as a request may have: an example may hold one."""

MAX_NODES: Final = 20_000
"""Bounds against aliases that multiply: these files are written by a person."""

_CORE: Final = {
    "null": r"(?:~|null|Null|NULL|)",
    "bool": r"(?:true|True|TRUE|false|False|FALSE)",
    "int": r"(?:[-+]?[0-9][0-9_]*|0o[0-7]+|0x[0-9a-fA-F]+)",
    "float": r"(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))",
}
RESOLVERS: Final = {
    None: [(f"tag:yaml.org,2002:{tag}", re.compile(rf"{form}\Z")) for tag, form in _CORE.items()],
}
"""What a plain scalar is, by its text; PyYAML asks the entries under None for every first character."""


class _Loader(CSafeLoader):
    """libyaml: it reads a file some forty times as fast as Python does, and it takes `?` inside braces as text."""

    yaml_implicit_resolvers = RESOLVERS


def load(text: str, *, file: str) -> Document:
    """Read YAML text. All that is wrong with it as YAML is in `found`; after a syntax error `data` is None."""
    text = text.removeprefix("\ufeff")
    document = Document(file=file, lines=tuple(text.splitlines()))
    if len(text) > MAX_BYTES:
        document.found.append(document.problem((), "too_large", f"the file is larger than {MAX_BYTES} bytes"))
        return document
    try:
        root = _Loader(text).get_single_node()
    except MarkedYAMLError as error:
        document.found.append(syntax.syntax_problem(error, document, _syntax_error))
        return document
    except (YAMLError, RecursionError, ValueError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error).splitlines()[0]
        document.found.append(document.problem((), "yaml", f"this is not readable YAML: {reason}"))
        return document
    return _filled(document, root)


def _syntax_error(text: str) -> MarkedYAMLError | None:
    """Where this text stops being YAML; None where all of it is."""
    try:
        _Loader(text).get_single_node()
    except MarkedYAMLError as error:
        return error
    except (YAMLError, RecursionError, ValueError):
        return MarkedYAMLError(problem="it cannot be read")
    return None


def _filled(document: Document, root: Node | None) -> Document:
    reader = _Reader(document)
    data = None if root is None else reader.read(root, (), ())
    if reader.count > MAX_NODES:
        document.found.append(document.problem((), "too_large", f"the file has more than {MAX_NODES} parts"))
        data = None
    return Document(
        file=document.file,
        lines=document.lines,
        data=data,
        values=document.values,
        keys=document.keys,
        ends=document.ends,
        texts=document.texts,
        found=document.found,
    )


class _Reader:
    """Holds the count of parts while a tree is read."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.count = 0

    def read(self, node: Node, path: Path, above: Sequence[int]) -> Any:
        self.count += 1
        self.document.values.setdefault(path, _mark(node))
        if self.count > MAX_NODES:
            return None
        if id(node) in above:
            self.document.found.append(
                self.document.problem(path, "alias", "this alias holds itself", fix="write the part out")
            )
            return None
        if len(above) > MAX_NESTING:
            if len(above) == MAX_NESTING + 1:
                self._too_deep(path)
            return None
        if isinstance(node, MappingNode):
            value: Any = self._mapping(node, path, (*above, id(node)))
            below = [(*path, key) for key in value]
        elif isinstance(node, SequenceNode):
            value = [self.read(item, (*path, number), (*above, id(node))) for number, item in enumerate(node.value)]
            below = [(*path, number) for number in range(len(value))]
        else:
            value, below = self._scalar(node, path), []
        # libyaml ends a block only where the next token starts
        is_block = below and not getattr(node, "flow_style", False)
        end = (node.end_mark.line + 1, node.end_mark.column + 1)
        self.document.ends.setdefault(path, max(self.document.ends.get(one, end) for one in below) if is_block else end)
        return value

    def _too_deep(self, path: Path) -> None:
        message = f"it is nested deeper than {MAX_NESTING} levels"
        self.document.found.append(self.document.problem(path, "too_deep", message, fix="write it flatter"))

    def _mapping(self, node: MappingNode, path: Path, above: Sequence[int]) -> dict[str, Any]:
        self.document.found.extend(yaml_mistakes.flow_problems(node, self.document, path))
        result: dict[str, Any] = {}
        for number, (key_node, value_node) in enumerate(node.value):
            key = key_node.value if isinstance(key_node, ScalarNode) else "?"
            below = (*path, key)
            if key in result:
                self.count += 1
                if self.count <= MAX_NODES:
                    self._duplicate(key, node, number, below)
                continue
            self.document.keys[below] = _mark(key_node)
            result[key] = self.read(value_node, below, above)
        return result

    def _duplicate(self, key: str, parent: MappingNode, number: int, path: Path) -> None:
        node, value = parent.value[number]
        line, column = _mark(node)
        end = (value.end_mark.line + 1, value.end_mark.column + 1)
        before = parent.value[number - 1][1].end_mark
        edit = Edit(line=before.line + 1, column=before.column + 1, end_line=end[0], end_column=end[1], text="")
        first = self.document.keys[path][0]
        self.document.found.append(
            Problem(
                code="duplicate_key",
                message=f"the key {key!r} is written twice; the first is on line {first}",
                fix="remove one of the two",
                edit=edit if value.end_mark.column or parent.flow_style else None,
                path=path_text(path),
                value=key,
                file=self.document.file,
                line=line,
                column=column,
            )
        )

    def _scalar(self, node: Node, path: Path) -> Any:
        text = str(node.value)
        self.document.texts[path] = text
        self.document.found.extend(yaml_mistakes.scalar_problems(node, self.document, path))
        tag = str(node.tag).rpartition(":")[2]
        if tag not in ("str", "null", "bool", "int", "float", "timestamp"):
            self.document.found.append(
                self.document.problem(
                    path, "yaml_tag", f"the tag {node.tag!s} is not known here", fix="remove the `!...`"
                )
            )
        return _plain(tag, text)


def _plain(tag: str, text: str) -> Any:
    """The JSON value of a plain scalar in YAML's core schema; anything else is its text."""
    try:
        match tag:
            case "null":
                return None
            case "bool":
                return text.lower() == "true"
            case "int" if len(text) <= MAX_DIGITS:
                return int(text.replace("_", ""), 0 if text.lstrip("+-")[:2].lower() in ("0x", "0o") else 10)
            case "float" if isfinite(number := float(text.replace("_", ""))):
                return number
    except ValueError:
        return text
    return text


def _mark(node: Node) -> tuple[int, int]:
    return (node.start_mark.line + 1, node.start_mark.column + 1)
