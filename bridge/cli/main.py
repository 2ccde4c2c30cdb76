"""The command `leadbridge`: its commands, each imported only when it is used, and how errors end it."""

from __future__ import annotations

import gc
import importlib
import sys
from functools import cache
from typing import TYPE_CHECKING, Final

import click

from bridge import __version__
from bridge.cli.commands import COMMANDS, GROUPS, module_of
from bridge.cli.output.terminal import echo
from bridge.errors import LeadbridgeError, SettingsError, UnknownNameError

if TYPE_CHECKING:
    from types import ModuleType

    from click.shell_completion import CompletionItem


_SHOWN: Final = 200
"""Characters of a file's name that are shown."""


class _Commands(click.Group):
    """A group that imports a command's module when the command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = _imported(cmd_name).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does; an unknown command is answered with the closest one."""
        try:
            return super().resolve_command(ctx, args)
        except click.exceptions.NoSuchCommand as error:
            raise click.exceptions.NoSuchCommand(error.command_name, possibilities=_visible(), ctx=ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for group in GROUPS:
            with formatter.section(group.heading):
                formatter.write_dl(list(group.commands.items()))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Completion by the table; the options of `leadbridge` itself as click completes them."""
        from click.shell_completion import CompletionItem  # imported by completion alone

        if incomplete.startswith("-"):
            return click.Command.shell_complete(self, ctx, incomplete)
        found = [item for group in GROUPS for item in group.commands.items() if item[0].startswith(incomplete)]
        return [CompletionItem(name, help=line) for name, line in found]


@cache
def _imported(name: str) -> ModuleType:
    """A command's module. What importing makes stays: the garbage collector does not look at it, then or later."""
    gc.disable()
    module = importlib.import_module(module_of(name))
    gc.freeze()
    gc.enable()
    return module


def _visible() -> list[str]:
    return [name for group in GROUPS for name in group.commands]


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="leadbridge")
def leadbridge() -> None:
    """Third-party webhooks become leads and journeys in Zoho Marketing Automation.

    Start with `leadbridge demo`. `leadbridge COMMAND --help` shows a command's options and examples.
    """


def main() -> None:
    """Run the command line; an error of the product ends it with one line a problem and exit code 1.

    A name of what there is not is wrong usage: exit code 2, as click's own errors. A file that cannot be used (its name
    is too long, its folder may not be read) ends it with what the system says of that file.
    """
    try:
        leadbridge.main(prog_name="leadbridge")
    except SettingsError as error:
        for problem in error.problems:
            echo(f"leadbridge: {problem.message}; {problem.fix}", err=True)
        sys.exit(1)
    except LeadbridgeError as error:
        echo(f"leadbridge: {error}", err=True)
        sys.exit(2 if isinstance(error, UnknownNameError) else 1)
    except OSError as error:
        if error.filename is None:  # no file's error, so ours
            raise
        echo(f"leadbridge: {str(error.filename)[:_SHOWN]}: {error.strerror}", err=True)
        sys.exit(1)
