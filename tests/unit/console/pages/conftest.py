"""The console as an operator who has signed in sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.console.conftest import sign_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient


@pytest.fixture
def client(new_console: Callable[..., FlaskClient]) -> FlaskClient:
    made = new_console()
    sign_in(made, "operator")
    return made
