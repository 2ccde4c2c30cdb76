"""The table of the sandbox's APIs, and how a call to any of them goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bridge.sandbox.answers import NOTHING, Answer, Envelope, error, html, locked, scope_missing, unauthorised
from bridge.sandbox.endpoints.add_leads import add_leads
from bridge.sandbox.endpoints.add_leads import leads_of as addresses_of
from bridge.sandbox.endpoints.catalogue import lead_fields, list_leads, mailing_lists, open_journeys
from bridge.sandbox.endpoints.subscribe import lead_of, subscribe, wants_xml
from bridge.sandbox.endpoints.tags import add_tag, all_tags, assign_tag, remove_tag, tagged_lead
from bridge.sandbox.endpoints.trigger import leads_of, trigger
from bridge.sandbox.endpoints.withdraw import do_not_mail, unsubscribe
from bridge.sandbox.faults import Fault, Kind
from bridge.sandbox.state import CallRecord

if TYPE_CHECKING:
    from collections.abc import Callable

    from bridge.sandbox.parameters import Parameters
    from bridge.sandbox.world import Call, World


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """One API. `parameters` None takes any; `scope` is the narrowest that suffices, empty where no token is needed."""

    name: str
    answer: Callable[[World, Call, int], Answer]
    envelope: Envelope
    parameters: frozenset[str] | None
    scope: str = ""
    speaks_xml: bool = False
    leads: Callable[[Parameters], tuple[str, ...]] = lambda _: ()


def _token(world: World, call: Call, now: int) -> Answer:
    return world.tokens.answer(call.parameters, now)


SUBSCRIBE = Api(
    name="subscribe",
    answer=subscribe,
    envelope=Envelope.URI,
    parameters=frozenset({"listkey", "resfmt", "leadinfo", "sources", "topic_id"}),
    scope="lead.CREATE",
    speaks_xml=True,
    leads=lead_of,
)
TRIGGER = Api(
    name="trigger",
    answer=trigger,
    envelope=Envelope.URL,
    parameters=frozenset({"details"}),
    scope="journey.CREATE",
    leads=leads_of,
)
ADD_LEADS = Api(
    name="add_leads",
    answer=add_leads,
    envelope=Envelope.URL,
    parameters=frozenset({"listkey", "emailids", "resfmt", "topic_id"}),
    scope="lead.CREATE",
    speaks_xml=True,
    leads=addresses_of,
)
UNSUBSCRIBE = Api(
    name="unsubscribe",
    answer=unsubscribe,
    envelope=Envelope.URI,
    parameters=frozenset({"listkey", "leadinfo", "resfmt", "topic_id"}),
    scope="lead.UPDATE",
    speaks_xml=True,
    leads=lead_of,
)
DO_NOT_MAIL = Api(
    name="do_not_mail",
    answer=do_not_mail,
    envelope=Envelope.URI,
    parameters=frozenset({"leadinfo", "resfmt"}),
    scope="lead.UPDATE",
    speaks_xml=True,
    leads=lead_of,
)
TAG = Api(
    name="tag",
    answer=assign_tag,
    envelope=Envelope.URI,
    parameters=frozenset({"tagName", "lead_email"}),
    scope="lead.UPDATE",
    leads=tagged_lead,
)
UNTAG = Api(
    name="untag",
    answer=remove_tag,
    envelope=Envelope.URI,
    parameters=frozenset({"tagName", "lead_email"}),
    scope="lead.UPDATE",
    leads=tagged_lead,
)
ADD_TAG = Api(
    name="add_tag",
    answer=add_tag,
    envelope=Envelope.URI,
    parameters=frozenset({"tagName", "tagDesc", "color"}),
    scope="lead.CREATE",
)
TAGS = Api(name="tags", answer=all_tags, envelope=Envelope.URI, parameters=frozenset(), scope="lead.READ")
JOURNEYS = Api(
    name="journeys",
    answer=open_journeys,
    envelope=Envelope.URI,
    parameters=frozenset({"details"}),
    scope="journey.READ",
)
LISTS = Api(
    name="lists",
    answer=mailing_lists,
    envelope=Envelope.URI,
    parameters=frozenset({"resfmt", "sort", "fromindex", "range"}),
    scope="lead.READ",
    speaks_xml=True,
)
LEADS = Api(
    name="leads",
    answer=list_leads,
    envelope=Envelope.URI,
    parameters=frozenset({"listkey", "resfmt", "sort", "fromindex", "range", "status"}),
    scope="lead.READ",
)
FIELDS = Api(
    name="fields", answer=lead_fields, envelope=Envelope.NESTED, parameters=frozenset({"type"}), scope="lead.READ"
)
OAUTH = Api(name="oauth", answer=_token, envelope=Envelope.OAUTH, parameters=None)

_ALL = (
    *(SUBSCRIBE, TRIGGER, ADD_LEADS, UNSUBSCRIBE, DO_NOT_MAIL, TAG, UNTAG, ADD_TAG, TAGS),
    *(JOURNEYS, LISTS, LEADS, FIELDS, OAUTH),
)
API_NAMES = tuple(api.name for api in _ALL)


LONGEST_TARGET = 8_000
"""A path with its query that is longer is refused, as a front server does. Zoho documents no figure; so many must be
taken by everybody (https://www.rfc-editor.org/rfc/rfc9110#section-4.1-5)."""


def carry_out(world: World, api: Api, call: Call) -> Answer:
    """Answers one call and records it.

    Every call that arrives counts in the limit first, whatever comes of it: a bad token, a wrong parameter and a
    fault on demand count too, so that the record is never kinder than Zoho. A lock comes before any fault.
    """
    with world.lock:
        now = world.clock()
        record = CallRecord(api=api.name, at=now, leads=api.leads(call.parameters))
        world.state.calls.append(record)
        limit = world.limits[api.name]
        admitted = limit.admit(now)
        fault = world.faults.take(api.name, record.leads) if admitted else None
        remaining_ms = limit.locked_until - now
    if not admitted:
        answer = locked(world.settings.lock_answer, api.envelope, call.path, remaining_ms)
    elif fault is None:
        answer = _process(world, api, call, record)
    else:
        answer = _poison(world, api, call, record, fault)
    with world.lock:
        record.status, record.code, record.answered = answer.status, answer.code, answer is not NOTHING
    return answer


def _process(world: World, api: Api, call: Call, record: CallRecord) -> Answer:
    if call.target_bytes > LONGEST_TARGET:
        return html(414)
    with world.lock:
        record.processed = True
        now = world.clock()
        if api.scope and not world.tokens.is_live(call.authorization, now):
            return unauthorised(api.envelope, call.path)
        if api.scope and not _is_granted(api.scope, world.settings.scopes):
            return scope_missing()
        return _filter(world, api, call) or api.answer(world, call, now)


def _is_granted(scope: str, granted: tuple[str, ...] | None) -> bool:
    """Whether one of the granted scopes covers the one asked for.

    https://zoho.com/marketingautomation/help/developers/lead-subscribe.html lists the wider scopes.
    """
    if granted is None:
        return True
    module, _, operation = scope.partition(".")
    wide = ("CREATE-UPDATE", "WRITE")
    wider = {"CREATE": wide, "UPDATE": wide, "READ": ()}[operation]
    return any(f"ZohoMarketingAutomation.{module}.{word}" in granted for word in (operation, *wider, "ALL"))


def _filter(world: World, api: Api, call: Call) -> Answer | None:
    """Zoho's input filter, which stands before the API: it speaks XML, since `resfmt` is not read yet.

    Codes 1002 and 1006 as on https://www.zoho.com/campaigns/help/developers/error-codes.html.
    """
    if api.parameters is None or not world.settings.refuse_extra_parameters:
        return None
    code = "1006" if call.parameters.repeated() else "1002" if call.parameters.unknown(api.parameters) else ""
    return error(api.envelope, call.path, code, xml=True) if code else None


def _poison(world: World, api: Api, call: Call, record: CallRecord, fault: Fault) -> Answer:
    if fault.kind is Kind.SLOW:
        return _answer_late(world, api, call, record, fault)
    if fault.takes_effect:
        _process(world, api, call, record)
    match fault.kind:
        case Kind.CUT:
            return NOTHING
        case Kind.STATUS:
            return Answer(status=fault.status or 500, content_type="text/plain;charset=UTF-8")
        case Kind.HTML:
            return html(fault.status or 502)
        case Kind.TOKEN:
            with world.lock:
                world.tokens.revoke(call.authorization)
            return unauthorised(api.envelope, call.path)
        case Kind.LOCK:
            return _lock_now(world, api, call, fault)
        case _:
            return _error_of(world, api, call, fault)


def _answer_late(world: World, api: Api, call: Call, record: CallRecord, fault: Fault) -> Answer:
    if not fault.takes_effect:
        world.sleep(fault.seconds or 0)
        return _process(world, api, call, record)
    answer = _process(world, api, call, record)
    world.sleep(fault.seconds or 0)
    return answer


def _lock_now(world: World, api: Api, call: Call, fault: Fault) -> Answer:
    with world.lock:
        now = world.clock()
        limit = world.limits[api.name]
        limit.lock(now, None if fault.seconds is None else int(fault.seconds * 1000))
        return locked(world.settings.lock_answer, api.envelope, call.path, limit.locked_until - now)


def _error_of(world: World, api: Api, call: Call, fault: Fault) -> Answer:
    own_codes = {
        Kind.JOURNEY_INACTIVE: "9006",
        # Trigger knows no code of its own for a list that is gone.
        Kind.LIST_DELETED: "400" if api is TRIGGER else "2501",
    }
    code = fault.code or own_codes.get(fault.kind, "500")
    status = fault.status or (200 if api is OAUTH else world.settings.error_status)
    xml = api.speaks_xml and wants_xml(call.parameters)
    return error(api.envelope, call.path, code, xml=xml, status=status)
