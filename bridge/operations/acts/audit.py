"""Who did what: each act is a line of the audit, and the service writes each line of the audit to its log."""

from __future__ import annotations

import getpass
import os
import socket
from typing import Final

from bridge import log
from bridge.outbox import Outbox, acts, registry
from bridge.outbox.acts import Actor

SERVICE: Final = "service"
"""The source of what the service does by itself; the actor's name is that of its host."""


def shell_actor() -> Actor:
    """Who runs this command: `user@host`. With `sudo` the user who called it."""
    try:
        name = os.environ.get("SUDO_USER") or getpass.getuser()
    except (OSError, KeyError):  # a user id without a name, as in a container
        name = str(os.getuid())
    return Actor(name=f"{name}@{socket.gethostname()}", source="cli")


def log_audit(store: Outbox) -> None:
    """Write the lines of the audit that the log does not have yet: those of commands, which log nothing, among them.

    To be called by the leader every few seconds. A line is logged twice where the leader is killed in between.
    """
    while lines := acts.unlogged_audit(store):
        for line in lines:
            log.get_logger().info(
                "operator.acted",
                at=log.shown_time(line.at),
                actor=line.actor.name,
                source=line.actor.source,
                act=line.act,
                subject=line.subject,
                count=line.count,
                result=line.result,
                job=line.job_id,
            )
        acts.note_logged_audit(store, lines[-1].line_id)


def lead_subject(store: Outbox, lead: str) -> str:
    """What stands for a lead in the audit, however the log is set: the same id for the same address."""
    return log.pseudonym(registry.identity(store), lead)
