"""What happens at Zoho: the ledger of calls, what an answer means, and what it moves."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bridge.model.delivery import Priority

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.model.delivery import DeadReason, DeliveryState, Target


class ParametersIn(StrEnum):
    """Where an account takes the parameters of an API's calls, as far as its answers have shown."""

    UNKNOWN = ""
    """No call was accepted yet: they go into the body."""
    UNSURE = "unsure"
    """A body was refused that is too large to be tried in the URL: calls are made small enough for that."""
    BODY = "body"
    URL = "url"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A call that the ledger still counts. `answered_at` is None while it is in flight.

    `is_bulk` says that it carried leads, none of them live.
    """

    started_at: int
    answered_at: int | None
    lane_id: int | None
    is_bulk: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A lane with open work, as pacing sees it.

    `due` counts the deliveries that may go now, by class, each count capped (at many full calls). `oldest_at` is when
    the oldest of those due became available, `next_at` when the next one will be; both None where there is none.
    A held lane may make one call at `probe_at`.
    """

    lane_id: int
    target: Target
    due: Mapping[Priority, int]
    oldest_at: int | None
    next_at: int | None
    held_reason: str = ""
    held_since: int | None = None
    probe_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """What the outbox knows of one API of one account: its calls in the window, its lock, its breaker.

    `learned_budget` is how many calls a lock in the past has taught us to make in a window, None without one.
    """

    account: str
    api: str
    now: int
    slots: tuple[Slot, ...]
    locked_until: int | None = None
    breaker_until: int | None = None
    breaker_failures: int = 0
    probing: bool = False
    learned_budget: int | None = None
    parameters_in: ParametersIn = ParametersIn.UNKNOWN


def allowed_calls(budget: int, learned_budget: int | None) -> int:
    """The calls that may be made in a window: our own budget, or what a lock has taught where that is less."""
    return min(budget, learned_budget or budget)


class OutcomeStatus(StrEnum):
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
    """The lead had no part in what happened (nothing was sent, or the error lies with the lane or the API)."""


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
    """One lead may have poisoned the call for all: try the halves apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one lead's part in a call. `result` is the word for people (`triggered`, `confirmation_sent`)."""

    status: OutcomeStatus
    result: str
    code: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An answer as understood: its effect, and one outcome per lead in the order of the call's deliveries."""

    effect: Effect
    outcomes: tuple[Outcome, ...]
    http_status: int | None = None
    code: str = ""
    message: str = ""
    retry_after_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """The next state of one delivery after a call, and the attempt to remember.

    `available_at` counts for a pending delivery, `reason` for a dead one. `counts` says whether the call was an
    attempt of this lead: waiting for a budget, a lock, a hold or a breaker never is. `outage`: the call failed as if
    the API were out, though it took others.
    """

    delivery_id: int
    state: DeliveryState
    outcome: Outcome
    counts: bool
    available_at: int | None = None
    priority: Priority = Priority.LIVE
    reason: DeadReason | None = None
    cohort: int | None = None
    outage: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SideEffect:
    """What a finished call changes for its lane and its API. None and False leave things as they are.

    `hold_reason` stops the lane until `probe_at`; `release_lane` ends a hold. `locked_until` and `breaker_until`
    close the API; `close_breaker` opens it again for all. `learned_budget` is how many calls in a window are left to us
    after a lock, `parameters_in` what the answer has shown of where parameters are taken.
    """

    hold_reason: str | None = None
    probe_at: int | None = None
    release_lane: bool = False
    locked_until: int | None = None
    breaker_until: int | None = None
    close_breaker: bool = False
    learned_budget: int | None = None
    parameters_in: ParametersIn = ParametersIn.UNKNOWN
