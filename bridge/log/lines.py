"""Every kind of log line: its name, what it means, and the fields that it may carry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Line(NamedTuple):
    """A kind of log line: what it means, and the names of the fields it may carry, with spaces between."""

    description: str
    fields: str = ""


EVENTS: Final[Mapping[str, Line]] = {
    "service.started": Line("A part of the service runs.", "part pid"),
    "service.listening": Line("A part takes requests at this address: webhooks, health or the console.", "url"),
    "service.stopping": Line("A part was asked to stop and drains.", "parts"),
    "service.stopped": Line("A part ended."),
    "service.part_died": Line("A part ended by itself; it is started again.", "part exit_code"),
    "mappings.loaded": Line("The mapping files were read.", "folder hooks closed stale"),
    "mappings.unreadable": Line(
        "The folder of the mapping files cannot be read for now; the mappings in use stay so.", "folder error fix"
    ),
    "reload.asked": Line("Every process was asked to read its mappings and secrets again."),
    "mapping.rejected": Line(
        "A mapping file has problems and is not used; its last good text is, where there is one.",
        "hook file line column path problem fix last_good_in_use",
    ),
    "mapping.drifted": Line(
        "A form lacks a question that its mapping names; the closest one it asks is reported.",
        "hook question closest place",
    ),
    "preset.rejected": Line("A preset file has problems and is not used.", "file line path problem"),
    "hook.closed": Line(
        "A hook cannot take requests: its mapping is bad or one of its secrets is not set.", "hook problems"
    ),
    "hook.doubtful": Line(
        "A hook takes requests, and something is wrong with its secrets: one is not set, or anybody can read it.",
        "hook problems fixes",
    ),
    "hook.account_unknown": Line(
        "A hook's Zoho account is not in the settings: it takes requests, and its leads wait.", "hook problem fix"
    ),
    "hook.went_live": Line(
        "A draft went live. What it held back is sent only when a person says so, by the command named.", "hook fix"
    ),
    "request.answered": Line(
        "A webhook was taken, and answered with these states of its events.", "hook status duration_ms states"
    ),
    "handshake.answered": Line(
        "A sender's handshake was answered; nothing of it is stored.", "hook status duration_ms method"
    ),
    "request.rejected": Line(
        "A request was rejected; nothing of it was stored.", "hook status duration_ms why error hint client"
    ),
    "page.answered": Line("A health page was asked for; at level debug.", "page status"),
    "console.signed_in": Line("A person signed in to the console.", "actor client"),
    "console.rejected": Line("A sign-in to the console was rejected.", "client why"),
    "console.policy_broken": Line(
        "A browser reports that a page of the console tried what its content security policy forbids.",
        "actor page directive blocked",
    ),
    "request.failed": Line(
        "A webhook could not be stored; the sender was asked to try again.", "hook status duration_ms error"
    ),
    "event.recorded": Line(
        "An event was stored with its state and its deliveries.",
        "hook event_id state reason kind lead_id deliveries duplicate update",
    ),
    "event.completed": Line(
        "What an event's sender left out was fetched, and the event mapped; or it was given up (refused).",
        "hook event_id state reason kind lead_id deliveries tries age_ms",
    ),
    "fetch.asked": Line(
        "A sender of ids only was asked for answers.", "event_id host step http_status result duration_ms"
    ),
    "fetch.failed": Line(
        "An event's answers could not be fetched; it is tried again.", "hook event_id error tries again_at"
    ),
    "fetch.paused": Line("A sender refuses the token: it is asked no more but for a probe.", "hook error variable fix"),
    "fetch.resumed": Line("A sender is asked for answers again.", "hook"),
    "fetch.token_unset": Line("Events wait for a token that is not set.", "hook variable fix"),
    "fetch.no_mapping": Line("Events wait for their answers, and this process has no mapping for them.", "hook fix"),
    "call.finished": Line(
        "A call to Zoho ended, with what it meant.",
        "account api call_id leads moved http_status code effect results duration_ms",
    ),
    "call.abandoned": Line(
        "A call was given up before it was sent: its deliverer had been paused for too long.", "account call_id"
    ),
    "delivery.delivered": Line(
        "A delivery reached Zoho.", "account api call_id delivery_id event_id lead_id result attempts age_ms"
    ),
    "delivery.died": Line(
        "A delivery was given up, with the reason.",
        "account api call_id delivery_id event_id lead_id result attempts age_ms reason code",
    ),
    "lane.held": Line(
        "A lane stopped because its configuration is wrong; its leads wait.",
        "account api call_id lane target reason probe_at",
    ),
    "lane.released": Line("A held lane goes on.", "account api call_id lane target"),
    "api.locked": Line(
        "Zoho closed an API; nothing is sent to it until the lock ends.",
        "account api call_id until budget limit calls_by_us calls_by_others",
    ),
    "api.failing": Line("An API fails by itself; it is probed until it answers.", "account api call_id until failures"),
    "api.recovered": Line("A failing API answers again.", "account api call_id"),
    "api.parameters_in_url": Line(
        "An account takes this API's parameters in the URL only: so all later calls carry them, in smaller calls.",
        "account api call_id",
    ),
    "clock.jumped": Line(
        "The outbox's clock was set; after a jump ahead no call is made until the ledger is true again.",
        "by_ms calls_wait",
    ),
    "token.refreshed": Line("A new access token was obtained.", "account expires_in_s"),
    "token.failed": Line("No access token can be obtained.", "account error permanent"),
    "account.read": Line("The account's lists, journeys and fields were read.", "account lists journeys fields"),
    "account.unreadable": Line("The account could not be read, or a tag not be created.", "account error"),
    "tag.created": Line("A tag that a mapping wants (`create: true`) was created in Zoho.", "account tag"),
    "outbox.migrated": Line("The outbox has a new schema.", "versions"),
    "outbox.purged": Line("A round of purging ended, with how much went.", "bodies requests calls"),
    "outbox.restored": Line(
        "A copy of the outbox is used for the first time; what was open in it may be sent twice.",
        "copied_at perhaps_sent_twice",
    ),
    "outbox.perishable": Line("The outbox's file does not outlast the host or the container.", "error fix"),
    "outbox.unavailable": Line("The outbox cannot be read or written.", "error hook call_id event_id"),
    "alarm.raised": Line(
        "An alarm became active: what is wrong, its severity and the fix.",
        "alarm subject severity message fix since",
    ),
    "alarm.cleared": Line("An alarm ended.", "alarm subject severity"),
    "alarm.sent": Line(
        "Alarms were reported to a channel: webhook, slack, teams or mail.",
        "channel host message_id raised cleared error",
    ),
    "alarm.not_sent": Line("An alarm channel took no report; it is tried again.", "channel host message_id error"),
    "operator.acted": Line(
        "A person did something, by a command or in the console: a line of the audit, written a few seconds later.",
        "at actor source act subject count result job",
    ),
    "job.failed": Line("A job could not go on; it is tried again.", "job act error"),
    "server.logged": Line("The web server has something to say about its processes.", "message error"),
    "library.logged": Line(
        "A library logged or warned; its text stands there without the values, which may be personal.",
        "logger message error",
    ),
    "code.broke": Line("Our own code failed; what it worked on is stored.", "error where hook file call_id account"),
}
"""Every line by its name. Each also has `event`, `level`, `timestamp` and, within a request, `request_id`."""
