"""What is stored of a request's body: all of it but a secret that travels inside."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from bridge.intake.body.content import map_texts
from bridge.intake.body.read import FORM_TYPE, read_body
from bridge.intake.body.write import write_body
from bridge.intake.redact_request import query_as_form
from bridge.intake.verification.scheme import BodySecret

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.intake.body.content import Content
    from bridge.intake.verification.verify import VerifiedRequest

REDACTED: Final = "redacted"
"""What stands in a stored body in the place of its secret."""

_LONG: Final = 8
"""A secret of so many characters is replaced wherever it stands; a shorter one only at its place."""


def stored_body(verified: VerifiedRequest) -> tuple[bytes, str]:
    """What is stored of a request, to be read again, and its content type; of a GET it is the query as a form.

    A body with a secret inside is written again without it, however the sender spelled it; any other is stored byte
    for byte. Raises UnreadableError when the secret's place is gone, which `verify` has read.
    """
    request = verified.request
    if request.method == "GET":
        return query_as_form(request, verified.scheme), FORM_TYPE
    if isinstance(verified.scheme, BodySecret):
        return write_body(_without_secret(read_body(request, verified.body_kind), verified.scheme.steps))
    return request.body, request.headers.get("content-type", "")


def _without_secret(content: Content, steps: Sequence[str | int]) -> Content:
    value = content.value
    *way, last = steps
    inner: Any = value
    for step in way:
        inner = inner[step]
    secret = inner[last]
    inner[last] = REDACTED
    if len(secret) >= _LONG:
        value = map_texts(value, lambda text: text.replace(secret, REDACTED))
    return replace(content, value=value)
