"""What the outbox says of the service: hooks without their files, and the alarms that a look at it raises."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bridge.hooks.folder import mapping_files
from bridge.model import AlarmSeverity
from bridge.operations.alarms import alarms
from bridge.operations.alarms.inputs import read_inputs
from bridge.operations.doctor.check import Check, Mark
from bridge.outbox import registry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bridge.config import Settings
    from bridge.outbox import Outbox

LOOKED_AT: Final = frozenset(
    {"deliverer_dead", "disk_low", "hook_closed", "hook_gone", "hook_stale", "token_failing", "token_revoked"}
)
"""Alarms about what the doctor looks at by itself."""

STOPPED: Final = frozenset({"hold", "lock"})
"""Alarms whose leads do not flow, whatever the severity is by now."""


def look_at_service(store: Outbox, settings: Settings) -> Iterator[Check]:
    """What keeps webhooks or leads from their way. Raises OutboxError."""
    present = mapping_files(settings.mappings).keys()
    found = [
        Check(name=f"hook {one.hook}", mark=Mark.FAIL, detail=one.problem, fix=one.fix)
        for one in registry.gone_hooks(store, present, folder=str(settings.mappings))
    ]
    for alarm in alarms(read_inputs(store, settings.accounts)):
        if alarm.name not in LOOKED_AT and alarm.severity is not AlarmSeverity.INFO:
            fails = alarm.severity is AlarmSeverity.CRITICAL or alarm.name in STOPPED
            mark = Mark.FAIL if fails else Mark.WARN
            found.append(Check(name=f"alarm {alarm.subject}", mark=mark, detail=alarm.message, fix=alarm.fix))
    yield from found or [Check(name="alarms", mark=Mark.OK, detail="none")]
