"""The receiver: `/hooks/NAME`, `/livez` and `/readyz`."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from flask import Response
from flask import request as http
from werkzeug.routing import PathConverter

from bridge import bootstrap, config, tracing
from bridge.errors import UnknownHookError
from bridge.model import EventState, limits_for
from bridge.receiving import lookup
from bridge.receiving.receive import find_hook, greet, receive
from bridge.web import outcome, problems
from bridge.web.framework import Answer
from bridge.web.hook_limit import HookLimit
from bridge.web.pages import json_answer, new_app, now, watching
from bridge.web.request import request_of

if TYPE_CHECKING:
    from flask import Flask

    from bridge.bootstrap import Receiver
    from bridge.intake import HandshakeAnswer
    from bridge.receiving.receive import Received


USED_BY_WEBHOOKS: Final = ("email_validator", "jsonschema_rs", "nameparser", "phonenumbers", "prometheus_client.core")
"""What commands load only when they need it, a receiver loads before its first webhook: no sender waits for it."""


class _Whatever(PathConverter):
    """The rest of a path, whatever it is: each request has its line in the log."""

    regex = r"[\s\S]*?"
    part_isolating = False


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
    outcome.prepare(app.extensions, receiver.outbox, settings.trusted_proxies)
    app.before_request(outcome.start)
    limit, limits = HookLimit(settings.hook_limit), limits_for(settings.max_body)

    def hook(path: str) -> Response:
        own, requested = outcome.current(), lookup.asked_name(http.path)
        if requested is None:
            raise UnknownHookError(f"there is nothing at {lookup.shown('/' + path)!r}")
        own.requested = lookup.shown(requested)
        own.hook = name = find_hook(requested, receiver.hooks, receiver.outbox).name
        time = now()
        limit.check(name, time)
        request = request_of(name, now=time, settings=settings)
        handshake = greet(request, receiver.hooks, receiver.outbox, public_url=settings.public_url)
        if handshake is not None:
            return _answer_handshake(handshake)
        with tracing.webhook(name, request.method, request.headers):
            received = receive(request, receiver.hooks, receiver.outbox, public_url=settings.public_url, limits=limits)
            limit.count(name, time)
            return _answer(received)

    app.url_map.converters["whatever"] = _Whatever
    app.url_map.add(app.url_rule_class("/<whatever:path>", endpoint="hook"))  # by every method
    app.view_functions["hook"] = hook
    problems.register(app)
    return app


def _answer_handshake(handshake: HandshakeAnswer) -> Response:
    outcome.answered("handshake.answered", 200, method=http.method)
    response = Answer(handshake.body, 200, content_type=handshake.content_type)
    response.headers.update(handshake.headers)
    return _with_id(response)


def _answer(received: Received) -> Response:
    states = [event.receipt.state for event in received.events]
    refused = EventState.REFUSED in states
    status = 422 if refused and received.hook.mapping.refuse_with_422 else 202
    outcome.answered("request.answered", status, states=[state.name.lower() for state in states])
    required = received.hook.preset.answer
    if required is not None and status == 202:
        return _with_id(Answer(required.body, required.status, content_type=required.content_type))
    return _with_id(json_answer({"events": [event.as_json() for event in received.events]}, status))


def _with_id(response: Response) -> Response:
    response.headers["X-Request-Id"] = outcome.current().request_id
    return response
