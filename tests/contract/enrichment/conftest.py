"""A receiver, a completer and a sender of ids only: real requests over HTTP, on each of the two databases."""

from __future__ import annotations

import hashlib
import hmac
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from bridge.enrichment.pipeline import Completer
from bridge.http import Http
from bridge.outbox import operator
from tests.builders import HookDriver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bridge.model import Receipt
    from bridge.outbox import Outbox
    from bridge.outbox.operator import EventStory
    from tests.conftest import StillClock

MAPPING = """
preset: meta-lead-ads
secrets: {signing: META_SECRET, verify_token: META_VERIFY}
fetch: {token: META_TOKEN}
consent: {answer: newsletter, is: "Yes"}
lead:
  Lead Email: {answer: email}
  First Name: {answer: first_name}
actions:
  - subscribe: {list: Newsletter}
  - trigger: {journey: Welcome}
"""


def lead(email: str = "ada@example.com", newsletter: str = "Yes") -> dict[str, Any]:
    """A lead as Meta's Graph API gives it."""
    answers = {"email": email, "first_name": "Ada", "newsletter": newsletter}
    return {"id": "7", "field_data": [{"name": name, "values": [value]} for name, value in answers.items()]}


class Sender:
    """Meta's Graph API in this process. `answer` is (status, JSON or bytes, headers) for each lead's id."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, Any, dict[str, str]]] = {}
        self.questions: list[str] = []
        self.let_go = threading.Event()
        self.let_go.set()
        sender = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                sender.questions.append(self.path)
                sender.let_go.wait(10)
                lead_id = self.path.partition("?")[0].rpartition("/")[2]
                status, content, headers = sender.answers.get(lead_id, (200, lead(), {}))
                body = content if isinstance(content, bytes) else orjson.dumps(content)
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Nothing is printed."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def answer(self, lead_id: str, status: int, content: Any = b"", **headers: str) -> None:
        self.answers[lead_id] = (status, content, headers)

    def close(self) -> None:
        self.let_go.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class FetchingHook(HookDriver):
    """One hook of Meta's lead ads over one outbox, and who fetches for it."""

    def __init__(self, store: Outbox, clock: StillClock, sender: Sender, http: Http) -> None:
        super().__init__(store, MAPPING, name="ads", secret="secret")
        self.clock, self.sender, self._http = clock, sender, http
        self.token = "page-token"

    def post(self, *lead_ids: str) -> list[Receipt]:
        changes = [
            {"field": "leadgen", "value": {"leadgen_id": one, "form_id": "9", "created_time": 1_700_000_000}}
            for one in lead_ids
        ]
        body = orjson.dumps({"object": "page", "entry": [{"id": "1", "time": 1, "changes": changes}]})
        signature = hmac.new(b"secret", body, hashlib.sha256).hexdigest()
        received = self.receive(body, {"x-hub-signature-256": f"sha256={signature}"})
        return [event.receipt for event in received.events]

    def completer(self, store: Outbox | None = None) -> Completer:
        return Completer(
            store or self.store, lambda: self.hooks, lambda _: self.token, self._http, base_url=self.sender.url
        )

    def complete(self) -> None:
        """Fetch what may be fetched now, as a process does that was just started."""
        self.completer().run_once()

    def stories(self) -> list[EventStory]:
        return list(operator.find_events(self.store, limit=1_000))[::-1]

    def states(self) -> list[tuple[str, str]]:
        return [(one.state.name.lower(), one.reason) for one in self.stories()]


@pytest.fixture
def sender() -> Iterator[Sender]:
    opened = Sender()
    yield opened
    opened.close()


@pytest.fixture
def ads(outbox: Outbox, clock: StillClock, sender: Sender) -> Iterator[FetchingHook]:
    with Http() as http:
        yield FetchingHook(outbox, clock, sender, http)
