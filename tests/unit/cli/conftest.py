"""Commands as a person runs them, in this process."""

from __future__ import annotations

from click.testing import CliRunner, Result

from bridge.cli.main import leadbridge


def run(*arguments: str) -> Result:
    return CliRunner().invoke(leadbridge, arguments, prog_name="leadbridge")


def output(*arguments: str) -> str:
    """What a command that succeeds prints."""
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result.output
