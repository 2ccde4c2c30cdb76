"""A message agrees with its count, whatever that is."""

from __future__ import annotations

import re
from pathlib import Path

import bridge
from bridge.operations.wording import agreeing, counted

ALWAYS_SEVERAL = {
    "bridge/mapping/values/sources.py",  # several questions fit
    "bridge/replay/plan.py",  # a batch
    "bridge/cli/output/requests.py",  # what came again
    "bridge/intake/events/fields.py",  # a limit
    "bridge/demo/story.py",  # its own figures
    "bridge/mapping/each.py",  # a limit
    "bridge/intake/preset.py",  # a limit
    "bridge/enrichment/complete.py",  # tries without end
}
COUNTED = re.compile(
    r"\{[^{}]*(?:len|sum|count|total|missing|number|compared|tries|size|lately)[^{}]*\} "
    r"(?:leads|deliveries|events|people|requests|lanes|hooks|times|tries|are|were)\b"
)


def test_counts_in_messages_are_counted_by_the_one_function() -> None:
    root = Path(bridge.__file__).parent.parent
    found = {
        str(path.relative_to(root)): line.strip()
        for path in sorted(Path(bridge.__file__).parent.rglob("*.py"))
        for line in path.read_text().splitlines()
        if COUNTED.search(line) and "counted(" not in line
    }
    assert {name: line for name, line in found.items() if name not in ALWAYS_SEVERAL} == {}


def test_one_and_many() -> None:
    assert [f"{counted(n, 'delivery')} {agreeing(n, 'is', 'are')}" for n in (0, 1, 2)] == [
        "0 deliveries are",
        "1 delivery is",
        "2 deliveries are",
    ]
