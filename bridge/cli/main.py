"""The command `leadbridge`: its commands, each loaded only when it is used, and how errors end it."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Final

import click

from bridge import __version__
from bridge.errors import LeadbridgeError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

COMMANDS: Final[Mapping[str, str]] = {
    "demo": "bridge.cli.demo:demo",
    "serve": "bridge.cli.run:serve",
    "receive": "bridge.cli.run:receive",
    "deliver": "bridge.cli.run:deliver",
    "part": "bridge.cli.run:part",
    "sandbox": "bridge.cli.sandbox:sandbox",
    "check": "bridge.cli.check:check",
    "test": "bridge.cli.mappings:test",
    "map": "bridge.cli.mappings:map_payload",
    "explain": "bridge.cli.explaining:explain",
    "new": "bridge.cli.drafting:new",
    "capture": "bridge.cli.drafting:capture",
    "hooks": "bridge.cli.hooks:hooks_command",
    "presets": "bridge.cli.presets:presets",
    "read": "bridge.cli.presets:read",
    "verify": "bridge.cli.proofs:verify",
    "send": "bridge.cli.proofs:send",
    "reload": "bridge.cli.reload:reload",
    "unregister": "bridge.cli.reload:unregister",
    "status": "bridge.cli.status:status",
    "show": "bridge.cli.leads:show",
    "list": "bridge.cli.listing:list_command",
    "retry": "bridge.cli.acting:retry",
    "replay": "bridge.cli.replaying:replay",
    "cancel": "bridge.cli.acting:cancel",
    "purge": "bridge.cli.erasing:purge",
    "forget": "bridge.cli.erasing:forget_command",
    "forecast": "bridge.cli.forecasting:forecast_command",
    "release": "bridge.cli.release:release",
    "doctor": "bridge.cli.doctoring:doctor",
    "migrate": "bridge.cli.storage:migrate",
    "move": "bridge.cli.storage:move",
    "backup": "bridge.cli.storage:backup",
    "auth": "bridge.cli.account:auth",
    "pull": "bridge.cli.account:pull",
}
"""Every command and where it lives, in the order of the help."""


class _Commands(click.Group):
    """A group that imports a command's module when the command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, _, attribute = place.partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="leadbridge")
def leadbridge() -> None:
    """Third-party webhooks become leads and journeys in Zoho Marketing Automation.

    Start with `leadbridge demo`.
    """


def main() -> None:
    """Run the command line; an error of the product ends it with one line a problem and exit code 1."""
    try:
        leadbridge.main(prog_name="leadbridge")
    except SettingsError as error:
        for problem in error.problems:
            click.echo(f"leadbridge: {problem.message}; {problem.fix}", err=True)
        sys.exit(1)
    except LeadbridgeError as error:
        click.echo(f"leadbridge: {error}", err=True)
        sys.exit(1)
