"""Withdrawal: which events are about people who want to leave, and what is done for them. No consent is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from bridge.mapping.actions.action import WITHDRAWING, compile_actions
from bridge.mapping.values.conditions import compile_condition
from bridge.model import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.documents import Path
    from bridge.mapping.actions.action import Action
    from bridge.mapping.build import Build
    from bridge.mapping.context import Condition, Place, Run

_REHEARSALS: Final = frozenset({Kind.TEST, Kind.PING})
"""Kinds of events that are about nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """The compiled rule: the events for which `when` holds, and the actions for the person of such an event."""

    place: Place
    when: Condition
    actions: tuple[Action, ...]

    def holds(self, run: Run) -> bool:
        """Whether somebody withdraws by this event. A sender's test is about nobody."""
        return run.event.kind not in _REHEARSALS and self.when(run)


def compile_withdrawal(node: Mapping[str, Any], build: Build, path: Path) -> Withdrawal:
    """Read `withdraw`: `when` and `actions`."""
    nodes = node.get("actions")
    at = (*path, "actions")
    actions = compile_actions(nodes if isinstance(nodes, list) else (), (), build, at, WITHDRAWING)
    for number, action in enumerate(actions):
        if action.doubt_is_answered:
            message = "a withdrawal is sent until Zoho has taken it, so there is nothing to decide in doubt"
            build.add((*at, number, action.api, "on_doubt"), "withdrawal_in_doubt", message, "remove `on_doubt`")
    when = compile_condition(node.get("when", []), build, (*path, "when"))
    return Withdrawal(place=build.place(path), when=when, actions=actions)
