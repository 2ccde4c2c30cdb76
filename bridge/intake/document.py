"""YAML text as plain data, checked against a JSON schema, with the place of every problem."""

from __future__ import annotations

import difflib
import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from jsonschema import Draft202012Validator
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from bridge.model import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jsonschema.exceptions import ValidationError

SCHEMA: Final = Path(__file__).with_name("preset.schema.json")


def read_document(text: str, file: str) -> tuple[dict[str, Any], list[Problem]]:
    """Read a preset's YAML (1.2, no duplicate keys) and check it by the schema; return the data and all problems."""
    try:
        tree = YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        message = f"the YAML cannot be read: {error.problem or 'it is malformed'}"
        return {}, [Problem(code="yaml", message=message, file=file, line=line, column=column)]
    except YAMLError as error:
        return {}, [Problem(code="yaml", message=f"the YAML cannot be read: {str(error).splitlines()[0]}", file=file)]
    document = _plain(tree)
    errors = sorted(_validator().iter_errors(document), key=lambda error: [str(step) for step in error.absolute_path])
    problems = [_from_schema(error) for error in errors]
    return document if isinstance(document, dict) else {}, placed(problems, tree, file)


def placed(problems: Sequence[Problem], tree: Any, file: str) -> list[Problem]:
    """The problems with the file, and with the line and column that their paths have in the YAML tree."""
    found = []
    for problem in problems:
        line, column = _position(tree, problem.path)
        found.append(replace(problem, file=file, line=line, column=column))
    return found


def place(problems: Sequence[Problem], text: str, file: str) -> list[Problem]:
    """As `placed`, from the text that was read before."""
    return placed(problems, YAML(typ="rt").load(text), file) if problems else []


def _plain(node: Any) -> Any:
    """A YAML tree as plain Python values; texts lose the quoting that the reader keeps with them."""
    if isinstance(node, dict):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if isinstance(node, str):
        return str(node)
    if isinstance(node, bool) or node is None:
        return node
    if isinstance(node, int):
        return int(node)
    return float(node) if isinstance(node, float) else str(node)


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def _from_schema(error: ValidationError) -> Problem:
    path = ".".join(str(step) for step in error.absolute_path)
    value = str(error.instance)[:80] if not isinstance(error.instance, dict | list) else ""
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        known = list(error.schema.get("properties", ())) if isinstance(error.schema, dict) else []
        unknown = sorted(set(error.instance) - set(known))
        close = difflib.get_close_matches(unknown[0], known, n=1) if unknown else []
        cure = f"did you mean {close[0]!r}?" if close else f"known here: {', '.join(known)}"
        message = f"unknown key {', '.join(repr(name) for name in unknown)}"
        return Problem(code="unknown_key", message=message, cure=cure, path=f"{path}.{unknown[0]}".strip("."))
    return Problem(code="schema", message=error.message[:200], path=path, value=value)


def _position(tree: Any, path: str) -> tuple[int, int]:
    """Line and column of the deepest part of a dotted path that the tree has; 0, 0 for none."""
    line, column = 0, 0
    for step in re.findall(r"[^.\[\]]+", path):
        if isinstance(tree, CommentedMap) and step in tree:
            line, column = tree.lc.key(step)
            tree = tree[step]
        elif isinstance(tree, CommentedSeq) and step.isdigit() and int(step) < len(tree):
            line, column = tree.lc.item(int(step))
            tree = tree[int(step)]
        else:
            break
        line, column = line + 1, column + 1
    return line, column
