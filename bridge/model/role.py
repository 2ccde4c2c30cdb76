"""What a person may do in the console."""

from __future__ import annotations

from enum import IntEnum


class Role(IntEnum):
    """Each role may do what those below it may."""

    VIEWER = 1
    """Sees everything, personal data masked."""
    OPERATOR = 2
    """Acts (retry, replay, cancel, release), tries mappings, and reveals personal data, which is recorded."""
    ADMIN = 3
    """Forgets persons."""
