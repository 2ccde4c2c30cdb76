"""The example mappings: made to be copied, each with examples of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from bridge.authoring.editor import SCHEMA_COPY
from bridge.hooks import folder as hooks

_INSTALLED: Final = Path(__file__).parents[1] / "examples"
EXAMPLES: Final = _INSTALLED if _INSTALLED.is_dir() else _INSTALLED.parents[1] / "examples"
"""Their folder: inside an installed package, at the top of a checkout."""

_SCHEMA_LINE: Final = "# yaml-language-server: $schema="


def example_names() -> tuple[str, ...]:
    """The names of the example mappings."""
    return tuple(hooks.mapping_files(EXAMPLES))


def copy_example(name: str, target: Path) -> tuple[Path, ...]:
    """Copy an example mapping to the file `target`, and its examples next to it; give the files written."""
    text = (EXAMPLES / f"{name}.yaml").read_text(encoding="utf-8")
    first, _, rest = text.partition("\n")
    target.write_text(f"{_SCHEMA_LINE}{SCHEMA_COPY}\n{rest}" if first.startswith(_SCHEMA_LINE) else text, "utf-8")
    examples = target.with_name(target.stem + hooks.EXAMPLES_SUFFIX)
    examples.write_bytes((EXAMPLES / f"{name}{hooks.EXAMPLES_SUFFIX}").read_bytes())
    return target, examples
