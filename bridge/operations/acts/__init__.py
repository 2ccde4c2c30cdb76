"""What a person has done to many deliveries or events, from the command line and the console alike.

`choose` says what an act would be done to, and what of the chosen it leaves out; `start` stores that as a job; `run`
does it, from wherever it stopped. Each of these writes the audit.
"""

from __future__ import annotations

from bridge.operations.acts.audit import SERVICE, lead_subject, log_audit, shell_actor
from bridge.operations.acts.choose import ACTS, Choice, cancelling, choose, subject_of
from bridge.operations.acts.reconcile import RESULTS, expected
from bridge.operations.acts.release import failing_now, held_now, lane_subject, locked_now, probe, release
from bridge.operations.acts.replays import EXCEPTIONS, MEANINGS, plan_document, plans, todays_hooks
from bridge.operations.acts.run import Parts, needed, replay_options, result_of, resume, run, start, status_of, stop

__all__ = [
    "ACTS",
    "EXCEPTIONS",
    "MEANINGS",
    "RESULTS",
    "SERVICE",
    "Choice",
    "Parts",
    "cancelling",
    "choose",
    "expected",
    "failing_now",
    "held_now",
    "lane_subject",
    "lead_subject",
    "locked_now",
    "log_audit",
    "needed",
    "plan_document",
    "plans",
    "probe",
    "release",
    "replay_options",
    "result_of",
    "resume",
    "run",
    "shell_actor",
    "start",
    "status_of",
    "stop",
    "subject_of",
    "todays_hooks",
]
