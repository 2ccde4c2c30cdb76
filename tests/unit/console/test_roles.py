"""What each role may do is checked where it is done, whatever a page offers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bridge.console.page import Page
from bridge.console.pages import PAGES
from tests.unit.console.conftest import act, sign_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    NewConsole = Callable[..., FlaskClient]

PERSONAL = ("ada@example.com", "Ada", "grace@example.com", "Grace", "charles at example", "Charles")


def test_the_navigation_offers_what_the_role_may_see(new_console: NewConsole) -> None:
    client = new_console()
    for name in ("viewer", "operator"):
        sign_in(client, name)
        shown = client.get("/leads").text
        for page in PAGES:
            assert isinstance(page, Page)
            may = page.role.name.lower() == "viewer" or name == "operator"
            assert (f'href="/{page.name}"' in shown) is may


@pytest.mark.parametrize("name", ["viewer", "operator", "admin"])
def test_personal_data_is_masked_on_every_page_until_it_is_revealed(new_console: NewConsole, name: str) -> None:
    client = new_console()
    sign_in(client, name)
    for path in ("/leads", *(f"/leads/evt_{number}{kind}" for number in (1, 2, 3) for kind in ("", ".json"))):
        shown = client.get(path).text
        assert not [one for one in PERSONAL if one in shown], path
    if name != "viewer":
        for path in ("/trying/form", "/trying/form.json", "/leads/evt_1/replay", "/leads/evt_3/replay.json"):
            shown = client.get(path).text
            assert not [one for one in PERSONAL if one in shown], path


def test_revealing_shows_one_lead_in_this_session_alone(new_console: NewConsole) -> None:
    client = new_console()
    sign_in(client, "operator")
    act(client, "/leads/evt_1/reveal")
    assert "ada@example.com" in client.get("/leads/evt_1").text
    assert "ada@example.com" in client.get("/leads/evt_1.json").text
    assert "grace@example.com" not in client.get("/leads/evt_2").text
    assert "ada@example.com" not in client.get("/leads").text
    act(client, "/leads/evt_1/hide")
    assert "ada@example.com" not in client.get("/leads/evt_1").text
    act(client, "/leads/evt_1/reveal")
    sign_in(client, "viewer")
    assert "ada@example.com" not in client.get("/leads/evt_1").text


def test_the_session_cookie_holds_no_address(new_console: NewConsole) -> None:
    client = new_console()
    sign_in(client, "operator")
    act(client, "/leads/evt_1/reveal")
    session = client.application.session_interface
    with client.session_transaction() as opened:
        assert session is not None
        assert "example.com" not in str(dict(opened))
