"""The tricks of forgers against a token: one that is compared, and one that is signed by a private key."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from bridge.model import Request


def candidates(secret: str) -> Iterator[tuple[str, str]]:
    """Wrong tokens that resemble the right one, each with the name of its trick."""
    yield "an empty token", ""
    yield "a truncated token", secret[:-1]
    yield "a truncated token", secret[:1]
    yield "a padded token", secret + "x"
    yield "a padded token", f"{secret}\x00"
    yield "a padded token", f"{secret},{secret}"
    yield "another case", secret.swapcase()
    yield "a quoted token", f'"{secret}"'
    yield "a wildcard", "*"
    yield "letters that look alike", secret.replace("A", "Ａ") if "A" in secret else f"Ａ{secret}"
    yield "bytes that are no text", f"{secret}\xff"
    yield "in another encoding", base64.b64encode(secret.encode()).decode()
    yield "in another encoding", secret.encode().hex()
    yield "backwards", secret[::-1]
    yield "a digest of it", hashlib.sha256(secret.encode()).hexdigest()


def against_token(genuine: Request, public_pem: str) -> Iterator[tuple[str, Request]]:
    """Tokens that nobody signed with the private key of this public one."""
    head, claims, signature = genuine.body.split(b".")
    for alg in ("none", "None", "NONE", "HS256", "RS384", "PS256", "ES256", "", None, ["RS256"]):
        forged_head = part({"alg": alg, "typ": "JWT"})
        content = forged_head + b"." + claims
        for key in (public_pem.encode(), public_pem.strip().encode(), b""):
            forged = _b64(hmac.digest(key or b"\x00", content, "sha256"))
            yield "key confusion", replace(genuine, body=content + b"." + forged)
        yield "another algorithm", replace(genuine, body=content + b"." + signature)
        yield "no signature", replace(genuine, body=content + b".")
    for named in (
        {"jwk": {"kty": "oct", "k": ""}},
        {"jku": "https://eve.example"},
        {"kid": "../../dev/null"},
        {"crit": ["x"]},
    ):
        content = part({"alg": "HS256", **named}) + b"." + claims
        yield (
            "a key of one's own",
            replace(genuine, body=content + b"." + _b64(hmac.digest(b"\x00", content, "sha256"))),
        )
    yield "other claims", replace(genuine, body=b".".join([head, part({"iat": 1, "data": "x"}), signature]))
    yield "a truncated signature", replace(genuine, body=genuine.body[:-8])
    yield "a padded signature", replace(genuine, body=genuine.body + b"AAAA")
    yield "a doubled signature", replace(genuine, body=genuine.body + b"." + signature)


def part(value: Any) -> bytes:
    """A part of a JSON Web Token."""
    return _b64(json.dumps(value).encode())


def _b64(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")
