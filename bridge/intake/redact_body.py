"""What is stored of a request's body: all of it but a secret that travels inside."""

from __future__ import annotations

import html
import json
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, quote_plus

from bridge.errors import IntakeError
from bridge.expressions import walk
from bridge.intake.body.read import BodyKind, read_body
from bridge.intake.redact_request import query_as_form
from bridge.intake.verification.scheme import BodySecret

if TYPE_CHECKING:
    from bridge.intake.verification.verify import VerifiedRequest
    from bridge.model import Request

REDACTED: Final = b"redacted"
"""What stands in a kept body in the place of its secret."""

_LONG: Final = 8
"""A secret of so many characters is replaced wherever it stands; a shorter one only next to its name."""


def stored_body(verified: VerifiedRequest) -> tuple[bytes, str]:
    """What is stored of a request, to be read again, and its content type; of a GET it is the query as a form.

    A secret inside the body is replaced; all else stays byte for byte.
    """
    request = verified.request
    if request.method == "GET":
        return query_as_form(request, verified.scheme), "application/x-www-form-urlencoded"
    body = request.body
    if isinstance(verified.scheme, BodySecret):
        body = _without_secret(request, verified.scheme)
    return body, request.headers.get("content-type", "")


def _without_secret(request: Request, scheme: BodySecret) -> bytes:
    try:
        secret = walk(read_body(request, BodyKind.ANY), scheme.steps)
    except IntakeError:
        return request.body
    if not isinstance(secret, str) or not secret:
        return request.body
    written = rb"|".join(re.escape(one) for one in sorted(_spellings(secret), key=len, reverse=True))
    if len(secret) >= _LONG:
        return re.sub(written, REDACTED, request.body)
    name = re.escape(str(scheme.steps[-1]).encode())
    named = rb"(" + name + rb"""["']?\s*[:=>]?\s*["']?)(?:""" + written + rb")"
    return re.sub(named, rb"\g<1>" + REDACTED, request.body)


def _spellings(secret: str) -> set[bytes]:
    """A secret as JSON, a form and XML may write it."""
    in_json = {json.dumps(secret, ensure_ascii=plain)[1:-1] for plain in (True, False)}
    spelled = {secret, quote(secret), quote(secret, safe=""), quote_plus(secret), html.escape(secret), *in_json}
    spelled |= {one.replace("/", "\\/") for one in in_json}
    return {one.encode("utf-8", "surrogatepass") for one in spelled}
