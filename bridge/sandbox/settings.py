"""How the sandbox behaves. The defaults are what Zoho's pages say; where they are silent it can be set either way."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from bridge.sandbox.account import Account, default_account


class LockAnswer(StrEnum):
    """What a locked API answers. Zoho's pages do not show it; these three forms were seen among its products."""

    THROTTLED = "throttled"
    """HTTP 400, `error.title` URL_ROLLING_THROTTLES_LIMIT_EXCEEDED."""
    TOO_MANY = "too_many"
    """HTTP 429 with Retry-After."""
    CODE = "code"
    """HTTP 200, code 2008 (https://zoho.com/marketingautomation/help/developers/error-codes.html)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxSettings:
    """The sandbox's account, limits and habits.

    Limits: `*_calls` are calls in `window_seconds`; one more locks that API for `lock_seconds`.
    Credentials: an empty one accepts any value but an empty one. `scopes` None grants every scope; otherwise the
    scopes that every token has (`ZohoMarketingAutomation.lead.ALL`).
    Silences of Zoho's pages: `lenient_json` reads the unquoted `{First Name:mac}` of Zoho's sample too;
    `refuse_extra_parameters` answers 1002 and 1006; `refuse_unknown_fields` answers 2007 instead of ignoring them;
    `blank_clears` stores a blank value over an old one; `long_values_cut` cuts what is longer than its field;
    `doc_fields` gives the fields in the shape of the page instead of the one that public clients read;
    `parameters_in_url` reads no body, as if the parameters of the documented samples' URLs were the only ones;
    `error_status` is the HTTP status of an error in the body; `visible_after_seconds` delays a new membership for
    Trigger; `plan_maximum` is the number of leads at which 980 starts.
    """

    account: Account = field(default_factory=default_account)
    subscribe_calls: int = 500
    trigger_calls: int = 100
    add_leads_calls: int = 500
    unsubscribe_calls: int = 500
    do_not_mail_calls: int = 500
    tag_calls: int = 500
    add_tag_calls: int = 100
    tags_calls: int = 500
    journeys_calls: int = 100
    leads_calls: int = 500
    lists_calls: int = 500
    fields_calls: int = 100
    window_seconds: float = 300
    lock_seconds: float = 1800
    lock_answer: LockAnswer = LockAnswer.THROTTLED
    client_id: str = ""
    client_secret: str = ""
    refresh_token: str = ""
    token_seconds: int = 3600
    token_window_seconds: float = 600
    tokens_per_window: int = 10
    live_tokens: int = 15
    scopes: tuple[str, ...] | None = None
    lenient_json: bool = False
    refuse_extra_parameters: bool = True
    refuse_unknown_fields: bool = False
    blank_clears: bool = True
    long_values_cut: bool = False
    doc_fields: bool = False
    parameters_in_url: bool = False
    error_status: int = 200
    visible_after_seconds: float = 0
    plan_maximum: int | None = None
