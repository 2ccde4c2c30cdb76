"""Zoho's data centres. An account, its client and its tokens belong to exactly one; `bridge.config` has the hosts.

https://zoho.com/accounts/protocol/oauth/multi-dc.html. Zoho documents the host for calls of `us` alone
(https://zoho.com/marketingautomation/help/developers/lead-subscribe.html); public clients use those of `eu`, `in`,
`au`, `jp`, `ca`, `sa` and `uk`; `cn` is formed by the pattern of the others. ZOHO_API_URL overrides one that is wrong.
"""

from __future__ import annotations

from bridge.config import DATA_CENTERS
from bridge.web_address import parts_of


def of_host(host_or_url: str) -> str | None:
    """The name of the data centre of a Zoho host, such as `www.zohoapis.eu` or an accounts server's URL, or None."""
    suffix = _suffix(host_or_url)
    return next((name for name, center in DATA_CENTERS.items() if suffix and _suffix(center.api_url) == suffix), None)


def mismatch(api_url: str, api_domain: str) -> str | None:
    """Why calls to `api_url` will be refused, given the `api_domain` that came with the token; None if they fit.

    `api_domain` (`www.zohoapis.eu`) is not the host for the calls; only its ending identifies the data centre:
    https://zoho.com/accounts/protocol/oauth/multi-dc.html
    """
    calls, token = of_host(api_url), of_host(api_domain)
    if calls is None or token is None or calls == token:
        return None
    return (
        f"the token belongs to the data centre {token!r}, the calls go to {calls!r}; set ZOHO_DATA_CENTER to {token!r}"
    )


def _suffix(host_or_url: str) -> str:
    """What follows `zoho...` in a host name: `com.au` for `www.zohoapis.com.au`."""
    host = (parts_of(host_or_url if "//" in host_or_url else f"//{host_or_url}").hostname or "").lower()
    labels = host.split(".")
    ours = [index for index, label in enumerate(labels) if label.startswith("zoho")]
    return ".".join(labels[ours[-1] + 1 :]) if ours else ""
