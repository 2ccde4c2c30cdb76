"""What the outbox knows of its surroundings: hooks, accounts, targets, mapping sets, processes and alarms."""

from __future__ import annotations

from bridge.outbox.registry.accounts import (
    StoredToken,
    reject_token,
    retry_token,
    snapshot,
    start_refresh,
    store_snapshot,
    store_token,
    store_token_failure,
    token,
)
from bridge.outbox.registry.alarms import (
    ActiveAlarm,
    AlarmChannel,
    active_alarms,
    alarm_channel,
    alarm_channels,
    claim_alarm_channel,
    note_alarm_failure,
    note_alarm_message,
    note_alarms,
)
from bridge.outbox.registry.hooks import (
    HookTrouble,
    gone_hooks,
    hook_troubles,
    is_unregistered,
    known_hook,
    last_events_by_hook,
    note_hooks,
    register_hooks,
    unregister_hook,
)
from bridge.outbox.registry.leader import acquire_leader_lease, recent_outcomes
from bridge.outbox.registry.mapping_sets import (
    MappingSet,
    active_generation,
    active_mapping_set,
    mapping_sets,
    request_reload,
    store_mapping_set,
)
from bridge.outbox.registry.processes import Process, heartbeat, identity, processes, this_process
from bridge.outbox.registry.sessions import end_session, is_open_session, start_session
from bridge.outbox.registry.targets import ensure_api

__all__ = [
    "ActiveAlarm",
    "AlarmChannel",
    "HookTrouble",
    "MappingSet",
    "Process",
    "StoredToken",
    "acquire_leader_lease",
    "active_alarms",
    "active_generation",
    "active_mapping_set",
    "alarm_channel",
    "alarm_channels",
    "claim_alarm_channel",
    "end_session",
    "ensure_api",
    "gone_hooks",
    "heartbeat",
    "hook_troubles",
    "identity",
    "is_open_session",
    "is_unregistered",
    "known_hook",
    "last_events_by_hook",
    "mapping_sets",
    "note_alarm_failure",
    "note_alarm_message",
    "note_alarms",
    "note_hooks",
    "processes",
    "recent_outcomes",
    "register_hooks",
    "reject_token",
    "request_reload",
    "retry_token",
    "snapshot",
    "start_refresh",
    "start_session",
    "store_mapping_set",
    "store_snapshot",
    "store_token",
    "store_token_failure",
    "this_process",
    "token",
    "unregister_hook",
]
