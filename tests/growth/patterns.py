"""Every regular expression of the product, and how each is used: found in the code, so that a new one is among them."""

from __future__ import annotations

import ast
import math
import pkgutil
import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import bridge
from tests.growth.steps import MOST, Counted, attacks

if TYPE_CHECKING:
    from collections.abc import Iterator

USES = {"match": "match", "fullmatch": "fullmatch"} | dict.fromkeys(
    ("search", "sub", "subn", "split", "findall", "finditer"), "finditer"
)


@dataclass(frozen=True, kw_only=True)
class Used:
    """A regular expression by its name and what is done with it: `match`, `fullmatch` or `finditer`."""

    name: str
    pattern: re.Pattern[Any]
    use: str


@cache
def patterns() -> tuple[Used, ...]:
    """All of them: those that a module of bridge/ holds, and those that stand where they are used."""
    return tuple(
        sorted(
            {(one.name, one.use): one for one in (*_held(), *_inline())}.values(), key=lambda one: (one.name, one.use)
        )
    )


def _held() -> Iterator[Used]:
    for module in _modules():
        for attribute, value in vars(import_module(module)).items():
            for number, pattern in enumerate(_inside(value)):
                name = f"{module}.{attribute}" + (f"[{number}]" if not isinstance(value, re.Pattern) else "")
                for use in _uses_of(module, attribute, value):
                    yield Used(name=name, pattern=pattern, use=use)


def _inside(value: Any) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        yield from _inside(tuple(value.values()))
    elif isinstance(value, tuple | list):
        for inner in value:
            yield from _inside(inner)


def _uses_of(module: str, attribute: str, value: Any) -> set[str]:
    """How a module uses what it calls so; what it never uses by that name is taken for a search, the dearest use."""
    uses = _uses(module)
    passed_on = {use for name, found in uses.items() if name.islower() for use in found}
    if not isinstance(value, re.Pattern):
        return passed_on or {"match"}
    return uses.get(attribute) or passed_on or {"finditer"}


@cache
def _uses(module: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for node in _nodes(module):
        if isinstance(node, ast.Attribute) and node.attr in USES and isinstance(node.value, ast.Name):
            found[node.value.id].add(USES[node.attr])
    return found


def _inline() -> Iterator[Used]:
    for module in _modules():
        for called, call in _calls(module):
            if called in USES and isinstance(call.args[0], ast.Constant):
                flags = re.IGNORECASE if "IGNORECASE" in ast.unparse(call) else re.NOFLAG
                text = call.args[0].value
                yield Used(name=f"{module}: {text!r}", pattern=re.compile(text, flags), use=USES[called])


def made_while_running() -> set[str]:
    """Where a regular expression is made of something else than a constant, so that nobody can try it beforehand."""
    return {
        f"{module}: {ast.unparse(call)[:80]}"
        for module in _modules()
        for called, call in _calls(module)
        if (called in USES and not isinstance(call.args[0], ast.Constant)) or (called == "compile" and call.col_offset)
    }


@cache
def _calls(module: str) -> tuple[tuple[str, ast.Call], ...]:
    """The functions of `re` that are called in a module, by name, outside of what it does when it is loaded."""
    source = _source(module)
    tops = ast.parse(source).body if "re." in source else []
    return tuple(
        (node.func.attr, node)
        for top in tops
        if isinstance(top, ast.FunctionDef | ast.ClassDef)
        for node in ast.walk(top)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "re"
        and node.args
    )


@cache
def _modules() -> tuple[str, ...]:
    found = (one.name for one in pkgutil.walk_packages(bridge.__path__, "bridge."))
    return tuple(name for name in found if not name.endswith("__main__"))


@cache
def _source(module: str) -> str:
    return Path(str(import_module(module).__file__)).read_text("utf-8")


@cache
def _nodes(module: str) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(ast.parse(_source(module))))


def growth(one: Used) -> tuple[float, str]:
    """How many times more steps a character takes in a long text than in a short one, at worst; and that text.

    1 is linear; of texts 4 times as long, 4 is quadratic.
    """
    counted = Counted(one.pattern)
    worst, by = 0.0, ""
    for before, pump, after in attacks(counted):
        texts = [before + pump * (size // len(pump) + 1) + after for size in SIZES]
        few, many = (counted.steps(text, one.use) for text in texts)
        found = math.inf if many >= MOST else many / len(texts[1]) / max(1.0, few / len(texts[0]))
        if found > worst:
            worst, by = found, texts[0]
        if worst > MOST_GROWTH:
            break
    return worst, by


SIZES: Final = (24, 96)
MOST_GROWTH: Final = 1.9
