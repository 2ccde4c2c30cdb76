"""Every `--json` output fits its committed schema in docs/schemas, exactly: what is added or removed is seen in a diff.

Run as a program, it writes the schemas again from what the commands print now; docs/stability.md says what may change.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import sys
import threading
from contextlib import contextmanager, nullcontext, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import structlog

from bridge.cli.commands import GROUPS
from bridge.model import DeadReason, DeliveryState, SideEffect
from bridge.outbox import inbox
from bridge.outbox.queue import lanes
from bridge.sandbox import SandboxSettings, default_account, running
from tests.builders import OutboxDriver
from tests.unit.cli.test_operating import Installation

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SCHEMAS = Path(__file__).parents[3] / "docs" / "schemas"
PLAIN = re.compile(r"[a-z][a-z0-9_]*")
MAPS = frozenset(
    [
        "results",
        "counts",
        "rejected_since",
        "headers",
        "query",
        "leadinfo",
        "details",
        "pending",
        "erased",
        "left",
        "retried",
        "purged",
        "would_purge",
        "answers",
        "contact",
        "tracking",
        "fields",
        "parameters",
        "would_erase",
        "selector",
        "body",
        "value",
        "detail",
        "before",
        "after",
        "steps",
        "notes",
        "write",
    ]
)
"""Objects whose keys are data, or anything that was sent."""

COMMANDS: dict[str, Sequence[tuple[str, ...]]] = {
    "alarms": [("alarms",), ("alarms", "--test")],
    "audit": [("audit",)],
    "cancel": [("cancel", "--hook", "form", "--yes", "--dry-run"), ("cancel", "--hook", "form", "--yes")],
    "check": [("check",)],
    "doctor": [("doctor",)],
    "doctor-learn": [
        ("doctor", "--learn", "--lead", "me@example.com", "--list", "Newsletter", "--file", "LEARNED", "--yes")
    ],
    "explain": [("explain", "form", "evt_1")],
    "forecast": [("forecast", "--hook", "form", "--leads", "10")],
    "forget": [("forget", "ada@example.com", "--dry-run"), ("forget", "ada@example.com", "--yes")],
    "history": [("history",)],
    "hooks": [("hooks",)],
    "jobs": [("jobs",)],
    "list": [("list",)],
    "map": [("map", "form", "evt_1")],
    "presets": [("presets",)],
    "purge": [("purge", "--before", "2020-01-01", "--dry-run"), ("purge", "--before", "2020-01-01", "--yes")],
    "read": [("read", "json", "evt_1")],
    "reconcile": [("reconcile",), ("reconcile", "--since", "2126-01-01"), ("reconcile", "--retry")],
    "release": [("release", "--all")],
    "replay": [("replay", "--hook", "form", "--diff"), ("replay", "--hook", "form", "--yes")],
    "retry": [("retry", "--hook", "form", "--yes")],
    "send": [("send", "json", "PAYLOAD", "--to", "SERVER/hooks/form")],
    "show": [("show", "ada@example.com"), ("show", "nobody@example.com")],
    "show-request": [("show", "evt_1", "--request")],
    "status": [("status",)],
    "tail": [("tail", "--last", "5", "--no-follow")],
    "verify": [("verify", "form", "PAYLOAD", "--header", "X-Token: a")],
}
"""What is run for each schema, in a prepared installation."""

ASKS_ZOHO = frozenset({"doctor-learn", "reconcile"})
"""What has nothing to print without Zoho, whose place the sandbox takes."""


class _Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(202)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def outputs(name: str) -> list[Any]:
    """What the commands of a schema print, in a folder with leads in each state."""
    server = HTTPServer(("127.0.0.1", 0), _Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with TemporaryDirectory() as folder, _zoho() if name in ASKS_ZOHO else nullcontext():
        installation = Installation(Path(folder))
        try:
            _fill(installation)
            payload = Path(folder) / "payload.json"
            payload.write_text('{"email": "ada@example.com", "name": "Ada"}')
            places = {
                "PAYLOAD": str(payload),
                "LEARNED": f"{folder}/learned.json",
                "SERVER/hooks/form": f"http://127.0.0.1:{server.server_port}/hooks/form",
            }
            return [
                _read(installation.run(*(places.get(one, one) for one in arguments), "--json").stdout)
                for arguments in COMMANDS[name]
            ]
        finally:
            installation.store.close()
            structlog.reset_defaults()
            server.shutdown()
            server.server_close()


@contextmanager
def _zoho() -> Iterator[None]:
    """A local Zoho, to which the settings of the environment point."""
    with running(SandboxSettings(account=default_account())) as url, pytest.MonkeyPatch.context() as environment:
        for name in ("ACCOUNTS_URL", "API_URL", "CLIENT_ID", "CLIENT_SECRET", "REFRESH_TOKEN"):
            environment.setenv(f"ZOHO_{name}", url if name.endswith("URL") else "some")
        yield


def _read(printed: str) -> Any:
    with suppress(json.JSONDecodeError):
        return json.loads(printed)
    return [json.loads(line) for line in printed.splitlines()]  # one document a line


def _fill(installation: Installation) -> None:
    for name in ("ada", "grace", "alan", "mary"):
        installation.post(f"{name}@example.com")
    installation.post("")
    store, driver = installation.store, OutboxDriver(installation.store)
    inbox.add_rejections(store, {("form", "signature"): 3}, at=store.now() + 1)
    (lane,) = lanes(store, "default", "subscribe", cap=400)
    hold = SideEffect(hold_reason="the list is gone", probe_at=store.now() + 1)
    driver.finish(driver.claimed(lane.lane_id, batch=1))
    driver.finish(driver.claimed(lane.lane_id, batch=1), DeliveryState.DEAD, reason=DeadReason.PERMANENT)
    driver.finish(driver.claimed(lane.lane_id, batch=1), DeliveryState.PENDING, hold, available_at=store.now() + 60_000)


def commands_with_json() -> Iterator[str]:
    for group in GROUPS:
        for name in group.commands:
            command = importlib.import_module(f"bridge.cli.{group.package}.{name.replace('-', '_')}").command
            if any("--json" in parameter.opts for parameter in command.params):
                yield name


def test_every_command_with_json_has_a_schema() -> None:
    assert set(commands_with_json()) <= {path.stem for path in SCHEMAS.glob("*.json")}
    assert set(COMMANDS) == {path.stem for path in SCHEMAS.glob("*.json")} - {"log-lines"}


@pytest.mark.parametrize("name", COMMANDS)
def test_what_a_command_prints_fits_its_schema(name: str) -> None:
    schema = json.loads((SCHEMAS / f"{name}.json").read_text())
    for printed in outputs(name):
        jsonschema.validate(printed, schema, cls=jsonschema.Draft202012Validator)


def described(samples: Sequence[Any], *, is_map: bool = False) -> dict[str, Any]:
    """The schema that all samples fit: their types, their keys, and which of them are always there."""
    made: dict[str, Any] = {}
    objects = [one for one in samples if isinstance(one, dict)]
    arrays = [one for one in samples if isinstance(one, list)]
    types = sorted({_type(one) for one in samples})
    if types == ["null"] or not types:
        return {}
    made["type"] = types[0] if len(types) == 1 else types
    if is_map:
        return made if objects and len(types) == 1 else {}
    if objects:
        keys = sorted({key for one in objects for key in one})
        if all(PLAIN.fullmatch(key) for key in keys):
            always = [key for key in keys if all(key in one for one in objects)]
            of = {key: [one[key] for one in objects if key in one] for key in keys}
            made["properties"] = {key: described(of[key], is_map=key in MAPS) for key in keys}
            made |= {"required": always} if always else {}
            made["additionalProperties"] = False
    if arrays:
        made["items"] = described([item for one in arrays for item in one])
    return made


def _type(value: Any) -> str:
    names = {bool: "boolean", int: "number", float: "number", str: "string", dict: "object", list: "array"}
    return names.get(type(value), "null")


if __name__ == "__main__":
    os.environ.pop("LEADBRIDGE_DATABASE_URL", None)
    for chosen in sys.argv[1:] or COMMANDS:
        made = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": f"urn:leadbridge:schema:{chosen}"}
        made |= {"title": f"leadbridge {chosen.replace('-', ' --')} --json", **described(outputs(chosen))}
        (SCHEMAS / f"{chosen}.json").write_text(json.dumps(made, indent=2) + "\n")
