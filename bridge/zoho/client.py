"""One call to an API of Zoho Marketing Automation."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from bridge.zoho.answers import read_envelope

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.http import Http
    from bridge.zoho.answers import Envelope
    from bridge.zoho.apis import Api


def send(
    http: Http,
    api: Api,
    *,
    api_url: str,
    token: str,
    form: Mapping[str, str],
    path_keys: Mapping[str, str] | None = None,
    in_url: bool = False,
    deadline_seconds: float,
) -> Envelope:
    """Make one call and return its answer's envelope, of any status.

    `api_url` is the host with its scheme. A POST carries the form as its body, as public clients do; the documented
    samples put it in the URL, where 200 addresses do not fit. A GET carries it in the URL, and so does a call that is
    asked to with `in_url`. The header is
    `Zoho-oauthtoken`, not `Bearer`: https://zoho.com/marketingautomation/help/developers/lead-subscribe.html

    Raises:
        NoAnswerError: no whole answer came in time.
    """
    path = api.path.format_map({name: quote(key, safe="") for name, key in (path_keys or {}).items()})
    url = api_url.rstrip("/") + path
    reads = in_url or api.method == "GET"
    answer = http.send(
        api.method,
        f"{url}?{urlencode(form)}" if reads and form else url,
        form=None if reads else form,
        headers={"Authorization": f"Zoho-oauthtoken {token}", "Accept": "application/json"},
        deadline_seconds=deadline_seconds,
    )
    return read_envelope(answer.status, answer.body, answer.headers)
