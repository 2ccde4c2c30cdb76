"""Every setting of the service with its default and its meaning, and Zoho's data centres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class DataCenter:
    """The two hosts of one Zoho data centre."""

    accounts_url: str
    api_url: str


DATA_CENTERS: Final[Mapping[str, DataCenter]] = {
    name: DataCenter(accounts_url=f"https://accounts.{domain}", api_url=f"https://marketingautomation.{domain}")
    for name, domain in {
        "us": "zoho.com",
        "eu": "zoho.eu",
        "in": "zoho.in",
        "au": "zoho.com.au",
        "jp": "zoho.jp",
        "ca": "zohocloud.ca",
        "sa": "zoho.sa",
        "uk": "zoho.uk",
        "cn": "zoho.com.cn",
    }.items()
}
"""Only the US host stands in Zoho's documentation (zoho.com/marketingautomation/help/developers/lead-subscribe.html);
the others are what public clients use, the Chinese one a guess. ZOHO_API_URL overrides it. The accounts hosts are
those of https://zoho.com/accounts/protocol/oauth/multi-dc.html."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting: its name in the environment, its default (None: none), and what it is for."""

    name: str
    description: str
    default: str | None = None


SETTINGS: Final[tuple[Setting, ...]] = (
    Setting(
        name="LEADBRIDGE_DATABASE_URL",
        default="sqlite:///leadbridge.db",
        description="Where events and deliveries are stored: sqlite:///FILE or postgresql://...",
    ),
    Setting(
        name="LEADBRIDGE_SETTINGS",
        default="leadbridge.env",
        description="A file of NAME=value lines. The environment wins over it; relative paths start at its folder.",
    ),
    Setting(name="LEADBRIDGE_MAPPINGS", default="mappings/", description="The folder of the mapping files."),
    Setting(
        name="LEADBRIDGE_SECRETS",
        default="",
        description="A folder of secrets, one file each, named as mappings name them; changes count without a restart.",
    ),
    Setting(
        name="LEADBRIDGE_SECRETS_PREFIX",
        default="",
        description="What the names of all secrets in mappings must start with, for mappings written by others: ACME_.",
    ),
    Setting(name="LEADBRIDGE_BIND", default="127.0.0.1:8080", description="Address and port that take webhooks."),
    Setting(
        name="LEADBRIDGE_ADMIN_BIND", default="127.0.0.1:8081", description="Address and port of the health pages."
    ),
    Setting(
        name="LEADBRIDGE_CONSOLE_BIND",
        default="",
        description="Address and port of the console, such as 127.0.0.1:8082; without it there is none.",
    ),
    Setting(
        name="LEADBRIDGE_CONSOLE_URL",
        default="",
        description="The console's address as browsers see it, with its path: https://HOST/PREFIX; else http://BIND.",
    ),
    Setting(
        name="LEADBRIDGE_CONSOLE_USERS",
        default="",
        description="Who may sign in: NAME:ROLE:HASH, one a line, as `leadbridge console-password` prints it.",
    ),
    Setting(
        name="LEADBRIDGE_CONSOLE_USER_HEADER",
        default="",
        description="The header in which a trusted single sign-on proxy names the user, such as X-Forwarded-User.",
    ),
    Setting(name="LEADBRIDGE_WORKERS", default="2", description="Processes that take webhooks."),
    Setting(name="LEADBRIDGE_THREADS", default="16", description="Threads in each of these processes."),
    Setting(
        name="LEADBRIDGE_PUBLIC_URL",
        default="",
        description="The service's address as senders see it, for the URLs to paste and for senders that sign the URL.",
    ),
    Setting(
        name="LEADBRIDGE_MAX_BODY",
        default="1048576",
        description="The largest body that is taken, in bytes, as sent and as unpacked; at most 16777216.",
    ),
    Setting(
        name="LEADBRIDGE_HOOK_LIMIT",
        default="0",
        description="Webhooks of one hook that a process takes a minute, a sixth of it at once; more get 429. 0: any.",
    ),
    Setting(
        name="LEADBRIDGE_LOG_LEVEL",
        default="info",
        description="debug, info, warning or error; for a part PART=LEVEL, comma separated: info,deliverer=debug.",
    ),
    Setting(
        name="LEADBRIDGE_LOG_ADDRESSES",
        default="false",
        description="true puts whole e-mail addresses into the logs, in the place of lead ids.",
    ),
    Setting(
        name="LEADBRIDGE_TRACES",
        default="false",
        description="true sends traces to where OTEL_EXPORTER_OTLP_ENDPOINT says; needs leadbridge[otel].",
    ),
    Setting(
        name="LEADBRIDGE_TRUSTED_PROXIES",
        default="127.0.0.1,::1",
        description="Proxies whose X-Request-Id and X-Forwarded-For are trusted: addresses or networks, with commas.",
    ),
    Setting(
        name="LEADBRIDGE_COMPRESS_BODIES",
        default="false",
        description="true compresses the bodies of webhooks stored from now on: less disk, some more work.",
    ),
    Setting(
        name="LEADBRIDGE_ALARM_WEBHOOK_URL",
        default="",
        description="Where alarms are posted as webhooks, signed as Standard Webhooks has it.",
    ),
    Setting(
        name="LEADBRIDGE_ALARM_WEBHOOK_SECRET",
        default="",
        description="What signs them: whsec_ and 24 to 64 bytes in base64.",
    ),
    Setting(
        name="LEADBRIDGE_ALARM_SLACK_URL", default="", description="A Slack incoming webhook that alarms are posted to."
    ),
    Setting(
        name="LEADBRIDGE_ALARM_TEAMS_URL",
        default="",
        description="A Teams workflow webhook that alarms are posted to, as an Adaptive Card.",
    ),
    Setting(
        name="LEADBRIDGE_ALARM_MAIL_SERVER",
        default="",
        description="The SMTP server that mails alarms: smtp://USER:PASSWORD@HOST (STARTTLS), smtps:// (TLS), "
        "smtp+plain://HOST (neither).",
    ),
    Setting(name="LEADBRIDGE_ALARM_MAIL_FROM", default="", description="The sender of these mails."),
    Setting(name="LEADBRIDGE_ALARM_MAIL_TO", default="", description="Who gets them, comma separated."),
    Setting(
        name="LEADBRIDGE_ALARM_SEVERITY",
        default="warning",
        description="The least severity that is reported to these channels: info, warning or critical.",
    ),
    Setting(
        name="LEADBRIDGE_ALARM_PRIVATE",
        default="false",
        description="true lets these channels have private addresses: a mail relay or a chat of your own network.",
    ),
    Setting(
        name="LEADBRIDGE_ALARM_CA_BUNDLE",
        default="",
        description="Certificates to trust at these channels, instead of the usual.",
    ),
    Setting(
        name="LEADBRIDGE_KEEP_BODIES_DAYS",
        default="30",
        description="Days after which bodies, payloads and notes are purged.",
    ),
    Setting(
        name="LEADBRIDGE_KEEP_EVENTS_DAYS",
        default="400",
        description="Days after which events are purged whole, with their deliveries; at least 30.",
    ),
    Setting(name="LEADBRIDGE_TRIGGER_CALLS", default="100", description="Zoho's limit of Trigger calls in one window."),
    Setting(
        name="LEADBRIDGE_SUBSCRIBE_CALLS", default="500", description="Zoho's limit of Subscribe calls in one window."
    ),
    Setting(name="LEADBRIDGE_WINDOW_SECONDS", default="300", description="The length of Zoho's window."),
    Setting(
        name="LEADBRIDGE_LOCK_SECONDS", default="1800", description="How long Zoho closes an API beyond its limit."
    ),
    Setting(
        name="LEADBRIDGE_HEADROOM",
        default="5",
        description="Percent of Zoho's limits that are never used, for clocks that are set.",
    ),
    Setting(
        name="LEADBRIDGE_TRIGGER_OTHERS",
        default="0",
        description="Trigger calls in one window that are left for other users of the Zoho account.",
    ),
    Setting(
        name="LEADBRIDGE_SUBSCRIBE_OTHERS",
        default="0",
        description="Subscribe calls in one window that are left for other users of the Zoho account.",
    ),
    Setting(
        name="LEADBRIDGE_UPKEEP_SECONDS",
        default="5",
        description="How often the service looks for alarms, for jobs to run and for what is to be purged.",
    ),
    Setting(
        name="LEADBRIDGE_RECONCILE_HOURS",
        default="0",
        description="How often the deliverer compares what was delivered with Zoho's lists; 24: daily, 0: never.",
    ),
    Setting(
        name="LEADBRIDGE_RECONCILE_ALARM_PERCENT",
        default="5",
        description="Of the leads compared, how many may be missing in their lists before there is an alarm.",
    ),
    Setting(
        name="LEADBRIDGE_FETCH_URL",
        default="",
        description="For tests: where answers are fetched instead of the senders' hosts; calls go to URL/HOST/PATH.",
    ),
    Setting(
        name="LEADBRIDGE_ACCOUNTS",
        default="",
        description="More Zoho accounts, comma separated; settings of `agency` are ZOHO_AGENCY_CLIENT_ID and so on.",
    ),
    Setting(name="ZOHO_DATA_CENTER", description=f"Where the account lives: {', '.join(DATA_CENTERS)}."),
    Setting(name="ZOHO_CLIENT_ID", description="The self client's id (api-console.zoho.com)."),
    Setting(name="ZOHO_CLIENT_SECRET", description="The self client's secret."),
    Setting(name="ZOHO_REFRESH_TOKEN", description="The refresh token that `leadbridge auth` prints."),
    Setting(name="ZOHO_ACCOUNTS_URL", default="", description="Instead of the data centre's accounts host."),
    Setting(name="ZOHO_API_URL", default="", description="Instead of the data centre's API host."),
    Setting(name="ZOHO_PROXY", default="", description="A proxy through which Zoho is reached, http://HOST:PORT."),
    Setting(
        name="ZOHO_CA_BUNDLE", default="", description="Certificates to trust at Zoho's hosts, instead of the usual."
    ),
)
