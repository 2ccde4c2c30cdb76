"""Times as senders and people write them: read exactly, or not at all."""

from bridge.times.instant import EPOCH, LATEST, Unit, as_iso, now_ms, read_instant
from bridge.times.retry_after import MAX_WAIT_MS, retry_after_ms
from bridge.times.text import ORDERS, UnreadableTime, read_number, read_text

__all__ = [
    "EPOCH",
    "LATEST",
    "MAX_WAIT_MS",
    "ORDERS",
    "Unit",
    "UnreadableTime",
    "as_iso",
    "now_ms",
    "read_instant",
    "read_number",
    "read_text",
    "retry_after_ms",
]
