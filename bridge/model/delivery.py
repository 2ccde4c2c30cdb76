"""What the outbox stores: events with the deliveries they became, and the deliveries claimed for a call."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Final

from bridge.model.durations import MINUTE_MS
from bridge.model.value_object import value_object

if TYPE_CHECKING:
    from bridge.model.event import EventState, Kind

DEFAULT_ACCOUNT = "default"


class DeliveryState(IntEnum):
    """Where a delivery stands. The deliverer moves it on; `DELIVERED` and `DEAD` are ends."""

    PENDING = 1
    """It may be claimed from `available_at` on."""
    CLAIMED = 2
    """A deliverer has it until `lease_until`; after that it is pending again."""
    BLOCKED = 3
    """An earlier action of the same event is not delivered yet."""
    DELIVERED = 4
    DEAD = 5
    """Given up, with a `DeadReason`. A person may retry it (`retry`)."""


class Priority(IntEnum):
    """Who goes first: a call is filled in this order."""

    LIVE = 0
    WAITING = 1
    """A lead that a journey ignored: it is tried again on a slow schedule."""
    BULK = 2


PATIENCE_MS: Final = 10 * MINUTE_MS
"""How long a tag that is to be changed first may keep somebody who leaves on a list: the time of some five tries."""


class Order(IntEnum):
    """What a delivery waits for among the earlier ones of its lead (`first_of_its_lead` in `queue/lead_order.sql`).

    Whatever it is, it waits while one of its lead is in a call. Only an active lead can have its tags changed
    (https://zoho.com/marketingautomation/help/developers/assign-lead-tags.html), so whoever leaves does so after that,
    unless it takes longer than `PATIENCE_MS`.
    """

    FREE = 0
    """It needs no order, and nothing waits for it."""
    WITHDRAWAL = 1
    """The person withdraws: it waits for earlier withdrawals alone, and for none of a held lane."""
    LIST = 2
    """It changes the person's fields or lists: it waits for all but tags, which may wait for a confirmation."""
    LEAVE = 3
    """It takes the person off a list, or off all, without being a withdrawal: it waits for tags, too."""
    TAG = 4
    """It changes the person's tags: it waits for all."""


class DeadReason(StrEnum):
    """Why a delivery was given up."""

    PERMANENT = "permanent"
    """Zoho refused this lead for good."""
    EXHAUSTED = "exhausted"
    """It failed for 72 hours."""
    CANCELLED = "cancelled"
    UNCONFIRMED = "unconfirmed"
    """The journey ignored the lead to the end of the grid: most likely the confirmation was never clicked."""
    PREREQUISITE = "prerequisite"
    """An earlier action of the same event was given up."""
    ADDRESS = "address"
    """Zoho would refuse its address, so it never went into a call."""
    WITHDRAWN = "withdrawn"
    """The person withdrew after the event of this delivery."""
    OVERTAKEN = "overtaken"
    """A newer state of the person was sent, or waits."""
    DOUBT = "doubt"
    """A call got no answer and the mapping says that a person decides."""


class OnDoubt(StrEnum):
    """What to do with a lead whose call got no answer."""

    RESEND = "resend"
    HOLD = "hold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a delivery goes. Deliveries with equal targets form a lane: they can share a call.

    A list or journey is given by name (resolved from the account's snapshot when a call is made) or by key.
    Empty strings mean "not given". `topics` is a comma-separated list of topic ids. `create_tag` is "yes" where
    the `tag` is created when the account lacks it.
    """

    account: str = DEFAULT_ACCOUNT
    api: str
    list_name: str = ""
    list_key: str = ""
    journey_name: str = ""
    journey_key: str = ""
    trigger_key: str = ""
    sources: str = ""
    topics: str = ""
    tag: str = ""
    create_tag: str = ""

    @property
    def name(self) -> str:
        """What people call it: the journey, the list or the tag, by its key where no name is known."""
        return self.journey_name or self.journey_key or self.list_name or self.list_key or self.tag


@value_object
class NewDelivery:
    """A delivery about to be stored with its event.

    `lead` is the normalised address (for matching); `body` is the JSON object this lead adds to a call: `leadinfo`
    for a subscribe, `{"lead_email": address}` for all others. `waits_for` is the `action_no` of the earlier action
    of the same event that must be delivered first. `withdraws`: the person leaves, and nothing goes before it.
    """

    action_no: int
    target: Target
    lead: str
    body: bytes
    waits_for: int | None = None
    on_doubt: OnDoubt = OnDoubt.RESEND
    priority: Priority = Priority.LIVE
    withdraws: bool = False


@value_object
class NewEvent:
    """An event about to be stored. `key` is its idempotency key, unique in its hook until `key_until` (None: for ever).

    `inputs` is the digest of all that the mapping reads, `outcome` that of what it made of it: by these a repeat is
    distinguished from a change. `sent_at` is the sender's time, None where it gives none. `notes` is a JSON object with
    what a person may ask about later: problems, warnings, the consent and its wording.
    """

    item: int
    kind: Kind
    state: EventState
    key: str
    key_until: int | None = None
    type: str = ""
    reason: str = ""
    lead: str = ""
    notes: bytes = b""
    sent_at: int | None = None
    inputs: bytes = b""
    outcome: bytes = b""
    deliveries: tuple[NewDelivery, ...] = ()


@value_object
class NewRequest:
    """A verified request about to be stored with all its events, in one transaction.

    `meta` is a JSON object of the allowed headers and the query without its secrets.
    """

    hook: str
    received_at: int
    body: bytes
    content_type: str
    meta: bytes
    mapping_set_id: int | None
    events: tuple[NewEvent, ...]


@value_object
class Receipt:
    """What the outbox says of one event: its id and its state, now or when it first came.

    `duplicate`: the same event came before, and nothing new was stored. `update`: an event of this key came before, and
    this is a change of it.
    """

    event_id: int
    state: EventState
    reason: str
    duplicate: bool = False
    update: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedDelivery:
    """One delivery's part in a call."""

    id: int
    event_id: int
    lead: str
    body: bytes
    priority: Priority
    on_doubt: OnDoubt
    attempts: int
    ignored_count: int
    cohort: int | None
    received_at: int
    first_try_at: int
    withdraws: bool = False
    outages: int = 0
    """How often a call with this lead failed although the API took others before and after."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Deliveries claimed for one call, which the ledger already counts.

    `suspect_code` is the code which, answered again, speaks against the lane and not against a lead: the one with
    which the other half of a poisoned call was refused, or the one for which the lane is held. After `send_by` the call
    must not be started any more; at `deadline` it must have ended; until `lease_until` nobody else claims its
    deliveries.
    """

    call_id: int
    lane_id: int
    target: Target
    deliveries: tuple[ClaimedDelivery, ...]
    started_at: int
    send_by: int
    deadline: int
    lease_until: int
    suspect_code: str = ""
