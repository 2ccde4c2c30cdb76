"""n8n: a workflow of a webhook that answers at once and a step after it; every execution is saved, as by default."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
from contextlib import closing, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import orjson

from benchmarks.peers.peer import HOST, Peer, PeerError, Running, free_port, processes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_ID: Final = "typeform"
_READY: Final = b"Activated workflow"
"""Before that, the hook may be taken and then be gone for a moment."""

_IDS: Final = re.compile(r"[0-9a-f]{16}")


def n8n(program: str, version: str, workspace: Path) -> Peer:
    """n8n on SQLite with its default settings, but without what calls home.

    The workflow is imported once, into a folder of the workspace that every start starts from.
    """
    return Peer(
        name=f"n8n {version}",
        setup='`Webhook` ("respond immediately"), `Edit Fields`; no signature; default settings, SQLite, '
        "executions saved",
        synced="execution",
        start=partial(_n8n, program, workspace / "n8n"),
    )


@contextmanager
def _n8n(program: str, template: Path, folder: Path) -> Iterator[Running]:
    if not template.exists():
        _import(program, template)
    home = folder / "home"
    if not home.exists():
        shutil.copytree(template, home)
    port = free_port()
    with processes([program, "start"], port, folder, environ=_settings(home, port), prints=_READY) as group:
        yield Running(port=port, group=group, stored=partial(_executions, home / ".n8n" / "database.sqlite"))


def _settings(home: Path, port: int) -> Mapping[str, str]:
    """`/hooks/` in the place of `/webhook/` lets the same requests do for all peers."""
    return {
        "N8N_USER_FOLDER": str(home),
        "N8N_LISTEN_ADDRESS": HOST,
        "N8N_PORT": str(port),
        "N8N_RUNNERS_BROKER_PORT": str(free_port()),
        "N8N_ENDPOINT_WEBHOOK": "hooks",
        "N8N_DIAGNOSTICS_ENABLED": "false",
        "N8N_VERSION_NOTIFICATIONS_ENABLED": "false",
        "N8N_TEMPLATES_ENABLED": "false",
    }


def _import(program: str, template: Path) -> None:
    template.mkdir()
    workflow = template / "workflow.json"
    workflow.write_bytes(orjson.dumps(_workflow()))
    environ = os.environ | _settings(template, free_port())
    for arguments in (["import:workflow", f"--input={workflow}"], ["publish:workflow", f"--id={_ID}"]):
        ended = subprocess.run([program, *arguments], env=environ, capture_output=True, text=True, check=False)
        if ended.returncode:
            raise PeerError(f"n8n {arguments[0]} failed:\n{ended.stdout}{ended.stderr}")


def _workflow() -> dict[str, Any]:
    webhook = {
        "id": "webhook",
        "name": "Webhook",
        "type": "n8n-nodes-base.webhook",
        "typeVersion": 2,
        "position": [0, 0],
        "webhookId": _ID,
        "parameters": {
            "httpMethod": "POST",
            "path": "typeform",
            "responseMode": "onReceived",
            "options": {"responseCode": {"values": {"responseCode": 202}}},
        },
    }
    assignment = {"id": "email", "name": "email", "type": "string", "value": "={{ $json.body.event_id }}"}
    fields = {
        "id": "fields",
        "name": "Fields",
        "type": "n8n-nodes-base.set",
        "typeVersion": 3.4,
        "position": [200, 0],
        "parameters": {"assignments": {"assignments": [assignment]}, "options": {}},
    }
    return {
        "id": _ID,
        "name": "Typeform",
        "active": False,
        "nodes": [webhook, fields],
        "connections": {"Webhook": {"main": [[{"node": "Fields", "type": "main", "index": 0}]]}},
        "settings": {"executionOrder": "v1"},
    }


def _executions(database: Path) -> set[str]:
    """The ids anywhere in the data of saved executions, whatever became of these."""
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("SELECT data FROM execution_data").fetchall()
    return {found for (data,) in rows for found in _IDS.findall(data)}
