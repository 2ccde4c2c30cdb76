"""What comes in: requests, and the events that a preset reads from them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from bridge.model.value_object import value_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.model.problem import Problem


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
    """It should have become deliveries and could not: stored for a replay."""
    FETCHING = 4
    """It waits for answers that must be fetched from the sender."""


@value_object
class Request:
    """One HTTP delivery as it came. Header names are in lower case; of a repeated query name the first value counts."""

    hook: str
    method: str
    url: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    received_at: int


@value_object
class Contact:
    """The person of an event, as far as the sender names the parts. None where absent."""

    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    full_name: str | None = None
    phone: str | None = None
    company: str | None = None


class Answer(NamedTuple):
    """One answered question: the sender's stable key, the question's text if known, its type in the sender's words.

    `aliases` are the further names that the sender gives it, less stable than the key. A tuple, since an event brings
    dozens: a frozen dataclass takes four times as long to make.
    """

    key: str
    value: Any
    label: str = ""
    type: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question that was asked, answered or not; named as in an `Answer`."""

    key: str
    label: str = ""
    aliases: tuple[str, ...] = ()


WHOLE_REQUEST: Final = -1
"""The `item` of an event that stands for a whole request: its body could not be read, so its events are not known."""


@value_object
class Event:
    """One thing a sender reports, read by its preset into the names that mappings use.

    `id` is the sender's own, stable over its retries. `at` is the sender's time. `asked` is None where the sender
    does not tell which questions its form has. `ambiguous` holds, for each part of the contact that is left out because
    several answers differ, the names of their questions. `body` is the event's own part, `request` the whole parsed
    body; both are JSON values. `part` is one element of it where a mapping makes several leads of one event (`each`),
    else None. `notes` are warnings on how its
    body was read. `volatile` holds what differs between two deliveries of the same event and so takes no part in the
    idempotency digest. `captions` is the sender's summary with the texts of answered questions, where it sends these
    texts nowhere else; they are shown, and nothing is found by them. `shared` caches what is made of all but `part`,
    once for all leads of one event.
    """

    item: int
    kind: Kind
    id: str | None = None
    type: str | None = None
    at: int | None = None
    contact: Contact = field(default_factory=Contact)
    ambiguous: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    answers: tuple[Answer, ...] = ()
    questions: tuple[Question, ...] | None = None
    tracking: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    request: Any = None
    part: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    volatile: tuple[str, ...] = ()
    captions: str = ""
    notes: tuple[Problem, ...] = ()
    shared: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)
