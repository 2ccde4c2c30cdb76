"""Intake: the bytes of a request in, trusted and normalised events out.

In the order of the flow: `handshake`, `scheme` (verification as data), `verify`, `parse`, `preset` (a sender as data)
with `recipe` (how it reads an event) and `fetch` (what is asked for later), `keep`, `keys`, and `view` for people.
"""

from __future__ import annotations

from bridge.intake.body.content import Content
from bridge.intake.body.form import read_query
from bridge.intake.body.json_text import read_json
from bridge.intake.body.read import BodyKind, read_fields
from bridge.intake.describe import event_as_json, preset_as_json
from bridge.intake.events.rivals import rival_email_questions
from bridge.intake.fetch import (
    Fetch,
    FetchCall,
    FetchError,
    completed,
    fetch_error,
    next_fetch,
    read_answer,
    wants_fetch,
)
from bridge.intake.handshake import HandshakeAnswer, answer_handshake
from bridge.intake.idempotency import DIGEST_LIFETIME_MS, digest, idempotency_key, input_digest
from bridge.intake.parse import parse
from bridge.intake.preset import Preset, RequiredAnswer, load_preset, load_presets, read_events
from bridge.intake.redact_body import stored_body
from bridge.intake.redact_request import redact_headers, redact_query
from bridge.intake.undecodable import possible_readings
from bridge.intake.verification.diagnose import Diagnosis, diagnose
from bridge.intake.verification.scheme import NoVerification, QueryToken, Scheme, roles, signature_headers
from bridge.intake.verification.scheme_document import read_scheme
from bridge.intake.verification.secret_check import secret_problems
from bridge.intake.verification.sign import sign_request
from bridge.intake.verification.verify import VerifiedRequest, verify

__all__ = [
    "DIGEST_LIFETIME_MS",
    "BodyKind",
    "Content",
    "Diagnosis",
    "Fetch",
    "FetchCall",
    "FetchError",
    "HandshakeAnswer",
    "NoVerification",
    "Preset",
    "QueryToken",
    "RequiredAnswer",
    "Scheme",
    "VerifiedRequest",
    "answer_handshake",
    "completed",
    "diagnose",
    "digest",
    "event_as_json",
    "fetch_error",
    "idempotency_key",
    "input_digest",
    "load_preset",
    "load_presets",
    "next_fetch",
    "parse",
    "possible_readings",
    "preset_as_json",
    "read_answer",
    "read_events",
    "read_fields",
    "read_json",
    "read_query",
    "read_scheme",
    "redact_headers",
    "redact_query",
    "rival_email_questions",
    "roles",
    "secret_problems",
    "sign_request",
    "signature_headers",
    "stored_body",
    "verify",
    "wants_fetch",
]
