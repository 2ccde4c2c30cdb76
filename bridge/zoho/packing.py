"""What may go into a call: which addresses at all, and how many deliveries by their size. `forms` writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote_plus, urlencode

import orjson

from bridge import address

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.model import ClaimedDelivery
    from bridge.zoho.apis import Api
    from bridge.zoho.resolve import Keys

MAX_BYTES = 100_000
"""What Zoho takes in a form body is not documented; 200 of the longest addresses stay below this."""

MAX_TARGET = 7_500
"""The most bytes of a path with its query that are safe to send. Zoho documents none. RFC 9110 asks every recipient
for URIs of 8,000 (https://www.rfc-editor.org/rfc/rfc9110#section-4.1-5), and servers do little more: nginx takes a
request line of 8,192 (https://nginx.org/en/docs/http/ngx_http_core_module.html#large_client_header_buffers), Apache
one of 8,190, and Tomcat counts all headers, some 400 bytes, in the same 8,192."""


def unsendable(delivery: ClaimedDelivery) -> str | None:
    """Why Zoho would refuse the address of a stored delivery, as the end of a sentence, or None.

    It was looked at when its event came; but rules change, and one bad address poisons the call of 200. Trigger
    Leads and Add Leads take their addresses as one text with commas between them.
    """
    body = orjson.loads(delivery.body)
    given = body.get("lead_email", body.get("Lead Email")) if isinstance(body, dict) else None
    return None if given is None else address.problem(str(given))


def fits(deliveries: Sequence[ClaimedDelivery], max_bytes: int = MAX_BYTES) -> int:
    """How many deliveries, from the first on, fit in so many bytes once encoded; at least 1 if there is one."""
    used = 0
    for count, delivery in enumerate(deliveries):
        used += len(quote_plus(delivery.body))
        if used > max_bytes and count > 0:
            return count
    return len(deliveries)


def fits_target(api: Api, keys: Keys, deliveries: Sequence[ClaimedDelivery]) -> int:
    """How many deliveries, from the first on, fit into a call's URL; at least 1 if there is one."""
    fitting, too_many = 1, len(deliveries) + 1
    while too_many - fitting > 1:
        middle = (fitting + too_many) // 2
        if target_bytes(api, keys, deliveries[:middle]) <= MAX_TARGET:
            fitting = middle
        else:
            too_many = middle
    return min(fitting, len(deliveries))


def target_bytes(api: Api, keys: Keys, deliveries: Sequence[ClaimedDelivery]) -> int:
    """The length of a call's path and query with its parameters in the URL."""
    return len(api.path.format_map({"journey_key": keys.journey_key})) + 1 + len(urlencode(api.form(keys, deliveries)))
