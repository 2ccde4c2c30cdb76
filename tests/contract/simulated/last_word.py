"""What must hold of a person in the end, by the order of what senders said; an oracle without the bridge's code.

Senders' times need not fit together with the order of receipt: of three events each may be newer than another. Then any
of them may have the last word.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

CONSENT, WITHDRAWAL, NEVER, TAG, UNTAG, TRIGGER = "consent", "withdraw", "never", "tag", "untag", "trigger"
LEAVING = (WITHDRAWAL, NEVER)


@dataclass(frozen=True, kw_only=True)
class Said:
    """One event of a lead: what was said, of which list (empty: of none), and when. Times are ms; ids grow by receipt.

    `city` is the value that a consent sends of the person's field.
    """

    event_id: int
    what: str
    lead: str
    place: str
    hook: str
    received_at: int
    sent_at: int | None
    city: str = ""

    @property
    def leaves(self) -> bool:
        return self.what in LEAVING

    def is_after(self, other: Said) -> bool:
        """Whether this counts as said after the other: by the sender's times or by receipt; in doubt people leave."""
        if self.leaves and not other.leaves:
            return other.is_before_leaving(self)
        if other.leaves and not self.leaves:
            return not self.is_before_leaving(other)
        if self._is_comparable(other):
            return (self.sent_at or 0) > (other.sent_at or 0)
        return self.event_id > other.event_id

    def is_before_leaving(self, left: Said) -> bool:
        """Whether a withdrawal ends this."""
        if self._is_comparable(left):
            return (self.sent_at or 0) < (left.sent_at or 0)
        at = left.received_at if left.sent_at is None else left.sent_at
        return self.event_id < left.event_id or (self.sent_at is not None and self.sent_at < at)

    def _is_comparable(self, other: Said) -> bool:
        return self.hook == other.hook and None not in (self.sent_at, other.sent_at) and self.sent_at != other.sent_at


def last(said: Iterable[Said]) -> list[Said]:
    """Those who may have the last word: from each of them every other is reached by steps to what was said before."""
    events = list(said)
    return [one for one in events if len(_before(one, events)) == len(events)]


def _before(one: Said, events: Sequence[Said]) -> set[Said]:
    reached, frontier = {one}, [one]
    while frontier:
        latest = frontier.pop()
        found = {other for other in events if other not in reached and latest.is_after(other)}
        reached |= found
        frontier += found
    return reached
