"""Which peers are there to be measured, and how to install the others."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

import orjson

from benchmarks.peers.debian_webhook import webhook_answering_first, webhook_waiting
from benchmarks.peers.flask_peers import bare, inline_script, inline_script_without_limit
from benchmarks.peers.n8n import n8n
from benchmarks.peers.node_red import node_red
from benchmarks.peers.product import leadbridge

if TYPE_CHECKING:
    from benchmarks.peers.peer import Peer

INSTALL: Final = {
    "webhook": "apt-get install webhook",
    "node-red": "npm install node-red, in the folder given by --peers",
    "n8n": "npm install n8n, in the folder given by --peers",
}


def find_peers(folder: Path, workspace: Path) -> tuple[list[Peer], list[str]]:
    """The peers, the bare handler first, and a line for each that is not installed.

    `folder` is where npm installed; `workspace` is an empty folder for what is prepared once.
    """
    path = os.pathsep.join((str(folder / "node_modules" / ".bin"), os.environ.get("PATH", "")))
    programs = {name: shutil.which(name, path=path) for name in INSTALL}
    peers = [bare(), leadbridge(), inline_script(), inline_script_without_limit()]
    if program := programs["webhook"]:
        peers += [webhook_answering_first(program), webhook_waiting(program)]
    if program := programs["node-red"]:
        peers.append(node_red(program, _version(program)))
    if program := programs["n8n"]:
        peers.append(n8n(program, _version(program), workspace))
    return peers, [f"{name} ({INSTALL[name]})" for name, program in programs.items() if program is None]


def _version(program: str) -> str:
    """The version in the package.json above a program of npm's."""
    for folder in Path(program).resolve().parents:
        if (folder / "package.json").exists():
            return str(orjson.loads((folder / "package.json").read_bytes()).get("version", ""))
    return ""
