"""Who acts: the person at the command line, and what of it goes into the audit."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from bridge import log
from bridge.operations import acts
from bridge.outbox.acts import write_audit

if TYPE_CHECKING:
    from bridge.outbox import Outbox
    from bridge.outbox.acts import Actor


def actor() -> Actor:
    """Who runs this command. It logs errors alone: the person sees what is done, and the service logs the audit."""
    log.configure(level="error", stream=sys.stderr)
    return acts.shell_actor()


def audited(store: Outbox, act: str, *, subject: str, result: str = "done", count: int | None = None) -> None:
    """Write to the audit that this command did something; `subject` names no lead but by its lead id."""
    write_audit(store, act, actor=actor(), subject=subject, result=result, count=count)
