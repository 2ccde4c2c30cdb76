"""The shape of the code: small files, and folders that can be taken in at a glance."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

BRIDGE = Path(__file__).parents[2] / "bridge"
MODULES = tuple(BRIDGE.rglob("*.py"))
MOST_LINES, MOST_FILES, MOST_AT_THE_TOP = 300, 20, 8


def test_no_module_is_longer_than_three_hundred_lines() -> None:
    lengths = {str(path.relative_to(BRIDGE)): len(path.read_text().splitlines()) for path in MODULES}
    assert {name: length for name, length in lengths.items() if length > MOST_LINES} == {}


def test_no_folder_holds_more_than_twenty_modules() -> None:
    counts = Counter(str(path.parent.relative_to(BRIDGE)) for path in MODULES)
    assert {folder: count for folder, count in counts.items() if count > MOST_FILES} == {}


def test_few_modules_stand_outside_a_folder() -> None:
    loose = [path.name for path in BRIDGE.glob("*.py") if not path.name.startswith("__")]
    assert len(loose) <= MOST_AT_THE_TOP, loose


def test_no_exception_is_changed_once_it_was_raised() -> None:
    changed = [
        f"{path.relative_to(BRIDGE)}:{node.lineno}"
        for path in MODULES
        for handler in ast.walk(ast.parse(path.read_text()))
        if isinstance(handler, ast.ExceptHandler) and handler.name
        for node in ast.walk(handler)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
        if isinstance(node.value, ast.Name) and node.value.id == handler.name
    ]
    assert changed == []


def test_the_folder_for_mappings_starts_with_nothing_that_runs() -> None:
    assert [path.name for path in BRIDGE.with_name("mappings").iterdir() if path.suffix in (".yaml", ".yml")] == []
