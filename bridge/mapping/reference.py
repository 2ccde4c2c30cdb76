"""The tables of `mappings/README.md`, made from the tables of sources, verbs and tests.

`python -m bridge.mapping.reference` writes them again, each between two comments; a test keeps them fresh.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bridge.mapping.values.conditions import TEST_DOCS
from bridge.mapping.values.sources import SOURCES
from bridge.mapping.values.verbs import VERBS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

GUIDE: Final = Path(__file__).parents[2] / "mappings" / "README.md"


def verbs() -> str:
    """Every verb in the order in which they run, with an example that is also a test."""
    rows = [
        (f"`{verb.name}`", verb.doc + _failure(verb.failure), f"`{verb.example[0]}`", verb.example[1], verb.example[2])
        for verb in VERBS
    ]
    return _table(("verb", "does", "for example", "finds", "sends"), rows)


def sources() -> str:
    """Every way to say where a value comes from."""
    return _table(("source", "is"), [(f"`{source.name}:`", source.doc) for source in SOURCES])


def conditions() -> str:
    """Every test of a condition."""
    return _table(("test", "holds when"), [(f"`{name}:`", doc) for name, (_, doc) in TEST_DOCS.items()])


def _failure(text: str) -> str:
    return f" A value that does not fit: {text}." if text else ""


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines)


TABLES: Final[dict[str, Callable[[], str]]] = {"sources": sources, "verbs": verbs, "conditions": conditions}


def refreshed(text: str) -> str:
    """The guide with its tables as they must be."""
    for name, table in TABLES.items():
        text = re.sub(
            rf"(<!-- {name} -->\n).*?(<!-- end -->)",
            lambda match, table=table: f"{match[1]}{table()}\n{match[2]}",  # type: ignore[misc]
            text,
            flags=re.DOTALL,
        )
    return text


if __name__ == "__main__":
    GUIDE.write_text(refreshed(GUIDE.read_text(encoding="utf-8")), encoding="utf-8")
