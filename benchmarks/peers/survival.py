"""What a peer still has of what it answered, when all its processes are killed in the middle of the load."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Timer
from typing import TYPE_CHECKING, Final

from benchmarks.load import drive
from benchmarks.peers.peer import HOST, kill

if TYPE_CHECKING:
    from benchmarks.peers.peer import Peer
    from benchmarks.peers.webhooks import Posts

KILL_AFTER_SECONDS: Final = 2.5
"""From the start of the load's process, which needs some of it to start."""

LOAD_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Survival:
    """How many webhooks were answered with success, and how many of these were stored."""

    answered: int
    stored: int


def kill_under_load(peer: Peer, posts: Posts, connections: int) -> Survival:
    """Start, load, SIGKILL, start again on the same folder.

    What is found right after the kill counts, and what is found after the new start.
    """
    with TemporaryDirectory(prefix="peers-", ignore_cleanup_errors=True) as folder:
        with peer.start(Path(folder)) as running:
            timer = Timer(KILL_AFTER_SECONDS, kill, [running.group])
            timer.start()
            result = drive(HOST, running.port, connections=connections, seconds=LOAD_SECONDS, requests=posts.requests)
            timer.join()
            stored = running.stored()
        with peer.start(Path(folder)) as again:
            stored |= again.stored()
    answered = {posts.ids[position] for position in result.taken}
    return Survival(answered=len(answered), stored=len(answered & stored))
