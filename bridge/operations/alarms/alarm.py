"""Every alarm by its name, and the inputs that alarms are made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.outbox.acts import Job
    from bridge.outbox.engine import DiskSpace
    from bridge.outbox.fetching import FetchBacklog, FetchPause
    from bridge.outbox.inbox import Drift
    from bridge.outbox.operator import ApiStatus
    from bridge.outbox.registry import HookTrouble, StoredToken


@dataclass(frozen=True, slots=True, kw_only=True)
class HookHistory:
    """What a hook received by the hour since 1970: events by state, and how many requests were rejected."""

    hook: str
    hours: Mapping[int, Mapping[str, int]]
    rejected: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmInputs:
    """Everything that alarms are made of. `outcomes` are those of a lane's last calls, by outcome and result.

    `refused` counts the events that are refused now, by hook.
    `stuck_withdrawals` are those that are not through, by API and reason of the refusal: how many, and since when.
    `reconciliations` are the last two that the service ran by itself, newest first. `raised_at` is when the alarms of
    the last look were raised.
    """

    now: int
    apis: tuple[ApiStatus, ...] = ()
    dead: Mapping[tuple[str, str], int] = field(default_factory=dict)
    deliverer_seen_at: int | None = None
    tokens: Mapping[str, StoredToken] = field(default_factory=dict)
    hooks: tuple[HookHistory, ...] = ()
    drifts: tuple[Drift, ...] = ()
    mapping_set_id: int | None = None
    last_events: Mapping[str, int | None] = field(default_factory=dict)
    outcomes: Mapping[int, Mapping[tuple[str, str], int]] = field(default_factory=dict)
    troubles: tuple[HookTrouble, ...] = ()
    refused: Mapping[str, int] = field(default_factory=dict)
    fetch_pauses: tuple[FetchPause, ...] = ()
    fetch_backlogs: tuple[FetchBacklog, ...] = ()
    disk: DiskSpace | None = None
    stuck_withdrawals: Mapping[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    reconciliations: tuple[Job, ...] = ()
    raised_at: Mapping[tuple[str, str, str], int] = field(default_factory=dict)


ALARMS: Final[Mapping[str, str]] = {
    "outbox_unwritable": "Nothing can be stored, so webhooks are answered 503.",
    "disk_low": "The outbox's disk is nearly full: less than 1 GB, or a tenth of it; critical at a fifth of that.",
    "deliverer_dead": "No delivering process has been seen for 30 seconds: leads are stored, none is sent.",
    "token_revoked": "Zoho refuses the refresh token for good.",
    "token_failing": "No access token can be obtained for now, and the last one has expired.",
    "lock": "Zoho has locked an API, which the budget should have prevented.",
    "hold": "A lane is stopped because its configuration is wrong; after 15 minutes this is critical.",
    "outage": "An API itself fails; a warning from the eighth failure in a row on.",
    "dead_letters": "Deliveries, but for withdrawals, were given up and nobody has decided what to do.",
    "withdrawal_stuck": "Somebody left, and Zoho refused that or has not taken it for an hour.",
    "leads_missing": "Of the leads compared by the service itself, a larger share than allowed is not in its lists.",
    "reconcile_late": "The reconciliation that the service runs by itself has not ended for a day.",
    "late": "Live leads have waited for half an hour or longer, though nothing is held.",
    "hook_gone": "The mapping file of a hook is gone: its webhooks are answered 503; critical while it is in use.",
    "hook_closed": "A hook has a bad mapping or secret: its webhooks are answered 503; critical while it is in use.",
    "hook_stale": "A mapping file is bad, and its hook runs on the last good text.",
    "refused_events": "Events were refused and nobody has decided what to do.",
    "fetch_paused": "A sender of ids only refuses the token with which its answers are fetched.",
    "fetch_late": "Events have waited for half an hour or longer for answers to be fetched from their sender.",
    "silent_hook": "A hook that was regular has gone silent.",
    "drift": "A form lacks a question that its mapping names; critical while events of its hook are refused.",
    "ignored_rising": "A rising share of a hook's events is ignored.",
    "rejected_rising": "A rising share of a hook's requests is rejected.",
    "journey_ignores": "Zoho takes the leads of a lane, and its journey ignores nearly all of them.",
}
"""Every alarm and what it means."""
