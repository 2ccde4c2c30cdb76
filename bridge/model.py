"""The nouns that every part of the bridge shares. They hold data and nothing else.

Times are integers, milliseconds since 1970-01-01 UTC, and their names end in `_at` or `_until`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_ACCOUNT = "default"


class Kind(StrEnum):
    """What a sender's event is about. Only the kinds a mapping accepts may become leads."""

    SUBMISSION = "submission"
    UPDATE = "update"
    PARTIAL = "partial"
    TEST = "test"
    PING = "ping"
    UNSUBSCRIBE = "unsubscribe"
    DELETION = "deletion"
    CANCELLATION = "cancellation"
    REFERENCE = "reference"
    """The event names a person by an id only; the answers must be fetched."""
    OTHER = "other"


class EventState(IntEnum):
    """What became of an event when it came in. Set once; only a refused event may be mapped again."""

    ACCEPTED = 1
    """It became deliveries."""
    IGNORED = 2
    """It is authentic but not for us: no consent, a kind not accepted, a condition, a draft."""
    REFUSED = 3
    """It should have become deliveries and could not: kept for a replay."""
    FETCHING = 4
    """It waits for answers that must be fetched from the sender."""


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
    """Given up, with a `DeadReason`. A person may revive it (`retry`)."""


class DeliveryClass(IntEnum):
    """Who goes first: a call is filled in this order."""

    LIVE = 0
    WAITING = 1
    """A lead that a journey ignored: it is tried again on a slow grid."""
    BULK = 2


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
    DOUBT = "doubt"
    """A call got no answer and the mapping says that a person decides."""


class OnDoubt(StrEnum):
    """What to do with a lead whose call got no answer."""

    RESEND = "resend"
    HOLD = "hold"


class Severity(StrEnum):
    """An error stops the file from running; a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One finding about a user's file, a setting or an event: what is wrong, where, and what to do.

    `code` is a stable word for programs (`unknown_key`). `value` is the offending value as text, empty where there
    is none or where it must not be shown. `line` and `column` count from 1; 0 means unknown.
    """

    code: str
    message: str
    cure: str = ""
    path: str = ""
    value: str = ""
    file: str = ""
    line: int = 0
    column: int = 0
    severity: Severity = Severity.ERROR

    def as_json(self) -> dict[str, Any]:
        """The problem as a JSON object; parts that are not known are left out."""
        parts = {name: getattr(self, name) for name in self.__slots__}
        return {name: value for name, value in parts.items() if value not in ("", 0)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP delivery as it came. Header names are in lower case; of a repeated query name the first value counts."""

    hook: str
    method: str
    url: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    received_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """The person of an event, as far as the sender names the parts. None where absent."""

    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    full_name: str | None = None
    phone: str | None = None
    company: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answered question: the sender's stable key, the question's text if known, its type in the sender's words."""

    key: str
    value: Any
    label: str = ""
    type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question that was asked, answered or not."""

    key: str
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing a sender reports, read by its preset into the names that mappings use.

    `id` is the sender's own, stable over its retries. `at` is the sender's time. `asked` is None where the sender
    does not tell which questions its form has. `body` is the event's own part, `request` the whole parsed body;
    both are JSON values. `volatile` holds what differs between two deliveries of the same event and so takes no
    part in the idempotency digest.
    """

    item: int
    kind: Kind
    id: str | None = None
    type: str | None = None
    at: int | None = None
    contact: Contact = field(default_factory=Contact)
    answers: tuple[Answer, ...] = ()
    asked: tuple[Question, ...] | None = None
    tracking: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    request: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    volatile: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a delivery goes. Deliveries with equal targets form a lane: they can share a call.

    A list or journey is given by name (resolved from the account's snapshot when a call is made) or by key.
    Empty strings mean "not given". `topics` is a comma-separated list of topic ids.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDelivery:
    """A delivery about to be stored with its event.

    `lead` is the normalised address (for matching); `body` is the JSON object this lead adds to a call: `leadinfo`
    for a subscribe, `{"lead_email": address}` for a trigger. `waits_for` is the `action_no` of the earlier action
    of the same event that must be delivered first.
    """

    action_no: int
    target: Target
    lead: str
    body: bytes
    waits_for: int | None = None
    on_doubt: OnDoubt = OnDoubt.RESEND
    delivery_class: DeliveryClass = DeliveryClass.LIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """An event about to be stored. `key` is its idempotency key, unique in its hook until `key_until` (None: for ever).

    `notes` is a JSON object with what a person may ask about later: problems, warnings, the consent and its wording.
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
    deliveries: tuple[NewDelivery, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What the outbox says of one event: its id and its state, now or when it first came."""

    event_id: int
    state: EventState
    reason: str
    duplicate: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedDelivery:
    """One delivery's part in a call."""

    id: int
    event_id: int
    lead: str
    body: bytes
    delivery_class: DeliveryClass
    on_doubt: OnDoubt
    attempts: int
    ignored_count: int
    cohort: int | None
    received_at: int
    first_try_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Deliveries claimed for one call, which the ledger already counts.

    After `send_by` the call must not be started any more; at `deadline` it must have ended; until `lease_until`
    nobody else claims its deliveries.
    """

    call_id: int
    lane_id: int
    target: Target
    deliveries: tuple[ClaimedDelivery, ...]
    started_at: int
    send_by: int
    deadline: int
    lease_until: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A call that the ledger still counts. `answered_at` is None while it is under way."""

    started_at: int
    answered_at: int | None
    lane_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A lane with open work, as pacing sees it.

    `due` counts the deliveries that may go now, by class, each count capped at two full calls. `oldest_at` is when
    the oldest of those due became available, `next_at` when the next one will be; both None where there is none.
    A held lane may make one call at `probe_at`.
    """

    lane_id: int
    target: Target
    due: Mapping[DeliveryClass, int]
    oldest_at: int | None
    next_at: int | None
    held_reason: str = ""
    held_since: int | None = None
    probe_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """What the outbox knows of one API of one account: its calls in the window, its lock, its breaker."""

    account: str
    api: str
    now: int
    slots: tuple[Slot, ...]
    locked_until: int | None = None
    breaker_until: int | None = None
    breaker_failures: int = 0
    probing: bool = False


class Verdict(StrEnum):
    """What an answer means for one lead."""

    DELIVERED = "delivered"
    IGNORED = "ignored"
    """Zoho did not take the lead into the journey, most likely because a confirmation is awaited: try later, slowly."""
    RETRY = "retry"
    REFUSED = "refused"
    """This lead will never be taken."""
    DOUBT = "doubt"
    """The call was sent and no answer came."""
    UNSENT = "unsent"
    """The lead had no part in what happened (nothing was sent, or the fault lies with the lane or the API)."""


class Effect(StrEnum):
    """What an answer means beyond its leads."""

    NONE = "none"
    LOCK = "lock"
    """The API is closed for its lock period."""
    HOLD = "hold"
    """The lane's configuration is wrong: stop the lane, keep the leads."""
    TOKEN = "token"  # noqa: S105 - a word, not a secret
    """The access token was refused: refresh it once and repeat."""
    OUTAGE = "outage"
    """The API itself fails: open its breaker."""
    SPLIT = "split"
    """One lead may have spoilt the call for all: try the halves apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one lead's part in a call. `result` is the word for people (`triggered`, `confirmation_sent`)."""

    verdict: Verdict
    result: str
    code: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """An answer as understood: its effect, and one outcome per lead in the order of the call's deliveries."""

    effect: Effect
    outcomes: tuple[Outcome, ...]
    http_status: int | None = None
    code: str = ""
    message: str = ""
    retry_after_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """The next state of one delivery after a call, and the attempt to remember.

    `available_at` counts for a pending delivery, `reason` for a dead one. `counts` says whether the call was an
    attempt of this lead: waiting for a budget, a lock, a hold or a breaker never is.
    """

    delivery_id: int
    state: DeliveryState
    outcome: Outcome
    counts: bool
    available_at: int | None = None
    delivery_class: DeliveryClass = DeliveryClass.LIVE
    reason: DeadReason | None = None
    cohort: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Aftermath:
    """What a finished call changes for its lane and its API. None and False leave things as they are.

    `hold_reason` stops the lane until `probe_at`; `release_lane` ends a hold. `locked_until` and `breaker_until`
    close the API; `close_breaker` opens it again for all.
    """

    hold_reason: str | None = None
    probe_at: int | None = None
    release_lane: bool = False
    locked_until: int | None = None
    breaker_until: int | None = None
    close_breaker: bool = False


def event_name(event_id: int) -> str:
    """The id of an event as people see it: `evt_12`."""
    return f"evt_{event_id}"


def delivery_name(delivery_id: int) -> str:
    """The id of a delivery as people see it: `dlv_12`."""
    return f"dlv_{delivery_id}"


def call_name(call_id: int) -> str:
    """The id of a call as people see it: `call_12`."""
    return f"call_{call_id}"
