"""Data -> YAML text that the loader reads back as the same data."""

from __future__ import annotations

from io import StringIO
from typing import Any

from ruamel.yaml import YAML


def dump(value: Any) -> str:
    """YAML in block style, lists indented below their key. Texts that look like something else are quoted."""
    yaml = YAML(typ="rt", pure=True)
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = 110
    yaml.allow_unicode = True
    stream = StringIO()
    yaml.dump(value, stream)
    return stream.getvalue()
