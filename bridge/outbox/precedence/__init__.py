"""What goes before what for one lead: a withdrawal ends all that stands before it, and the newer state stays.

By the sender's own time where both events come from one hook, else in the order of receipt. A consent which its sender
dates before a withdrawal never undoes it, whatever hook brought it and whenever: in doubt the withdrawal wins.
"""

from __future__ import annotations

from bridge.outbox.precedence.ending import (
    end_what_came_before,
    end_withdrawn,
    ended_of_call,
    stuck_withdrawals,
    withdrawal_after,
)
from bridge.outbox.precedence.overtaken import is_last_by_replay, keep_newer_values, overtaken_by

__all__ = [
    "end_what_came_before",
    "end_withdrawn",
    "ended_of_call",
    "is_last_by_replay",
    "keep_newer_values",
    "overtaken_by",
    "stuck_withdrawals",
    "withdrawal_after",
]
