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

    `api_url` is the host with its scheme. A call with leads carries the form as its body, as public clients do; the
    documented samples put it in the URL, where 200 addresses do not fit, and where it goes with `in_url`. What carries
    no leads always goes as the samples have it. The header is `Zoho-oauthtoken`, not `Bearer`:
    https://zoho.com/marketingautomation/help/developers/lead-subscribe.html

    Raises:
        NoAnswerError: no whole answer came in time.
    """
    path = api.path.format_map({name: quote(key, safe="") for name, key in (path_keys or {}).items()})
    url = api_url.rstrip("/") + path
    in_url = in_url or not api.has_leads
    answer = http.send(
        api.method,
        f"{url}?{urlencode(form)}" if in_url and form else url,
        form=None if in_url else form,
        headers={"Authorization": f"Zoho-oauthtoken {token}", "Accept": "application/json"},
        deadline_seconds=deadline_seconds,
    )
    return read_envelope(answer.status, answer.body, answer.headers)
