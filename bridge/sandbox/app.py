"""The sandbox as a web application: Zoho's paths, and the sandbox's own."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING

from flask import Flask, Response, request

from bridge.sandbox.answers import Envelope, error
from bridge.sandbox.apis import (
    ADD_LEADS,
    ADD_TAG,
    DO_NOT_MAIL,
    FIELDS,
    JOURNEYS,
    LEADS,
    LISTS,
    OAUTH,
    SUBSCRIBE,
    TAG,
    TAGS,
    TRIGGER,
    UNSUBSCRIBE,
    UNTAG,
    carry_out,
)
from bridge.sandbox.control import control_routes
from bridge.sandbox.parameters import Parameters
from bridge.sandbox.world import Call, World, wall_clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from bridge.sandbox.answers import Answer
    from bridge.sandbox.apis import Api
    from bridge.sandbox.settings import SandboxSettings
    from bridge.sandbox.world import Clock, Sleep

ROUTES: tuple[tuple[str, tuple[str, ...], Api], ...] = (
    ("/oauth/v2/token", ("POST",), OAUTH),
    ("/api/v1/json/listsubscribe", ("POST",), SUBSCRIBE),
    ("/api/v1/journeys/<journey_key>/action/trigger", ("POST",), TRIGGER),
    ("/api/v1/addleadsinbulk", ("POST",), ADD_LEADS),
    ("/api/v1/json/listunsubscribe", ("POST",), UNSUBSCRIBE),
    ("/api/v1/json/leaddonotmail", ("POST",), DO_NOT_MAIL),
    ("/api/v1/tag/associate", ("POST",), TAG),
    ("/api/v1/tag/deassociate", ("POST",), UNTAG),
    ("/api/v1/tag/add", ("POST",), ADD_TAG),
    ("/api/v1/tag/getalltags", ("GET",), TAGS),
    ("/api/v1/journeys", ("GET",), JOURNEYS),
    ("/api/v1/getmailinglists", ("GET", "POST"), LISTS),
    ("/api/v1/getleads", ("GET", "POST"), LEADS),
    ("/api/v1/lead/allfields", ("GET",), FIELDS),
)


def create_app(settings: SandboxSettings, *, clock: Clock = wall_clock, sleep: Sleep = time.sleep) -> Flask:
    """The sandbox for these settings, with a memory of its own.

    `clock` gives milliseconds and rules windows, locks and tokens; `sleep` takes seconds and is used by the fault
    `slow` only.
    """
    return app_of(World(settings, clock, sleep))


def app_of(world: World) -> Flask:
    """The sandbox that shows a world."""
    app = Flask("bridge.sandbox", static_folder=None)
    for path, methods, api in ROUTES:
        app.add_url_rule(path, api.name, _view(world, api), methods=methods, provide_automatic_options=False)
    app.register_blueprint(control_routes(world))
    app.register_error_handler(404, _unknown_address)
    app.register_error_handler(405, _unknown_address)
    return app


def _view(world: World, api: Api) -> Callable[..., Response]:
    def view(journey_key: str = "") -> Response:
        call = Call(
            path=request.path,
            target_bytes=len(request.environ["REQUEST_URI"]),
            parameters=_parameters(with_body=api is OAUTH or not world.settings.parameters_in_url),
            authorization=request.headers.get("Authorization", ""),
            journey_key=journey_key,
        )
        return _response(carry_out(world, api, call))

    return view


def _parameters(*, with_body: bool) -> Parameters:
    places = (request.args, request.form) if with_body else (request.args,)
    names = dict.fromkeys(name for place in places for name in place)
    return Parameters({name: tuple(one for place in places for one in place.getlist(name)) for name in names})


def _response(answer: Answer) -> Response:
    if answer.status is None:
        _hang_up()
        return Response(status=500)
    return Response(answer.body, status=answer.status, content_type=answer.content_type, headers=dict(answer.headers))


def _hang_up() -> None:
    """Closes the caller's connection; what the server writes afterwards goes nowhere."""
    connection: socket.socket = request.environ["werkzeug.socket"]
    connection.shutdown(socket.SHUT_RDWR)


def _unknown_address(_error: Exception) -> Response:
    """A wrong address is answered with HTTP 200 and code 1004 in XML, as was seen of Zoho."""
    if request.path.startswith("/api/"):
        return _response(error(Envelope.URI, request.path, "1004", xml=True))
    return Response("not found\n", status=404, content_type="text/plain")
