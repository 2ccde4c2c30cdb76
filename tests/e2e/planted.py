"""The secrets and people that are planted, where they are planted, and the commands that are asked for them."""

from __future__ import annotations

from base64 import b64encode

from werkzeug.security import generate_password_hash

SECRETS = {
    "HEADER_TOKEN": "PLANTEDheader+token/1234=",
    "QUERY_TOKEN": "PLANTEDquery+token/1234=",
    "SIGNING_SECRET": "PLANTEDsigning-secret-1234",
    "BODY_SECRET": "PLANTEDbody-secret-1234",
    "FETCH_TOKEN": "PLANTEDfetch-token-1234",
    "META_SECRET": "PLANTEDmeta-secret-1234",
    "META_VERIFY": "PLANTEDmeta-verify-1234",
}
PASSWORD = "PLANTEDpassword horse"
ALARM_SECRET = b64encode(b"PLANTED secret of the alarms").decode()
SERVICE_SECRETS = {
    "ZOHO_CLIENT_SECRET": "PLANTEDclient-secret",
    "ZOHO_REFRESH_TOKEN": "1000.PLANTEDrefresh",
    "LEADBRIDGE_ALARM_WEBHOOK_URL": "http://127.0.0.1:1/PLANTEDhook?key=PLANTEDkey",
    "LEADBRIDGE_ALARM_WEBHOOK_SECRET": f"whsec_{ALARM_SECRET}",
    "LEADBRIDGE_ALARM_SLACK_URL": "http://127.0.0.1:1/services/PLANTEDslack",
    "LEADBRIDGE_ALARM_TEAMS_URL": "http://127.0.0.1:1/workflows/PLANTEDteams",
    "LEADBRIDGE_ALARM_MAIL_SERVER": "smtp://ops:PLANTEDmail@127.0.0.1:1",
    "LEADBRIDGE_CONSOLE_USERS": f"ada:viewer:{generate_password_hash(PASSWORD, 'scrypt:1024:8:1')}",
}
ALARMS = {
    "LEADBRIDGE_ALARM_MAIL_FROM": "from.planted@example.com",
    "LEADBRIDGE_ALARM_MAIL_TO": "to.planted@example.com",
    "LEADBRIDGE_ALARM_PRIVATE": "true",
}
PEOPLE = ("ada.planted@example.com", "grace.planted@example.com", "eve.planted@example.com", "Plantedova")
LEAD = """
consent: {not_asked: the tests}
lead:
  Lead Email: {answer: email}
  Last Name: {answer: name}
actions:
  - subscribe: {list: Newsletter}
  - trigger: {journey: Welcome}
"""
MAPPINGS = {
    "header": "preset: json\nsecrets: {token: HEADER_TOKEN}\nverify: {header_token: X-Token}\n" + LEAD,
    "query": "preset: form\nsecrets: {token: QUERY_TOKEN}\nverify: {query_token: token}\n" + LEAD,
    "signed": "preset: json\nsecrets: {signing: SIGNING_SECRET}\n"
    "verify: {hmac: {header: X-Signature, encoding: base64}}\n" + LEAD,
    "ads": "preset: meta-lead-ads\nsecrets: {signing: META_SECRET, verify_token: META_VERIFY}\n"
    "fetch: {token: FETCH_TOKEN}\n" + LEAD,
    "inside": "preset: json\nsecrets: {key: BODY_SECRET}\nverify: {body_secret: key}\n" + LEAD,
}
COMMANDS = {
    "alarms": ("alarms", "alarms --test"),
    "audit": ("audit",),
    "backup": ("backup copy.db",),
    "cancel": ("cancel --hook header --yes",),
    "capture": ("capture evt_1",),
    "check": ("check", "check --secrets"),
    "doctor": ("doctor",),
    "explain": ("explain header evt_1",),
    "forecast": ("forecast --hook header --leads 10",),
    "forget": ("forget nobody@example.com --yes",),
    "history": ("history header",),
    "hooks": ("hooks",),
    "jobs": ("jobs",),
    "list": ("list", "list --json"),
    "map": ("map header evt_1",),
    "migrate": ("migrate",),
    "move": ("move --to postgresql://leadbridge:PLANTEDdatabase@127.0.0.1:1/leadbridge",),
    "new": ("new other --from evt_1",),
    "presets": ("presets",),
    "pull": ("pull",),
    "purge": ("purge --yes",),
    "read": ("read header evt_1",),
    "reconcile": ("reconcile",),
    "release": ("release --all",),
    "reload": ("reload",),
    "replay": ("replay evt_1 --dry-run",),
    "retry": ("retry --state dead --yes",),
    "sample": ("sample typeform",),
    "send": ("send header evt_1",),
    "show": ("show evt_1", "show evt_1 --json"),
    "status": ("status", "status --json"),
    "test": ("test",),
    "unregister": ("unregister no-such-hook",),
    "verify": ("verify signed evt_1",),
}
"""Each command with a line that reads what was planted."""

ENDLESS = {"console", "deliver", "demo", "listen", "receive", "sandbox", "serve", "tail"}
ASKING = {"auth", "console-password", "init"}
"""They read nothing that is stored: a code or a password is typed in, or a folder is made."""

NAMELESS = {"alarms", "audit", "check", "doctor", "forecast", "hooks", "presets", "status", "test"}
"""Commands that name no person."""
