"""A lead of an ids-only sender, all the way: its webhook, its answers fetched, Zoho."""

from __future__ import annotations

import hashlib
import hmac
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import orjson
import pytest

from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.conftest import NewSandbox, NewService

MAPPING = """
preset: meta-lead-ads
secrets: {signing: META_SECRET, verify_token: META_VERIFY}
fetch: {token: META_TOKEN}
consent: {not_asked: the ad itself says so}
lead:
  Lead Email: {answer: email}
actions:
  - subscribe: {list: Newsletter}
"""

LEAD = {"id": "7", "field_data": [{"name": "email", "values": ["ada@example.com"]}]}


@pytest.fixture
def graph() -> Iterator[str]:
    """Meta's Graph API in this process, which takes one token."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.path.startswith("/graph.facebook.com/v23.0/7?") and "access_token=page-token" in self.path
            body = orjson.dumps(LEAD if known else {})
            self.send_response(200 if known else 401)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_meta_lead_arrives_as_an_id_is_fetched_and_subscribed(
    new_service: NewService, new_sandbox: NewSandbox, graph: str
) -> None:
    sandbox = new_sandbox()
    secrets = {"META_SECRET": "app-secret", "META_VERIFY": "v", "META_TOKEN": "page-token"}
    service = new_service(**sandbox.settings, **secrets, LEADBRIDGE_FETCH_URL=graph)
    service.write(ads=MAPPING)
    running = service.start("serve")
    change = {"field": "leadgen", "value": {"leadgen_id": "7", "form_id": "9", "created_time": 1_700_000_000}}
    body = orjson.dumps({"object": "page", "entry": [{"id": "1", "time": 1, "changes": [change]}]})
    signature = hmac.new(b"app-secret", body, hashlib.sha256).hexdigest()
    answer = service.post("ads", body, {"X-Hub-Signature-256": f"sha256={signature}"})
    assert orjson.loads(answer.body)["events"][0]["state"] == "fetching"
    assert wait_until(lambda: service.delivery_states("ada@example.com") == ["delivered"])
    assert service.lines("event.completed")[0]["state"] == "accepted"
    assert running.stop() == 0
    output = running.output.read_text() + running.errors.read_text()
    assert "page-token" not in output
    assert "ada@example.com" not in output
