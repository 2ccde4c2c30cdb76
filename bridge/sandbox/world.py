"""The one thing the sandbox holds open: its account, its memory, its limits, behind one lock."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bridge.sandbox.faults import Faults
from bridge.sandbox.limits import Limiter
from bridge.sandbox.state import State, known_as
from bridge.sandbox.tokens import Tokens

if TYPE_CHECKING:
    from collections.abc import Callable

    from bridge.sandbox.account import Account
    from bridge.sandbox.parameters import Parameters
    from bridge.sandbox.settings import SandboxSettings

    Clock = Callable[[], int]
    Sleep = Callable[[float], None]

_UNLIMITED = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call as it came: its parameters, its Authorization header, its path, the journey key in that path.

    `target_bytes` is the length of the path with its query.
    """

    path: str
    target_bytes: int = 0
    parameters: Parameters
    authorization: str = ""
    journey_key: str = ""


@dataclass(slots=True)
class World:
    """Everything a sandbox is. Whoever reads or changes it holds `lock`; nobody waits while holding it."""

    settings: SandboxSettings
    clock: Clock
    sleep: Sleep
    lock: threading.RLock = field(default_factory=threading.RLock)
    state: State = field(init=False)
    limits: dict[str, Limiter] = field(init=False)
    faults: Faults = field(init=False)
    tokens: Tokens = field(init=False)

    def __post_init__(self) -> None:
        self.tokens = Tokens(self.settings)
        self.reset()

    @property
    def account(self) -> Account:
        """The account as it was set up."""
        return self.settings.account

    def reset(self) -> None:
        """Back to the start: no leads, calls, locks or faults. Access tokens stay good, so a client can go on."""
        with self.lock:
            self.state = State(
                do_not_mail={known_as(address) for address in self.account.do_not_mail},
                tags={name: set() for name in self.account.tags},
            )
            self.limits = _limiters(self.settings)
            self.faults = Faults()
            self.tokens.forget_counts()


def wall_clock() -> int:
    """Now, in milliseconds."""
    return time.time_ns() // 1_000_000


def _limiters(settings: SandboxSettings) -> dict[str, Limiter]:
    calls = {
        "subscribe": settings.subscribe_calls,
        "trigger": settings.trigger_calls,
        "add_leads": settings.add_leads_calls,
        "unsubscribe": settings.unsubscribe_calls,
        "do_not_mail": settings.do_not_mail_calls,
        "tag": settings.tag_calls,
        "untag": settings.tag_calls,
        "add_tag": settings.add_tag_calls,
        "tags": settings.tags_calls,
        "journeys": settings.journeys_calls,
        "lists": settings.lists_calls,
        "leads": settings.leads_calls,
        "fields": settings.fields_calls,
        # Token requests have a limit of their own, by refresh token.
        "oauth": _UNLIMITED,
    }
    window_ms, lock_ms = int(settings.window_seconds * 1000), int(settings.lock_seconds * 1000)
    return {api: Limiter(calls=count, window_ms=window_ms, lock_ms=lock_ms) for api, count in calls.items()}
