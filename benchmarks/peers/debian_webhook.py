"""`webhook`, as Debian packages it (https://github.com/adnanh/webhook): a hook that runs a command for each request."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from functools import partial
from shlex import quote
from typing import TYPE_CHECKING, Any, Final

import orjson

from benchmarks.peers.peer import HOST, Peer, Running, free_port, ids_in_lines, processes
from benchmarks.peers.webhooks import SECRET

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SETUP: Final = "signature; for each webhook `sh` and `dd` append the body to a file with fdatasync"
_STORE: Final = """\
#!/bin/sh
printf '%s\\n' "$1" | dd of={stored} bs=64k iflag=fullblock oflag=append conv=notrunc,fdatasync status=none
"""


def webhook_answering_first(program: str) -> Peer:
    """As it is set up unless configured otherwise: the answer does not wait for the command."""
    return Peer(
        name=f"webhook {_version(program)}",
        setup=f"{_SETUP}; answers before the command has run, its default",
        synced="nothing",
        start=partial(_webhook, program, waits=False),
    )


def webhook_waiting(program: str) -> Peer:
    """The answer brings the command's output, so it waits for the command."""
    return Peer(
        name=f"webhook {_version(program)}, waiting",
        setup=f"{_SETUP}; `include-command-output-in-response` makes it wait",
        synced="body",
        start=partial(_webhook, program, waits=True),
    )


@contextmanager
def _webhook(program: str, folder: Path, *, waits: bool) -> Iterator[Running]:
    port, stored, store, hooks = free_port(), folder / "stored", folder / "store.sh", folder / "hooks.json"
    store.write_text(_STORE.format(stored=quote(str(stored))), encoding="utf-8")
    store.chmod(0o755)
    hooks.write_bytes(orjson.dumps([_hook(store, waits=waits)]))
    command = [program, "-hooks", str(hooks), "-ip", HOST, "-port", str(port)]
    with processes(command, port, folder) as group:
        yield Running(port=port, group=group, stored=partial(ids_in_lines, stored))


def _hook(store: Path, *, waits: bool) -> dict[str, Any]:
    """Its signatures are in hexadecimal (https://github.com/adnanh/webhook/blob/master/docs/Hook-Rules.md)."""
    header = {"source": "header", "name": "X-Signature"}
    return {
        "id": "typeform",
        "execute-command": str(store),
        "http-methods": ["POST"],
        "success-http-response-code": 202,
        "include-command-output-in-response": waits,
        "pass-arguments-to-command": [{"source": "raw-request-body"}],
        "trigger-rule": {"match": {"type": "payload-hmac-sha256", "secret": SECRET, "parameter": header}},
    }


def _version(program: str) -> str:
    return subprocess.run([program, "-version"], capture_output=True, check=True, text=True).stdout.split()[-1]
