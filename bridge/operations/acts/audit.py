"""Who did what: each act is a line of the audit and a line of the log."""

from __future__ import annotations

import getpass
import os
import socket

from bridge import log
from bridge.outbox import Outbox, acts, registry
from bridge.outbox.acts import Actor


def shell_actor() -> Actor:
    """Who runs this command: `user@host`. With `sudo` the user who called it."""
    try:
        name = os.environ.get("SUDO_USER") or getpass.getuser()
    except (OSError, KeyError):  # a user id without a name, as in a container
        name = str(os.getuid())
    return Actor(name=f"{name}@{socket.gethostname()}", source="cli")


def record(
    store: Outbox,
    act: str,
    *,
    actor: Actor,
    subject: str,
    result: str = "done",
    count: int | None = None,
    job_id: int | None = None,
) -> None:
    """Write that somebody did something. `subject` must name no lead but by `lead_subject`. Raises OutboxError."""
    acts.write_audit(store, act, actor=actor, subject=subject, result=result, count=count, job_id=job_id)
    log.get_logger().info(
        "operator.acted", actor=actor.name, source=actor.source, act=act, subject=subject, count=count, result=result
    )


def lead_subject(store: Outbox, lead: str) -> str:
    """What stands for a lead in the audit, however the log is set: the same id for the same address."""
    return log.pseudonym(registry.identity(store), lead)
