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
    "demo": "bridge.cli.trial.demo:demo",
    "serve": "bridge.cli.service.serve:serve",
    "receive": "bridge.cli.service.receive:receive",
    "deliver": "bridge.cli.service.deliver:deliver",
    "part": "bridge.cli.service.part:part",
    "sandbox": "bridge.cli.trial.sandbox:sandbox",
    "check": "bridge.cli.mappings.check:check",
    "test": "bridge.cli.mappings.test:test",
    "map": "bridge.cli.mappings.map:map_payload",
    "explain": "bridge.cli.mappings.explain:explain",
    "new": "bridge.cli.mappings.new:new",
    "capture": "bridge.cli.mappings.capture:capture",
    "hooks": "bridge.cli.inspection.hooks:hooks_command",
    "presets": "bridge.cli.mappings.presets:presets",
    "read": "bridge.cli.mappings.read:read",
    "verify": "bridge.cli.mappings.verify:verify",
    "send": "bridge.cli.mappings.send:send",
    "reload": "bridge.cli.service.reload:reload",
    "unregister": "bridge.cli.maintenance.unregister:unregister",
    "status": "bridge.cli.inspection.status:status",
    "show": "bridge.cli.inspection.show:show",
    "list": "bridge.cli.inspection.list:list_command",
    "retry": "bridge.cli.recovery.retry:retry",
    "replay": "bridge.cli.recovery.replay:replay",
    "cancel": "bridge.cli.recovery.cancel:cancel",
    "purge": "bridge.cli.maintenance.purge:purge",
    "forget": "bridge.cli.maintenance.forget:forget_command",
    "forecast": "bridge.cli.inspection.forecast:forecast_command",
    "release": "bridge.cli.recovery.release:release",
    "doctor": "bridge.cli.inspection.doctor:doctor",
    "migrate": "bridge.cli.maintenance.migrate:migrate",
    "move": "bridge.cli.maintenance.move:move",
    "backup": "bridge.cli.maintenance.backup:backup",
    "auth": "bridge.cli.service.auth:auth",
    "pull": "bridge.cli.service.pull:pull",
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
