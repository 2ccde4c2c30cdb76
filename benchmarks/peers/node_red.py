"""Node-RED: a flow that appends each webhook to a file and answers."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import orjson

from benchmarks.peers.peer import HOST, Peer, Running, free_port, ids_in_lines, processes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def node_red(program: str, version: str) -> Peer:
    """Node-RED with its default settings."""
    return Peer(
        name=f"Node-RED {version}",
        setup="`http in`, `json`, `file` (append), `http response`; no signature; default settings",
        synced="nothing",
        start=partial(_node_red, program),
    )


@contextmanager
def _node_red(program: str, folder: Path) -> Iterator[Running]:
    port, stored, flow = free_port(), folder / "stored", folder / "flow.json"
    flow.write_bytes(orjson.dumps(_flow(stored)))
    options = ["--userDir", str(folder / "home"), "--port", str(port), "-D", f"uiHost={HOST}"]
    with processes([program, *options, str(flow)], port, folder) as group:
        yield Running(port=port, group=group, stored=partial(ids_in_lines, stored))


def _flow(stored: Path) -> list[dict[str, Any]]:
    """The file's node passes a message on once it has written it, so the answer comes after that."""
    tab = {"id": "tab", "type": "tab", "label": "Typeform"}
    nodes: list[dict[str, Any]] = [
        {"id": "in", "type": "http in", "url": "/hooks/typeform", "method": "post", "wires": [["text"]]},
        {"id": "text", "type": "json", "property": "payload", "action": "str", "wires": [["file"]]},
        {
            "id": "file",
            "type": "file",
            "filename": str(stored),
            "filenameType": "str",
            "appendNewline": True,
            "overwriteFile": "false",
            "encoding": "none",
            "wires": [["out"]],
        },
        {"id": "out", "type": "http response", "statusCode": "202", "wires": []},
    ]
    return [tab, *({**node, "z": "tab", "x": 0, "y": 0} for node in nodes)]  # without a place it is no step of a flow
