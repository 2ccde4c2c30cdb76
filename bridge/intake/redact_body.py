"""What is stored of a request's body: all of it but a secret that travels inside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.intake.body.read import FORM_TYPE
from bridge.intake.body.write import write_body
from bridge.intake.parse import parse
from bridge.intake.redact_request import query_as_form
from bridge.intake.verification.scheme import BodySecret

if TYPE_CHECKING:
    from bridge.intake.verification.verify import VerifiedRequest


def stored_body(verified: VerifiedRequest) -> tuple[bytes, str]:
    """What is stored of a request, to be read again, and its content type; of a GET it is the query as a form.

    A body with a secret inside is written again without it, however the sender spelled it; any other is stored byte
    for byte. Raises UnreadableError when the secret's place is gone, which `verify` has read.
    """
    request = verified.request
    if request.method == "GET":
        return query_as_form(request, verified.scheme), FORM_TYPE
    if isinstance(verified.scheme, BodySecret):
        return write_body(parse(verified, verified.body_kind))
    return request.body, request.headers.get("content-type", "")
