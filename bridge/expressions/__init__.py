"""The one engine of paths, conditions and comparisons, used by presets and mappings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.expressions.agreed import NO, YES, agreement, chosen, declines, outline
from bridge.expressions.captions import captions
from bridge.expressions.conditions import TESTS, all_of, any_of, compile_test, has_agreed
from bridge.expressions.paths import compile_path, compile_steps, plain_steps, star_pattern, walk
from bridge.expressions.texts import LONGEST, comparable, normal_label, without_entities
from bridge.expressions.values import MISSING, as_text, is_blank

if TYPE_CHECKING:
    from bridge.expressions.conditions import Condition as Condition
    from bridge.expressions.paths import Scope as Scope
    from bridge.expressions.paths import Source as Source

__all__ = [
    "LONGEST",
    "MISSING",
    "NO",
    "TESTS",
    "YES",
    "agreement",
    "all_of",
    "any_of",
    "as_text",
    "captions",
    "chosen",
    "comparable",
    "compile_path",
    "compile_steps",
    "compile_test",
    "declines",
    "has_agreed",
    "is_blank",
    "normal_label",
    "outline",
    "plain_steps",
    "star_pattern",
    "walk",
    "without_entities",
]  # fmt: skip
