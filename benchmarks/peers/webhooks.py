"""The webhooks every peer gets: Typeform's, of one size, no two with the same id or of the same person."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Final

import orjson

from bridge.demo.webhooks import webhooks

SECRET: Final = secrets.token_hex(16)
"""What the sender and the peers that look at signatures share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posts:
    """Whole HTTP requests, and the id of each: its `event_id` and the name in its address, at example.com."""

    ids: list[str]
    requests: list[bytes]


def prepare(count: int) -> Posts:
    """So many new webhooks, signed twice: as Typeform signs, and in hexadecimal for servers that know only that."""
    template = next(webhook.body for webhook in webhooks() if webhook.hook == "typeform")
    event_id = orjson.loads(template)["event_id"].encode()
    ids = [secrets.token_hex(8) for _ in range(count)]
    return Posts(ids=ids, requests=[_request(_body(template, event_id, one.encode())) for one in ids])


def _body(template: bytes, event_id: bytes, new_id: bytes) -> bytes:
    return template.replace(event_id, new_id).replace(b"Ada@", new_id + b"@")


def _request(body: bytes) -> bytes:
    digest = hmac.digest(SECRET.encode(), body, hashlib.sha256)
    head = (
        "POST /hooks/typeform HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Typeform-Signature: sha256={base64.b64encode(digest).decode()}\r\n"
        f"X-Signature: sha256={digest.hex()}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
