"""What the crash harness runs: a service with one hook, its sandbox, and webhooks for it."""

from __future__ import annotations

import base64
import hmac
import http.client
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from tests.e2e.conftest import LEADBRIDGE, Processes, Sandbox, Service

if TYPE_CHECKING:
    from bridge.http import Http

SITE = Path(__file__).parent / "site"
SECRET = "the secret of the crash harness"
LIMITS = {"subscribe": 1_000, "trigger": 100}
WINDOW_SECONDS = 5.0
MAPPING = """
preset: typeform
secrets: {signing: TYPEFORM_SECRET}
consent: {answer: consent}
lead:
  Lead Email: {answer: email}
  First Name: {answer: version}
actions:
  - subscribe: {list: Newsletter}
  - trigger: {journey: Welcome}
  - tag: {name: VIP, when: {answer: tagged, is: true}}
  - untag: {name: VIP, when: {answer: tagged, is_not: true}}
withdraw:
  when: {answer: leaves, agreed: true}
  actions:
    - untag: VIP
    - unsubscribe: {list: Newsletter}
    - do_not_mail: {when: {answer: never, agreed: true}}
"""
DELIVERIES = 3
"""Of each webhook of somebody who does not leave: subscribed, triggered, tagged or untagged."""


def start_sandbox(folder: Path, http_: Http) -> Sandbox:
    """A sandbox with short windows."""
    options = [part for api, calls in LIMITS.items() for part in (f"--{api}-calls", str(calls))]
    command = (*LEADBRIDGE, "sandbox", "--port", "0", "--window", str(WINDOW_SECONDS), "--lock", "20", *options)
    return Sandbox(Processes(command, folder / "sandbox", {}, "sandbox"), http_)


def make_service(folder: Path, database_url: str, points: Path, sandbox: Sandbox, http_: Http) -> Service:
    """An installation on that sandbox, with short leases; `points` is the folder of the points (site/points.py)."""
    settings = {
        "PYTHONPATH": str(SITE),
        "CRASH_FOLDER": str(points),
        "TYPEFORM_SECRET": SECRET,
        "LEADBRIDGE_DATABASE_URL": database_url,
        "LEADBRIDGE_WINDOW_SECONDS": str(WINDOW_SECONDS),
        "LEADBRIDGE_LOCK_SECONDS": "20",
        **{f"LEADBRIDGE_{api.upper()}_CALLS": str(calls) for api, calls in LIMITS.items()},
    }
    service = Service(folder, http_, sandbox.settings | settings)
    at = f"127.{secrets.randbelow(254) + 1}.{secrets.randbelow(254) + 1}.{secrets.randbelow(254) + 1}"
    for name in ("LEADBRIDGE_BIND", "LEADBRIDGE_ADMIN_BIND"):  # nobody takes its port while it is dead
        service.settings[name] = service.settings[name].replace("127.0.0.1", at)
    service.hooks_url, service.admin_url = (
        url.replace("127.0.0.1", at) for url in (service.hooks_url, service.admin_url)
    )
    service.write(typeform=MAPPING)
    return service


def key_of(address: str, version: int) -> str:
    """Under which key the outbox knows a webhook."""
    return f"id:{address} {version}"


def is_tagged(version: int) -> bool:
    """Whether a lead has its tag after the webhook of this version: every other one takes it away."""
    return version % 2 == 1


def webhook(address: str, version: int, *, leaves: bool = False, never: bool = False) -> bytes:
    """The body of a lead's webhook; the lead's first name becomes its version.

    With `leaves` the lead withdraws; with `never`, too, nobody may ever write to it again.
    """
    values = {
        "email": address,
        "version": f"V{version}",
        "tagged": is_tagged(version),
        "consent": not leaves,
        "leaves": leaves,
        "never": never,
    }
    texts = {"email": ("email", "email"), "version": ("text", "short_text")}
    kinds = {name: texts.get(name, ("boolean", "yes_no")) for name in values}
    fields = [{"id": ref, "ref": ref, "type": kinds[ref][1], "title": ref} for ref in values]
    answers = [
        {"type": kinds[ref][0], kinds[ref][0]: value, "field": {"id": ref, "ref": ref, "type": kinds[ref][1]}}
        for ref, value in values.items()
    ]
    token = f"{address} {version}"
    response = {"form_id": "f", "token": token, "definition": {"fields": fields}, "answers": answers}
    return orjson.dumps({"event_id": token, "event_type": "form_response", "form_response": response})


def signature(body: bytes) -> str:
    """The signature of a webhook."""
    return f"sha256={base64.b64encode(hmac.digest(SECRET.encode(), body, 'sha256')).decode()}"


def post(service: Service, body: bytes) -> tuple[int, bytes]:
    """Post a signed webhook once; the status of the answer and its body, 0 without one."""
    headers = {"Content-Type": "application/json", "Typeform-Signature": signature(body)}
    connection = http.client.HTTPConnection(service.hooks_url.removeprefix("http://"), timeout=15)
    try:
        connection.request("POST", "/hooks/typeform", body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        connection.close()
