"""`leadbridge console-password`: a name, a role and a password as a line of the settings."""

from __future__ import annotations

import click
from werkzeug.security import generate_password_hash

from bridge.cli.command import Command
from bridge.cli.output.terminal import echo
from bridge.model import Role

SHORTEST = 12


@click.command(
    cls=Command,
    examples=[
        "leadbridge console-password ada --role operator",
        "leadbridge console-password admin --role admin >> console-users",
    ],
)
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice([role.name.lower() for role in Role]),
    default="viewer",
    show_default=True,
    help="viewer sees masked data, operator acts and reveals, admin forgets persons too.",
)
def command(name: str, role: str) -> None:
    """Create the line that lets a person sign in to the console.

    Asks for the password, of at least 12 characters, and prints NAME:ROLE:HASH for LEADBRIDGE_CONSOLE_USERS, or for
    the file that LEADBRIDGE_CONSOLE_USERS_FILE names. Users of a single sign-on proxy need NAME:ROLE only.
    """
    if ":" in name or name.startswith(("#", "*")) or name != name.strip():
        raise click.UsageError(f"{name!r} is not a name here; leave out ':', and '#' and '*' at its start")
    password = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    if len(password) < SHORTEST:
        raise click.UsageError(f"the password is too short; take at least {SHORTEST} characters")
    echo(f"{name}:{role}:{generate_password_hash(password)}")
