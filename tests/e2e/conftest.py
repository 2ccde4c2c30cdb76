"""The product as its users run it: real processes, real HTTP, a real outbox, and the sandbox in Zoho's place."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from bridge.errors import NoAnswerError
from bridge.http import Http, HttpAnswer
from bridge.outbox import open_outbox
from bridge.outbox.operator import find_events
from tests.e2e.forks import Forked, run_command
from tests.waiting import PATIENCE_SECONDS, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from bridge.outbox.operator import EventStory

    NewService = Callable[..., "Service"]
    NewSandbox = Callable[..., "Sandbox"]

LEADBRIDGE = (sys.executable, "-m", "bridge")
ONE_REQUEST = {"Connection": "close"}
"""A server that stops waits for connections that are kept open; without any, the tests need not."""


def own_environment(settings: Mapping[str, str]) -> dict[str, str]:
    """This process's environment, with the given settings in place of its own."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("LEADBRIDGE_", "ZOHO_"))}
    return inherited | dict(settings)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


class Processes:
    """A command and all the processes that come of it, known by the session that it starts."""

    def __init__(self, command: tuple[str, ...], folder: Path, settings: Mapping[str, str], name: str) -> None:
        self.output, self.errors = folder / f"{name}.out", folder / f"{name}.err"
        with self.output.open("ab") as output, self.errors.open("ab") as errors:
            self.process = subprocess.Popen(
                command, cwd=folder, stdout=output, stderr=errors, env=own_environment(settings), start_new_session=True
            )
        self.pid = self.process.pid

    def alive(self) -> list[int]:
        """The ids of all its processes that run, itself included."""
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                _, _, rest = stat.read_text().rpartition(")")
            except (FileNotFoundError, ProcessLookupError):
                continue
            state, _, _, session = rest.split()[:4]
            if int(session) == self.pid and state != "Z":
                found.append(int(stat.parent.name))
        return sorted(found)

    def part(self, name: str) -> int:
        """The process of a part; of the receiver, it is the one that holds the workers."""
        return min(pid for pid in self.alive() if f"\0part\0{name}\0" in _command_line(pid) and not _is_worker(pid))

    def workers(self) -> list[int]:
        """The receiver's processes that take webhooks."""
        return [pid for pid in self.alive() if "\0part\0receiver\0" in _command_line(pid) and _is_worker(pid)]

    def stop(self, number: int = signal.SIGTERM, *, seconds: float = PATIENCE_SECONDS) -> int:
        """Ask it to end, and give the exit code."""
        self.process.send_signal(number)
        return self.process.wait(seconds)

    def destroy(self) -> None:
        """Leave nothing of it."""
        for pid in self.alive():
            with suppress(ProcessLookupError):  # it ended meanwhile
                os.kill(pid, signal.SIGKILL)
        self.process.wait()


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text() + "\0"
    except (FileNotFoundError, ProcessLookupError):
        return ""


def _is_worker(pid: int) -> bool:
    """Whether its parent runs the same command, as gunicorn's workers do."""
    try:
        parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return _command_line(int(parent)) == _command_line(pid)


class Service:
    """One installation: a folder with mappings, an outbox and its logs, started as often as a test likes."""

    def __init__(self, folder: Path, http: Http, settings: Mapping[str, str]) -> None:
        self.folder = folder
        self.http = http
        self.mappings = folder / "mappings"
        self.mappings.mkdir(parents=True)
        self.hooks_url, self.admin_url = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
        self.outbox = folder / "outbox.db"
        self.settings = {
            "LEADBRIDGE_DATABASE_URL": f"sqlite:///{self.outbox}",
            "LEADBRIDGE_MAPPINGS": str(self.mappings),
            "LEADBRIDGE_BIND": self.hooks_url.removeprefix("http://"),
            "LEADBRIDGE_ADMIN_BIND": self.admin_url.removeprefix("http://"),
            "LEADBRIDGE_UPKEEP_SECONDS": "0.5",
            **settings,
        }
        self.started: list[Processes] = []

    def write(self, **mappings: str) -> None:
        """Write mapping files: `name="text"`, a `_` in the name meaning `-`."""
        for name, text in mappings.items():
            (self.mappings / f"{name.replace('_', '-')}.yaml").write_text(text)

    def run(self, *arguments: str, command: tuple[str, ...] = LEADBRIDGE) -> Processes:
        """Start a command with the installation's settings."""
        settings = dict(self.settings)
        if arguments[:1] == ("deliver",):  # it has health pages of its own, next to the receiver's
            settings["LEADBRIDGE_ADMIN_BIND"] = f"127.0.0.1:{free_port()}"
        processes = Processes((*command, *arguments), self.folder, settings, f"run{len(self.started)}")
        self.started.append(processes)
        return processes

    def start(self, *arguments: str, command: tuple[str, ...] = LEADBRIDGE) -> Processes:
        """Start a command that takes webhooks, and wait until it does; if it is ours, for its health pages, too."""
        processes = self.run(*arguments, command=command)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (self.is_ready() and (command != LEADBRIDGE or self.has_admin_pages())):
            assert processes.process.poll() is None, processes.errors.read_text()
            assert time.monotonic() < deadline, processes.output.read_text()[-2000:]
            time.sleep(0.05)
        return processes

    def is_ready(self) -> bool:
        return self.answers("/readyz")

    def has_admin_pages(self) -> bool:
        """Whether its health pages answer, whatever they say."""
        try:
            return self.get("/livez", admin=True).status > 0
        except NoAnswerError:
            return False

    def answers(self, path: str, *, admin: bool = False) -> bool:
        """Whether it answers 200 there."""
        try:
            return self.get(path, admin=admin).status == 200
        except NoAnswerError:
            return False

    def get(self, path: str, *, admin: bool = False) -> HttpAnswer:
        url = (self.admin_url if admin else self.hooks_url) + path
        return self.http.send("GET", url, headers=ONE_REQUEST, deadline_seconds=PATIENCE_SECONDS)

    def post(self, hook: str, body: Any, headers: Mapping[str, str] | None = None) -> HttpAnswer:
        """Post a webhook; whatever is no bytes goes as JSON."""
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        return self.http.send(
            "POST",
            f"{self.hooks_url}/hooks/{hook}",
            body=content,
            headers={"Content-Type": "application/json", **ONE_REQUEST, **(headers or {})},
            deadline_seconds=PATIENCE_SECONDS,
        )

    def leadbridge(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the product to its end."""
        return run_command(
            arguments, folder=self.folder, environment=own_environment(self.settings), seconds=PATIENCE_SECONDS
        )

    def lines(self, event: str = "", **fields: Any) -> list[dict[str, Any]]:
        """The log lines of all that was started, in the order of their times; those of one event if it is given."""
        text = b"".join(processes.output.read_bytes() for processes in self.started)
        lines = [orjson.loads(line) for line in text.splitlines() if line.startswith(b"{")]
        chosen = [line for line in lines if event in ("", line["event"]) and fields.items() <= line.items()]
        return sorted(chosen, key=lambda line: str(line["timestamp"]))

    def stories(self, **choice: Any) -> tuple[EventStory, ...]:
        """What the outbox knows of its events, oldest first; `choice` as for `outbox.find_events`."""
        store = open_outbox(self.settings["LEADBRIDGE_DATABASE_URL"])
        try:
            return find_events(store, **{"limit": 10_000, **choice})[::-1]
        finally:
            store.close()

    def delivery_states(self, lead: str) -> list[str]:
        """How the deliveries of an address stand, in the order in which they came."""
        return [one.state.name.lower() for story in self.stories(lead=lead) for one in story.deliveries]


class Sandbox:
    """A running sandbox."""

    def __init__(self, processes: Processes | Forked, http: Http) -> None:
        self.processes = processes
        self.http = http
        self.url = str(wait_until(lambda: processes.output.read_text().partition("\n")[0]))

    @property
    def settings(self) -> dict[str, str]:
        """What the service needs in its environment to reach it."""
        names = ("ZOHO_CLIENT_ID", "ZOHO_CLIENT_SECRET", "ZOHO_REFRESH_TOKEN")
        return {"ZOHO_ACCOUNTS_URL": self.url, "ZOHO_API_URL": self.url} | dict.fromkeys(names, "sandbox")

    def state(self) -> dict[str, Any]:
        answer = self.http.send("GET", f"{self.url}/_sandbox/state", deadline_seconds=PATIENCE_SECONDS)
        state: dict[str, Any] = orjson.loads(answer.body)
        return state

    def calls(self, api: str) -> list[dict[str, Any]]:
        return [call for call in self.state()["calls"] if call["api"] == api]

    def fault(self, **fault: Any) -> None:
        self._post("faults", fault)

    def faults(self) -> list[Any]:
        """The faults that have not come yet."""
        answer = self.http.send("GET", f"{self.url}/_sandbox/faults", deadline_seconds=PATIENCE_SECONDS)
        faults: list[Any] = orjson.loads(answer.body)["faults"]
        return faults

    def confirm(self, address: str) -> None:
        self.change("confirm", address)

    def change(self, what: str, address: str) -> None:
        """Have somebody do something in Zoho: confirm, unsubscribe, bounce, remove."""
        self._post(what, {"address": address})

    def _post(self, what: str, body: Mapping[str, Any]) -> None:
        headers = {"Content-Type": "application/json"}
        answer = self.http.send(
            "POST",
            f"{self.url}/_sandbox/{what}",
            body=orjson.dumps(body),
            headers=headers,
            deadline_seconds=PATIENCE_SECONDS,
        )
        assert answer.status == 200, answer.body


@pytest.fixture(scope="module")
def http() -> Iterator[Http]:
    with Http() as opened:
        yield opened


@pytest.fixture(scope="module")
def new_sandbox(tmp_path_factory: pytest.TempPathFactory, http: Http) -> Iterator[NewSandbox]:
    """Starts sandboxes; takes further arguments of the command."""
    with ExitStack() as at_the_end:

        def start(*arguments: str) -> Sandbox:
            folder = tmp_path_factory.mktemp("sandbox")
            command = ("sandbox", "--port", "0", *arguments)
            running = Forked(command, folder=folder, environment=own_environment({}), streams=folder, name="sandbox")
            at_the_end.callback(running.destroy)
            return Sandbox(running, http)

        yield start


@pytest.fixture(scope="module")
def new_service(tmp_path_factory: pytest.TempPathFactory, http: Http) -> Iterator[NewService]:
    """Makes installations, each in a folder of its own; takes further settings."""
    made: list[Service] = []

    def make(**settings: str) -> Service:
        made.append(Service(tmp_path_factory.mktemp("service") / "home", http, settings))
        return made[-1]

    yield make
    for service in made:
        for processes in service.started:
            processes.destroy()
