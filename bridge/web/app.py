"""The receiver: `/hooks/NAME`, `/livez` and `/readyz`."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from bridge import bootstrap, config, tracing
from bridge.errors import UnknownHookError
from bridge.model import EventState, limits_for
from bridge.receiving import lookup
from bridge.receiving.receive import find_hook, greet, receive
from bridge.times import now_ms
from bridge.web import access_log, problems
from bridge.web.framework import Answer
from bridge.web.hook_limit import HookLimit
from bridge.web.pages import json_answer, new_app, watching
from bridge.web.request import request_of

if TYPE_CHECKING:
    from flask import Flask, Request

    from bridge.bootstrap import Receiver
    from bridge.intake import HandshakeAnswer
    from bridge.receiving.receive import Received


USED_BY_WEBHOOKS: Final = ("email_validator", "jsonschema_rs", "nameparser", "phonenumbers", "prometheus_client.core")
"""What commands load only when they need it, a receiver loads before its first webhook: no sender waits for it."""


def create_app(*, reports: bool = True) -> Flask:
    """The receiver, as the environment says. Raises SettingsError when the settings are wrong.

    Next to health pages on the same host it need not `reports` its mappings in the log: they do.
    """
    settings = config.load(config.environment())
    bootstrap.configure_log(settings, part="receiver")
    bootstrap.configure_traces(settings, part="receiver")
    receiver = bootstrap.open_receiver(settings, config.environment(), reports=reports)
    for name in USED_BY_WEBHOOKS:
        import_module(name)
    return watching(receiver, receiver_app(receiver))


def receiver_app(receiver: Receiver) -> Flask:
    """The receiver over parts that are already open."""
    app, settings = new_app(receiver), receiver.settings
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body
    access_log.prepare(app.extensions, receiver.outbox, settings.trusted_proxies)
    app.before_request(access_log.start)
    limit, limits = HookLimit(settings.hook_limit), limits_for(settings.max_body)

    def hook(http: Request) -> Answer:
        own, requested = access_log.current(), lookup.asked_name(http.path)
        if requested is None:
            raise UnknownHookError(lookup.nothing_at(http.path))
        own.requested = lookup.shown(requested)
        hooks, store, url = receiver.hooks, receiver.outbox, settings.public_url
        found = find_hook(requested, hooks, store)
        own.hook, time = found.name, now_ms()
        limit.check(found.name, time)
        request = request_of(found.name, http, now=time, settings=settings)
        handshake = greet(request, found, public_url=url)
        if handshake is not None:
            return _answer_handshake(handshake, request.method)
        with tracing.webhook(found.name, request.method, request.headers):
            received = receive(
                request, found, store, mapping_set_id=hooks.mapping_set_id, public_url=url, limits=limits
            )
            limit.count(found.name, time)
            return _answer(received)

    app.answer_elsewhere(hook)
    problems.register(app)
    return app


def _answer_handshake(handshake: HandshakeAnswer, method: str) -> Answer:
    access_log.answered("handshake.answered", 200, method=method)
    return Answer(handshake.body, 200, handshake.content_type, access_log.id_header(), *handshake.headers.items())


def _answer(received: Received) -> Answer:
    states = [event.receipt.state for event in received.events]
    refused = EventState.REFUSED in states
    status = 422 if refused and received.hook.mapping.refuse_with_422 else 202
    access_log.answered("request.answered", status, states=[state.name.lower() for state in states])
    required = received.hook.preset.answer
    if required is not None and status == 202:
        return Answer(required.body.encode(), required.status, required.content_type, access_log.id_header())
    return json_answer({"events": [event.as_json() for event in received.events]}, status, access_log.id_header())
