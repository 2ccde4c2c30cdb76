"""What an editor completes in a mapping, by the language server: keys, forms of `verify:`, the account's names."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bridge.authoring.editor import write_schema
from bridge.zoho import Journey, MailingList, Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVER = Path(__file__).with_name("node_modules") / ".bin" / "yaml-language-server"
MODELINE = "# yaml-language-server: $schema=.mapping.schema.json\n"


class LanguageServer:
    """yaml-language-server over its standard input and output (the Language Server Protocol, version 3.17)."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen([SERVER, "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder)
        self.folder, self.count = folder, 0
        self.ask("initialize", processId=None, rootUri=folder.as_uri(), capabilities={})
        self.notify("initialized")

    def notify(self, method: str, **parameters: Any) -> None:
        self._write({"jsonrpc": "2.0", "method": method, "params": parameters})

    def ask(self, method: str, **parameters: Any) -> Any:
        self.count += 1
        self._write({"jsonrpc": "2.0", "id": self.count, "method": method, "params": parameters})
        while True:
            message = self._read()
            if message.get("id") == self.count and "method" not in message:
                return message.get("result")
            if "id" in message:  # the server asks for our configuration: there is none
                items = message.get("params", {}).get("items", [])
                self._write({"jsonrpc": "2.0", "id": message["id"], "result": [{} for _ in items]})

    def completions(self, text: str) -> set[str]:
        """What is offered at the place marked by `|`."""
        before, _, after = text.partition("|")
        uri = (self.folder / f"mapping-{self.count}.yaml").as_uri()
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": before + after}
        self.notify("textDocument/didOpen", textDocument=document)
        line, column = before.count("\n"), len(before.rpartition("\n")[2])
        found = self.ask(
            "textDocument/completion", textDocument={"uri": uri}, position={"line": line, "character": column}
        )
        return {item["label"].strip('"') for item in found["items"]}

    def _write(self, message: dict[str, Any]) -> None:
        body = json.dumps(message).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def _read(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        length = 0
        while (line := self.process.stdout.readline().strip()) or not length:
            assert line, "the language server ended"
            if line.lower().startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        message: dict[str, Any] = json.loads(self.process.stdout.read(length))
        return message


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LanguageServer]:
    if shutil.which("node") is None or not SERVER.exists():
        assert not os.environ.get("CI"), "run `npm ci --prefix tests/editor`"
        pytest.skip("yaml-language-server is not installed (npm ci --prefix tests/editor)")
    folder = tmp_path_factory.mktemp("mappings")
    account = Snapshot(
        taken_at=1,
        lists=(MailingList(key="1", name="Newsletter"), MailingList(key="2", name="Webinar guests")),
        journeys=(Journey(key="3", name="Welcome"),),
        fields=("Lead Email", "First Name", "Date of Birth"),
    )
    (folder / "account.json").write_bytes(account.to_json())
    write_schema(folder)
    opened = LanguageServer(folder)
    yield opened
    opened.process.kill()
    opened.process.communicate()


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("pre|", {"preset"}),
        ("preset: json\nverify:\n  |", {"header_token", "query_token", "basic", "hmac", "jwt"}),
        ("preset: json\nverify:\n  hmac:\n    |", {"header", "format", "algorithm", "encoding", "content"}),
        ("preset: json\nverify:\n  hmac:\n    header: X-Sign\n    encoding: |", {"hex", "base64", "base64url"}),
        ("preset: json\nlead:\n  |", {"Lead Email", "First Name", "Date of Birth"}),
        ("preset: json\nlead:\n  First Name:\n    |", {"answer", "from", "value", "default"}),
        ("preset: json\nactions:\n  - |", {"subscribe", "trigger"}),
        ("preset: json\nactions:\n  - subscribe:\n      list: |", {"Newsletter", "Webinar guests"}),
        ("preset: json\nactions:\n  - trigger:\n      journey: |", {"Welcome"}),
    ],
    ids=lambda value: value.rpartition("\n")[2] if isinstance(value, str) else "",
)
def test_the_editor_offers(server: LanguageServer, text: str, offered: set[str]) -> None:
    found = server.completions(MODELINE + text)
    assert offered <= found
