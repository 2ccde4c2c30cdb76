"""What a schema finds in a file, in the words of its reader."""

from __future__ import annotations

from bridge.documents import load
from bridge.documents.schema_errors import check, compile_schema


def test_every_missing_key_is_named_once() -> None:
    schema = compile_schema({"type": "object", "required": ["name", "title", "docs"]}, "a preset")
    problems, _ = check(load("title: x\n", file="mine.yaml"), schema)
    assert [problem.message for problem in problems] == ["`name` is missing", "`docs` is missing"]
