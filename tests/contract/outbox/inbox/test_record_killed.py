"""What was answered survives kill -9."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING

from bridge.outbox import open_outbox
from bridge.outbox.operator import find_events

if TYPE_CHECKING:
    from bridge.outbox import Outbox

RECEIVE = """
import sys, threading
from bridge.model import EventState, Kind, NewDelivery, NewEvent, NewRequest, Target
from bridge.outbox import open_outbox
from bridge.outbox.inbox import record
outbox = open_outbox(sys.argv[1])
lock = threading.Lock()
def receive(thread):
    for number in range(100_000):
        key = f"{sys.argv[2]}-{thread}-{number}"
        deliveries = tuple(
            NewDelivery(action_no=action, target=Target(api="trigger"), lead="ada@example.com", body=b"{}")
            for action in (1, 2)
        )
        event = NewEvent(item=0, kind=Kind.SUBMISSION, state=EventState.ACCEPTED, key=key, deliveries=deliveries)
        request = NewRequest(hook="form", received_at=1, body=b"x" * 500, content_type="", meta=b"{}",
                             mapping_set_id=None, events=(event,))
        record(outbox, request)
        with lock:
            print(key, flush=True)
for thread in range(4):
    threading.Thread(target=receive, args=(thread,), daemon=True).start()
threading.Event().wait()
"""


def test_every_answered_event_survives_kill_9_whole(outbox_url: str, outbox: Outbox) -> None:
    running = [
        subprocess.Popen([sys.executable, "-c", RECEIVE, outbox_url, str(number)], stdout=subprocess.PIPE, text=True)
        for number in range(2)
    ]
    answered = [_read_lines(process, 40) for process in running]
    for process in running:
        process.send_signal(signal.SIGKILL)
    answered += [process.communicate()[0].split() for process in running]
    keys = {key for some in answered for key in some if key.count("-") == 2}
    after = open_outbox(outbox_url)
    stories = {story.key: story for story in find_events(after, limit=100_000)}
    after.close()
    assert len(keys) >= 80
    # The last line may have been cut off by the kill; a cut key is the start of one that is there.
    assert all(key in stories or any(other.startswith(key) for other in stories) for key in keys)
    assert {len(story.deliveries) for story in stories.values()} == {2}
    if outbox_url.startswith("sqlite"):
        assert _integrity(outbox_url) == "ok"


def _read_lines(process: subprocess.Popen[str], count: int) -> list[str]:
    if process.stdout is None:
        return []
    return [process.stdout.readline().strip() for _ in range(count)]


def _integrity(url: str) -> str:
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    try:
        return str(connection.execute("PRAGMA integrity_check").fetchone()[0])
    finally:
        connection.close()
