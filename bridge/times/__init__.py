"""Times as senders and people write them: read exactly, or not at all."""

from bridge.times.instant import EPOCH, LATEST, Unit, as_iso, read_instant
from bridge.times.text import ORDERS, UnreadableTime, read_number, read_text

__all__ = [
    "EPOCH",
    "LATEST",
    "ORDERS",
    "Unit",
    "UnreadableTime",
    "as_iso",
    "read_instant",
    "read_number",
    "read_text",
]
