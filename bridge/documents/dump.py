"""Data -> YAML text that the loader reads back as the same data."""

from __future__ import annotations

from typing import Any

import yaml

from bridge.documents.load import RESOLVERS


class _Dumper(yaml.SafeDumper):
    yaml_implicit_resolvers = RESOLVERS

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indent lists below their key."""
        del indentless
        super().increase_indent(flow, indentless=False)


def dump(value: Any) -> str:
    """YAML in block style, lists indented below their key. Texts that look like something else are quoted."""
    return yaml.dump(value, Dumper=_Dumper, indent=2, width=110, allow_unicode=True, sort_keys=False)
