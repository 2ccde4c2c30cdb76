"""Intake: the bytes of a request in, trusted and normalised events out.

In the order of the flow: `handshake`, `scheme` (proof as data), `verify`, `parse`, `preset` (what is known of a sender)
with `recipe` (how it reads an event) and `fetch` (what is asked for later), `keep`, `keys`, and `view` for people.
"""

from __future__ import annotations

from bridge.intake.diagnose import Diagnosis, diagnose
from bridge.intake.fetch import Fault, Fetch, FetchCall, completed, fetch_fault, next_fetch, wants_fetch
from bridge.intake.handshake import HandshakeAnswer, answer_handshake
from bridge.intake.instant import Unit, as_iso, read_instant
from bridge.intake.keep import kept_headers, redacted_query
from bridge.intake.keep_body import kept_body
from bridge.intake.keys import DIGEST_LIFETIME_MS, body_key, idempotency_key
from bridge.intake.limits import DEFAULT_LIMITS, Limits
from bridge.intake.parse import BodyKind, parse
from bridge.intake.preset import Preset, RequiredAnswer, load_preset, load_presets, read_events
from bridge.intake.prove import prove
from bridge.intake.scheme import NoVerification, QueryToken, Scheme, proof_headers, roles
from bridge.intake.scheme_text import read_scheme
from bridge.intake.verify import VerifiedRequest, secret_problems, verify
from bridge.intake.view import event_as_json, preset_as_json

__all__ = [
    "DEFAULT_LIMITS",
    "DIGEST_LIFETIME_MS",
    "BodyKind",
    "Diagnosis",
    "Fault",
    "Fetch",
    "FetchCall",
    "HandshakeAnswer",
    "Limits",
    "NoVerification",
    "Preset",
    "QueryToken",
    "RequiredAnswer",
    "Scheme",
    "Unit",
    "VerifiedRequest",
    "answer_handshake",
    "as_iso",
    "body_key",
    "completed",
    "diagnose",
    "event_as_json",
    "fetch_fault",
    "idempotency_key",
    "kept_body",
    "kept_headers",
    "load_preset",
    "load_presets",
    "next_fetch",
    "parse",
    "preset_as_json",
    "proof_headers",
    "prove",
    "read_events",
    "read_instant",
    "read_scheme",
    "redacted_query",
    "roles",
    "secret_problems",
    "verify",
    "wants_fetch",
]
