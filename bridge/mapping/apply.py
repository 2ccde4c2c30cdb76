"""An event through its hook's mapping: what becomes of it, and the deliveries. Total: it raises for no event."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bridge.address import normalised, problem
from bridge.mapping import each, validate
from bridge.mapping.actions.consent import decide
from bridge.mapping.context import Run
from bridge.mapping.deliveries import perform, stated_address, withdraw
from bridge.mapping.mapped import Mapped
from bridge.model import EventState, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.mapping.actions.withdrawal import Withdrawal
    from bridge.mapping.hook_mapping import HookMapping
    from bridge.model import Event, NewDelivery


def apply(mapping: HookMapping, event: Event) -> Mapped:
    """Map one event. A draft (`live: false`) shows its actions and has no deliveries."""
    run = Run(event)
    id_value = mapping.id_value(run)
    run.problems.clear()  # an id that cannot be determined falls back on the digest; it refuses nothing
    if mapping.withdrawal is not None and mapping.withdrawal.holds(run):
        return _withdrawn(mapping, mapping.withdrawal, run, id_value)
    if event.kind not in mapping.accept:
        reason = "reference" if event.kind is Kind.REFERENCE else "kind_not_accepted"
        return _stopped(mapping, run, reason, id_value)
    if mapping.each is not None and event.part is None:
        each.check_size(mapping.each(run), mapping.place, run)
        return _stopped(mapping, run, "no_items", id_value)
    if mapping.schema is not None:
        validate.check_body(mapping.schema, mapping.place, run)
    consent = None if mapping.consent is None else decide(mapping.consent, run)
    if run.problems:
        return _stopped(mapping, run, "", id_value)
    if consent is None and mapping.consent is not None:
        return _stopped(mapping, run, "no_consent", id_value)
    if mapping.when is not None and not mapping.when(run):
        return _stopped(mapping, run, "when", id_value)
    planned = perform(mapping, run)
    if run.problems:
        return replace(_stopped(mapping, run, "", id_value), consent=consent)
    return _outcome(mapping, run, planned, consent, id_value)


def _withdrawn(mapping: HookMapping, withdrawal: Withdrawal, run: Run, id_value: str | None) -> Mapped:
    """A withdrawal needs no consent and nothing but whom it is about."""
    planned = withdraw(mapping, withdrawal, run, _known_lead(mapping, run))
    if run.problems:
        return _stopped(mapping, run, "", id_value)
    return _outcome(mapping, run, planned, None, id_value)


def _stopped(mapping: HookMapping, run: Run, reason: str, id_value: str | None) -> Mapped:
    """Ignored for `reason`, or refused for the problems noted."""
    problems, warnings = tuple(run.problems), tuple(run.warnings)
    return Mapped(
        state=EventState.REFUSED if problems else EventState.IGNORED,
        reason=problems[0].code if problems else reason,
        lead=_known_lead(mapping, run),
        problems=problems,
        warnings=warnings,
        id_value=id_value,
        missed=tuple(dict.fromkeys(run.missed)) if run.missed else (),
    )


def _known_lead(mapping: HookMapping, run: Run) -> str:
    """Whose event it is, for looking it up later; nothing when no usable address can be determined."""
    address = stated_address(mapping, run)
    return normalised(address) if address and problem(address) is None else ""


def _outcome(
    mapping: HookMapping,
    run: Run,
    planned: tuple[NewDelivery, ...],
    consent: Mapping[str, Any] | None,
    id_value: str | None,
) -> Mapped:
    reason = "" if planned and mapping.live else "not_live" if planned or _is_unfinished(mapping) else "no_action"
    return Mapped(
        state=EventState.IGNORED if reason else EventState.ACCEPTED,
        reason=reason,
        lead=planned[0].lead if planned else _known_lead(mapping, run),
        deliveries=() if reason else planned,
        planned=planned,
        warnings=tuple(run.warnings),
        consent=consent,
        id_value=id_value,
        missed=tuple(dict.fromkeys(run.missed)) if run.missed else (),
    )


def _is_unfinished(mapping: HookMapping) -> bool:
    """A draft that names no action yet: what comes meanwhile is held back, as by any draft."""
    return not mapping.live and not mapping.actions
