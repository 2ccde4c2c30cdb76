"""Conditions that can never hold together: an action that never happens, a `when` that ignores every event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from bridge.expressions import as_text, comparable
from bridge.mapping.values.sources import NAMES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from bridge.documents import Path
    from bridge.mapping.build import Build
    from bridge.model import Kind

_TESTS: Final = ("is", "in", "is_not", "present", "agreed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What one condition asks of one source: a value among `allowed`, or (None) any value but those in `barred`."""

    source: str
    shown: str
    allowed: frozenset[str] | None = None
    barred: frozenset[str] = frozenset()


def check_reach(data: Mapping[str, Any], accept: Collection[Kind], build: Build) -> None:
    """Note each action whose conditions contradict those before it: `accept`, the `when` at the top, its own."""
    kinds = frozenset(str(kind) for kind in accept)
    known = [Demand(source="from kind", shown=f"`accept: [{', '.join(sorted(kinds))}]`", allowed=kinds)]
    known = _check(data.get("when"), known, "no event can ever pass `when`", build, ("when",))
    _check_actions(data.get("actions"), known, build, ("actions",))
    withdraw = data.get("withdraw")
    if isinstance(withdraw, dict):
        path = ("withdraw", "when")
        known = _check(withdraw.get("when"), [], "nobody can ever withdraw", build, path)
        _check_actions(withdraw.get("actions"), known, build, ("withdraw", "actions"))


def _check_actions(nodes: Any, known: list[Demand], build: Build, at: Path) -> None:
    for number, node in enumerate(nodes if isinstance(nodes, list) else ()):
        for api, action in node.items() if isinstance(node, dict) else ():
            if isinstance(action, dict) and not build.is_broken((*at, number)):
                path = (*at, number, api, "when")
                _check(action.get("when"), known, "the action can never happen", build, path)


def _check(node: Any, known: list[Demand], message: str, build: Build, path: Path) -> list[Demand]:
    """Note the first contradiction between what is known and this condition; give both together."""
    together = list(known)
    for demand in _demands(node) if not build.is_broken(path) else ():
        against = next((other for other in together if _clash(other, demand)), None)
        if against is not None:
            fix = f"{demand.shown} and {against.shown} exclude each other: change one of them"
            build.add(path, "unreachable", message, fix)
            break
        together.append(demand)
    return together


def _demands(node: Any) -> Iterator[Demand]:
    """Those conditions that all must hold; what stands under `any` is left alone."""
    if isinstance(node, list):
        for item in node:
            yield from _demands(item)
    if not isinstance(node, dict) or "any" in node:
        return
    name = next((name for name in NAMES if name in node), "")
    test = next((test for test in _TESTS if test in node), "")
    if not name or not test:
        return
    source, value = f"{name} {node[name]}".casefold(), node[test]
    shown = f"`{test}: {_written(value)}`"
    match test:
        case "is" if value is not None:
            yield Demand(source=source, shown=shown, allowed=frozenset({_folded(value)}))
        case "in":
            yield Demand(source=source, shown=shown, allowed=frozenset(map(_folded, value)))
        case "is_not" if value is not None:
            yield Demand(source=source, shown=shown, barred=frozenset({_folded(value)}))
        case "present" if value is False:
            yield Demand(source=source, shown=shown, allowed=frozenset({""}))


def _clash(one: Demand, other: Demand) -> bool:
    if one.source != other.source:
        return False
    if one.allowed is not None and other.allowed is not None:
        return one.allowed.isdisjoint(other.allowed)
    closed, barred = (one.allowed, other.barred) if one.allowed is not None else (other.allowed, one.barred)
    return closed is not None and closed <= barred


def _written(value: Any) -> str:
    return f"[{', '.join(map(as_text, value))}]" if isinstance(value, list) else as_text(value)


def _folded(value: Any) -> str:
    return comparable(as_text(value))
