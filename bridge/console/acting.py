"""Acts of who is signed in, done by the functions that the commands call, with the same audit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from flask import request as http

from bridge.console.page import console, user
from bridge.operations import acts
from bridge.outbox.acts import Actor, newest_jobs, write_audit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.operations.acts import Choice
    from bridge.outbox.acts import Job
    from bridge.outbox.operator import Selector


def actor() -> Actor:
    """Who is signed in, as the audit names him."""
    return Actor(name=user().name, source="console")


OUTCOMES: Final = {decision.value: text.partition(" (")[0] for decision, text in acts.MEANINGS.items()}
"""What is said of the events that a replay decided so on, after their number; without the options of commands."""

LOOKED_BACK: Final = 50
"""Jobs among which a repetition is looked for."""


def newest_job() -> int:
    """The number of the newest job, 0 for none. A page that offers an act has it in a field `newest` of its form."""
    return next((job.job_id for job in newest_jobs(console().outbox, limit=1)), 0)


def start(choice: Choice, options: Mapping[str, Any] | None = None) -> tuple[Job, bool]:
    """Start a job, and say whether it is new: one form, or the same of two people, starts the same once.

    So the job is returned that did so since the form was shown. Raises OutboxError.
    """
    store, same = console().outbox, (choice.act, choice.subject, dict(options or {}))
    shown = http.form.get("newest", type=int)
    with console().starting:
        for job in newest_jobs(store, limit=LOOKED_BACK) if shown is not None else ():
            if job.job_id > (shown or 0) and (job.act, job.subject, dict(job.options)) == same:
                return job, False
        return acts.start(store, choice, actor=actor(), options=options), True


def do_now(act: str, selector: Selector, options: Mapping[str, Any] | None = None) -> Job:
    """Do an act on the few that a selector chooses, and wait for it. Raises LeadbridgeError, OutboxError."""
    store = console().outbox
    job, _ = start(acts.choose(store, act, selector), options)
    return acts.run(acts.Parts(store, console().settings.mappings), job.job_id)


def revealed(subject: str) -> None:
    """Write that somebody saw personal data; `subject` names no person but by the lead id of the logs."""
    write_audit(console().outbox, "reveal", actor=actor(), subject=subject)


def release(lane_id: int) -> bool:
    """Let a held lane go on now; False when it is not held."""
    store = console().outbox
    return any(acts.release(store, lane, actor=actor()) for lane in acts.held_now(store) if lane.lane_id == lane_id)
