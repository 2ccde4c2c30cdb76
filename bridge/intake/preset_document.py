"""A preset's YAML as plain data, checked against its JSON schema, with the place of every problem."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bridge.documents import Document, Schema, check, compile_schema, load
from bridge.documents.verify_schema import verify_schema
from bridge.model import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.model import Problem

SCHEMA: Final = Path(__file__).with_name("preset.schema.json")


def read_document(text: str, file: str) -> tuple[Document, list[Problem]]:
    """Read a preset's YAML and check it by the schema; return it, and every error with its place."""
    document = load(text, file=file)
    found = list(document.found)
    if not found or document.data is not None:
        found += check(document, _schema())[0]
    problems = [problem for problem in found if problem.severity is Severity.ERROR]
    return document, sorted(problems, key=lambda problem: (problem.line, problem.column))


def placed(problems: Sequence[Problem], document: Document) -> list[Problem]:
    """The problems with the file, and with the line and column that their dotted paths have in it."""
    found = []
    for problem in problems:
        place = document.problem(_path(problem.path, document.data), problem.code, problem.message)
        found.append(replace(problem, file=document.file, line=place.line, column=place.column))
    return found


@cache
def _schema() -> Schema:
    return compile_schema(json.loads(SCHEMA.read_text(encoding="utf-8")), "a preset")


def refreshed(text: str) -> str:
    """The text of the schema with its line of `verify` as it must be: it is the same shape as in mappings."""
    verify = json.dumps(verify_schema(texts=("none", "choose"), is_mapping=False), ensure_ascii=False)
    return re.sub(r'(?m)^    "verify": .*,$', lambda _: f'    "verify": {verify},', text)


def _path(text: str, data: Any) -> tuple[str | int, ...]:
    """The way that a dotted path takes through the data, as far as it leads."""
    path: list[str | int] = []
    for step in re.findall(r"[^.\[\]]+", text):
        position: str | int = int(step) if isinstance(data, list) and step.isdigit() else step
        try:
            data = data[position]
        except (KeyError, IndexError, TypeError):
            break
        path.append(position)
    return tuple(path)


if __name__ == "__main__":
    SCHEMA.write_text(refreshed(SCHEMA.read_text(encoding="utf-8")), encoding="utf-8")
