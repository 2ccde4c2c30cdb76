"""Every address of the console, by the least role that reaches it: what is added tomorrow has to be declared here."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.console.conftest import SAME_ORIGIN, sign_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    NewConsole = Callable[..., FlaskClient]

OPEN = {("GET", "/login"), ("POST", "/login"), ("GET", "/livez"), ("GET", "/static/<digest>/<name>")}
VIEWER = {
    ("GET", "/"),
    ("POST", "/logout"),
    ("POST", "/policy-report"),
    *product(["GET"], ["/events", "/hooks", "/hooks/<name>", "/jobs", "/jobs/<int:number>"]),
    *product(["GET"], ["/leads", "/leads/<what>", "/now", "/trouble"]),
    *product(["POST"], ["/leads/search", "/leads/<what>/hide"]),
}
OPERATOR = {
    *product(["GET"], ["/trying", "/trying/<hook>", "/leads/<what>/replay", "/hooks/<name>/verify"]),
    *product(["POST"], ["/events/preview", "/events/start", "/hooks/<name>/test", "/hooks/<name>/verify"]),
    *product(["POST"], ["/jobs/<int:number>/resume", "/jobs/<int:number>/stop", "/trouble/release"]),
    *product(
        ["POST"], [f"/leads/<what>/{act}" for act in ("cancel", "dismiss", "release", "replay", "retry", "reveal")]
    ),
    *product(["POST"], ["/trying/<hook>", "/trying/<hook>/example", "/trying/<hook>/file", "/trying/<hook>/reveal"]),
}
ADMIN = {("GET", "/leads/<what>/forget"), ("POST", "/leads/<what>/forget")}

EXAMPLES = {"<what>": "evt_1", "<hook>": "form", "<name>": "form", "<int:number>": "1", "<digest>": "0"}


def routes(client: FlaskClient) -> set[tuple[str, str]]:
    """Every method and rule; a document has the role of its page."""
    found = set()
    for rule in client.application.url_map.iter_rules():
        found |= {(method, rule.rule) for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
    return found


def ask(client: FlaskClient, method: str, rule: str) -> Any:
    for placeholder, example in EXAMPLES.items():
        rule = rule.replace(placeholder, example)
    return client.open(rule, method=method, headers=SAME_ORIGIN)


def test_every_address_has_its_role(new_console: NewConsole) -> None:
    declared = OPEN | VIEWER | OPERATOR | ADMIN
    found = routes(new_console())
    assert {(method, rule.removesuffix(".json")) for method, rule in found} == declared


def test_nobody_reaches_what_takes_a_session(new_console: NewConsole) -> None:
    client = new_console()
    for method, rule in routes(client) - OPEN:
        answer = ask(client, method, rule)
        assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (303, "/login"), (method, rule)


@pytest.mark.parametrize(("role", "beyond"), [("viewer", OPERATOR | ADMIN), ("operator", ADMIN)])
def test_a_role_is_refused_everything_beyond_it(
    new_console: NewConsole, role: str, beyond: set[tuple[str, str]]
) -> None:
    client = new_console()
    for method, rule in routes(client):
        if (method, rule) != ("POST", "/logout"):
            sign_in(client, role)
            is_refused = ask(client, method, rule).status_code == 403
            assert is_refused is ((method, rule.removesuffix(".json")) in beyond), (method, rule)


def test_a_method_that_an_address_does_not_take_is_answered_with_those_it_does(new_console: NewConsole) -> None:
    client = new_console()
    sign_in(client, "admin")
    answer = client.get("/trouble/release")
    assert (answer.status_code, set(answer.allow)) == (405, {"POST", "OPTIONS"})
