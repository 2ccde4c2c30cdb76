"""The one table of commands: the groups of the help, and each command's first line.

`leadbridge --help` and completion read this table alone, so they import no command.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Group(NamedTuple):
    """Commands that serve one purpose: a heading, the package of their modules, and command -> its first line."""

    heading: str
    package: str
    commands: dict[str, str]


GROUPS: Final = (
    Group(
        "Try it",
        "trial",
        {
            "init": "Make a folder to start in: settings, secrets, a first mapping.",
            "demo": "Watch webhooks become leads in a local Zoho.",
            "sandbox": "Run a local Zoho Marketing Automation, with its limits.",
        },
    ),
    Group(
        "Write mappings",
        "mappings",
        {
            "presets": "List the known senders, or describe one.",
            "sample": "Print a realistic request of a sender: its body, or all, signed.",
            "read": "Show the events in a payload as mappings see them.",
            "new": "Draft a mapping from a preset, a submission or an example.",
            "check": "Check mapping files and report every problem at once.",
            "test": "Run the examples next to the mapping files.",
            "map": "Show what a payload would become; send nothing.",
            "explain": "Explain field by field what a mapping makes of a payload.",
            "history": "List the versions of the mappings; show, compare or restore one.",
            "capture": "Turn a stored event into an example, without personal data.",
            "listen": "Receive webhooks here and print them; store and send nothing.",
            "verify": "Verify a request's signature; if it fails, say why.",
            "send": "Sign a payload as its sender would, and post it.",
        },
    ),
    Group(
        "Run the service",
        "service",
        {
            "auth": "Turn a self client's code into a refresh token.",
            "pull": "Write the account's lists, journeys, fields and tags.",
            "serve": "Receive webhooks and deliver their leads.",
            "receive": "Receive webhooks only; another process or host delivers.",
            "deliver": "Deliver leads only; another process or host receives.",
            "console": "Serve the console only; another process or host receives.",
            "console-password": "Create the line that lets a person sign in to the console.",
            "reload": "Make every process reload its mappings and secrets.",
        },
    ),
    Group(
        "Look",
        "inspection",
        {
            "doctor": "Check everything the service needs, with a fix for each.",
            "status": "Show alarms, what is waiting, and the use of Zoho's limits.",
            "alarms": "Show active alarms and their channels; test the channels.",
            "hooks": "Show each hook's URL, setup steps and problems.",
            "tail": "Print one line for each event as it arrives.",
            "list": "List events and their deliveries, the newest first.",
            "show": "Show what happened to one lead.",
            "audit": "List who did what, the newest first.",
            "forecast": "Estimate how long a number of leads would take.",
        },
    ),
    Group(
        "Act",
        "recovery",
        {
            "retry": "Retry dead deliveries, with a fresh 72 hours.",
            "replay": "Send stored events through today's mapping again.",
            "cancel": "Cancel waiting deliveries; settle dead ones and refused events.",
            "reconcile": "Compare what was delivered with who is in the lists.",
            "release": "Let held lanes and failing APIs continue before their next probe.",
            "jobs": "List jobs; show, stop or resume one.",
        },
    ),
    Group(
        "Maintain",
        "maintenance",
        {
            "migrate": "Upgrade the outbox's tables to this version.",
            "backup": "Copy a SQLite outbox while the service runs.",
            "move": "Move a SQLite outbox to PostgreSQL.",
            "purge": "Delete old bodies and events now.",
            "forget": "Erase a person from the outbox, and search for traces.",
            "unregister": "Remove a hook whose mapping file is gone for good.",
        },
    ),
)
"""In the order of the help. Each line is the first sentence of the command's own help; a test compares them."""

HIDDEN: Final = {"part": "service"}
"""Commands that the service starts itself, and their packages."""

COMMANDS: Final = {name: group.package for group in GROUPS for name in group.commands} | HIDDEN
"""Command -> the package of the module that bears its name."""


def module_of(name: str) -> str:
    """The module of a command, whose `command` it is."""
    return f"bridge.cli.{COMMANDS[name]}.{name.replace('-', '_')}"
