"""What the sandbox remembers: leads and their memberships, who entered which journey, every call."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """How a lead stands in one list."""

    ACTIVE = "active"
    UNCONFIRMED = "unconfirmed"
    """The confirmation mail was sent and not clicked."""
    UNSUBSCRIBED = "unsubscribed"
    BOUNCED = "bounced"


@dataclass(slots=True, kw_only=True)
class Membership:
    """A lead in a list. `since` is when it got its status, in milliseconds; `is_asked`: a mail waits for its click."""

    status: Status
    since: int
    is_asked: bool = False


@dataclass(slots=True, kw_only=True)
class Lead:
    """A person. The fields belong to the account, not to a list; `memberships` is by list key."""

    address: str
    fields: dict[str, Any] = field(default_factory=dict)
    memberships: dict[str, Membership] = field(default_factory=dict)

    @property
    def is_existing(self) -> bool:
        """Whether the person is in the account, which one who never confirmed anything is not."""
        return any(membership.status is not Status.UNCONFIRMED for membership in self.memberships.values())


@dataclass(slots=True, kw_only=True)
class CallRecord:
    """One call as it came and as it was answered. `status` is None for a call cut off without an answer.

    `processed` says whether the call reached the API's own code: not when it was locked or a fault came first.
    """

    api: str
    at: int
    leads: tuple[str, ...]
    status: int | None = None
    code: str = ""
    processed: bool = False
    answered: bool = False

    def as_json(self) -> dict[str, Any]:
        """The record with its time in ISO 8601, milliseconds, UTC."""
        at = datetime.fromtimestamp(self.at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {
            "api": self.api,
            "at": at,
            "leads": list(self.leads),
            "status": self.status,
            "code": self.code,
            "processed": self.processed,
            "answered": self.answered,
        }


@dataclass(slots=True)
class State:
    """Everything that calls changed. Addresses are in lower case; `entered` is by journey key, `tags` by name."""

    leads: dict[str, Lead] = field(default_factory=dict)
    entered: dict[str, Counter[str]] = field(default_factory=dict)
    confirmations: Counter[str] = field(default_factory=Counter)
    do_not_mail: set[str] = field(default_factory=set)
    tags: dict[str, set[str]] = field(default_factory=dict)
    calls: list[CallRecord] = field(default_factory=list)


def known_as(address: str) -> str:
    """The form in which the sandbox compares addresses: lower case, no space around."""
    return address.strip().lower()
