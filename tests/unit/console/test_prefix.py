"""The console below a path of its proxy's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.console.conftest import PASSWORD, sign_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient


@pytest.mark.parametrize("start", ["/ops", ""], ids=["the proxy keeps the prefix", "the proxy takes it away"])
def test_every_address_is_below_the_prefix(new_console: Callable[..., FlaskClient], start: str) -> None:
    client = new_console(LEADBRIDGE_CONSOLE_URL="https://example.com/ops/")
    asked = client.get(f"{start}/leads/evt_1")
    assert asked.headers["Location"] == "/ops/login?to=/leads/evt_1"
    entered = client.post(
        f"{start}/login?to=/leads/evt_1",
        data={"name": "admin", "password": PASSWORD},
        headers={"Sec-Fetch-Site": "same-origin"},
        base_url="https://example.com",
    )
    assert entered.headers["Location"] == "/ops/leads/evt_1"
    page = client.get(f"{start}/leads", base_url="https://example.com").text
    links = [piece.partition('"')[0] for piece in page.split('href="')[1:]]
    assert links
    assert all(link.startswith(("/ops/", "#")) for link in links)


def test_a_path_that_only_starts_like_the_prefix_is_left_alone(new_console: Callable[..., FlaskClient]) -> None:
    client = new_console(LEADBRIDGE_CONSOLE_URL="https://example.com/leads")
    sign_in(client, "admin")
    assert client.get("/leadsx").status_code in (303, 404)
