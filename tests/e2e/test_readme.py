"""Every command that the README shows with its result is run, in its order, by one shell in one folder."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bridge.errors import NoAnswerError
from bridge.http import Http
from tests.waiting import PATIENCE_SECONDS, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
SHOWN = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
END = "<<the end>>"


def steps() -> list[tuple[str, str]]:
    """Each command with what it prints: `...` stands for the rest of a line, or for any lines."""
    return re.findall(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", "".join(SHOWN), re.MULTILINE)


def matches(shown: str, printed: str) -> bool:
    """Whether a command printed what is shown; of a command without a result, anything is right."""
    pattern = "".join(
        r"(?:.*\n)*" if line == "..." else re.escape(line).replace(r"\.\.\.", ".*") + r"\n"
        for line in shown.splitlines()
    )
    return not shown or re.fullmatch(pattern + r"(?:\s*\n)*", printed) is not None


class Shell:
    """One bash with the product on its path; its ports are free ones, by the environment."""

    def __init__(self, folder: Path) -> None:
        sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
        self.hooks, self.admin, self.zoho = (one.getsockname()[1] for one in sockets)
        for one in sockets:
            one.close()
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("LEADBRIDGE_", "ZOHO_"))}
        self.process = subprocess.Popen(
            ["bash"],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            env=inherited
            | {
                "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
                "LEADBRIDGE_BIND": f"127.0.0.1:{self.hooks}",
                "LEADBRIDGE_ADMIN_BIND": f"127.0.0.1:{self.admin}",
                "ZOHO_ACCOUNTS_URL": f"http://127.0.0.1:{self.zoho}",
                "ZOHO_API_URL": f"http://127.0.0.1:{self.zoho}",
            },
        )

    def run(self, command: str) -> str:
        """Run a command; give what it printed. One that ends with & goes on."""
        typed = command.replace("leadbridge sandbox", f"leadbridge sandbox --port {self.zoho}")
        typed = re.sub(r" &$", " >/dev/null 2>&1 </dev/null &", typed)
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{typed}\necho; echo '{END}'\n")
        self.process.stdin.flush()
        lines = list(iter(self.process.stdout.readline, f"{END}\n"))
        return "".join(lines).replace(str(self.hooks), "8080")

    def prints(self, command: str, shown: str) -> bool:
        """Whether a command prints what is shown."""
        return matches(shown, self.run(command))

    def is_ready(self, port: int, path: str) -> bool:
        """Whether a service that was started in the background takes requests."""
        try:
            with Http() as http:
                return (
                    http.send("GET", f"http://127.0.0.1:{port}{path}", deadline_seconds=PATIENCE_SECONDS).status == 200
                )
        except NoAnswerError:
            return False


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    opened = Shell(tmp_path)
    yield opened
    os.killpg(opened.process.pid, signal.SIGTERM)
    opened.process.communicate()


def test_the_first_minutes_are_as_the_readme_shows_them(shell: Shell) -> None:
    assert len(steps()) >= 8
    for command, shown in steps():
        if " show " in command:  # what is shown of a lead comes when it is delivered
            wait_until(partial(shell.prints, command, shown))
            continue
        printed = shell.run(command)
        assert matches(shown, printed), f"$ {command}\n{printed}\nis shown as\n{shown}"
        if "sandbox &" in command:
            wait_until(lambda: shell.is_ready(shell.zoho, "/_sandbox/state"))
        if "serve &" in command:
            wait_until(lambda: shell.is_ready(shell.hooks, "/readyz"))


def test_the_readme_shows_the_first_mapping_as_it_is_made() -> None:
    shown = re.search(r"<!-- first mapping -->\n```yaml\n(.*?)```", README, re.DOTALL)
    assert shown is not None
    made = (ROOT / "bridge/authoring/starter/newsletter.yaml").read_text()
    assert made == "# yaml-language-server: $schema=.mapping.schema.json\n" + shown[1]


def test_every_command_of_the_readme_is_one() -> None:
    from bridge.cli.commands import COMMANDS

    named = set(re.findall(r"^(?:\$ )?leadbridge ([a-z-]+)", README, re.MULTILINE)) | set(
        re.findall(r"`leadbridge ([a-z-]+)", README)
    )
    assert named - set(COMMANDS) == set()
