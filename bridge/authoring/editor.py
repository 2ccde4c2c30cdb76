"""What editors read next to the mappings: the schema, with the names of the account's lists, journeys and fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bridge import mapping
from bridge.authoring.check import read_snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

SCHEMA_COPY: Final = ".mapping.schema.json"
"""The file that the first line of a mapping names: `# yaml-language-server: $schema=.mapping.schema.json`."""


def write_schema(folder: Path) -> None:
    """Write the schema into a folder of mappings.

    It offers the names of all accounts that `leadbridge pull` wrote there or one folder up. Raises LeadbridgeError.
    """
    pulled = [read_snapshot(path) for place in (folder, folder.parent) for path in sorted(place.glob("account*.json"))]
    names = mapping.AccountNames(
        lists=_distinct(one.name for account in pulled for one in account.lists),
        journeys=_distinct(one.name for account in pulled for one in account.journeys),
        fields=_distinct(name for account in pulled for name in account.fields),
    )
    (folder / SCHEMA_COPY).write_text(mapping.schema_text(names), encoding="utf-8")


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
