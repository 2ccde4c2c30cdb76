"""A compiled mapping: all that one hook needs to turn its events into deliveries."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bridge.model import DEFAULT_ACCOUNT, Kind, Priority

if TYPE_CHECKING:
    from collections.abc import Mapping

    import jsonschema_rs

    from bridge.mapping.actions.action import Action
    from bridge.mapping.actions.consent import Consent
    from bridge.mapping.actions.withdrawal import Withdrawal
    from bridge.mapping.context import Condition, Place, Run, Source
    from bridge.mapping.values.fields import Field

DEFAULT_ACCEPT = frozenset({Kind.SUBMISSION, Kind.UPDATE})


@dataclass(frozen=True, slots=True, kw_only=True)
class PresetSummary:
    """What a mapping must know of a preset: its name, the secret roles its scheme needs, and whether it has a scheme.

    With `verified` False the mapping must write its own `verify:`. `fetches`: its events are ids only, and it
    knows how to ask for the rest. `handshake_roles` are those that only the sender's handshakes need.
    `kinds` are those that its events can have.
    """

    name: str
    roles: frozenset[str]
    verified: bool
    handshake_roles: frozenset[str] = frozenset()
    fetches: bool = False
    kinds: frozenset[Kind] = frozenset(Kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class HookMapping:
    """One hook's mapping, checked and compiled. It holds no secret, only the names of the variables that do.

    `verify` is the raw node as YAML data, or None. `secrets` maps a role to its variables' names, the newest first.
    `questions` are all questions it names, for telling drift; `headers` all headers (lower case),
    which must be stored with its events. `fetch_token` is the name of the variable with the token that fetches what an
    ids-only sender leaves out, or "". `order` says for each field which verbs run, in order.
    """

    name: str
    preset: str
    place: Place
    verify: Any = None
    secrets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    fetch_token: str = ""
    live: bool = True
    refuse_with_422: bool = False
    accept: frozenset[Kind] = DEFAULT_ACCEPT
    account: str = DEFAULT_ACCOUNT
    priority: Priority = Priority.LIVE
    each: Source | None = None
    id_source: Source | None = None
    id_names_item: bool = False
    schema: jsonschema_rs.Draft202012Validator | None = None
    consent: Consent | None = None
    withdrawal: Withdrawal | None = None
    when: Condition | None = None
    lead: tuple[Field, ...] = ()
    actions: tuple[Action, ...] = ()
    questions: tuple[str, ...] = ()
    headers: frozenset[str] = frozenset()
    queries: frozenset[str] = frozenset()
    order: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def all_actions(self) -> tuple[Action, ...]:
        """Its actions, and those for somebody who withdraws."""
        return self.actions if self.withdrawal is None else (*self.actions, *self.withdrawal.actions)

    def id_value(self, run: Run) -> str | None:
        """The event's id by the mapping's `id:`; None without one, or when a part of it is blank.

        An element of `each` whose `id:` does not name `item` has its position added: each is an event of its own.
        """
        value = self.id_source(run) if self.id_source is not None else ""
        if value and run.event.part is not None and not self.id_names_item:
            return f"{value}#{run.event.item}"
        return value or None
