"""Addresses that others write are read without an exception, whoever reads them."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.web_address import parts_of
from bridge.zoho.data_centers import mismatch

BRIDGE = Path(__file__).parents[2] / "bridge"
MALFORMED = (
    "http://[",
    "https://[::1",
    "//]",
    "https://[v1.x",
    "https://ex\u2100mple.com/",
    "https://example.com:99999999/",
    "https://example.com:\u0663",
)


@pytest.mark.parametrize("url", MALFORMED)
def test_what_is_no_address_has_no_parts(url: str) -> None:
    assert not any(parts_of(url))
    assert (parts_of(url).hostname, parts_of(url).port) == (None, None)


@given(st.text("htps:/[]@.?#%1aA\u2100\u0663\x00\t ", max_size=30) | st.text(max_size=30))
def test_any_text_is_read_as_the_library_reads_it_or_has_no_parts(url: str) -> None:
    parts = parts_of(url)
    assert not any(parts) or parts == urlsplit(url)
    assert parts.port is None or 0 <= parts.port <= 65535


@pytest.mark.parametrize("url", MALFORMED)
def test_a_hostile_api_domain_of_zoho_names_no_data_centre(url: str) -> None:
    assert mismatch("https://marketingautomation.zoho.eu", url) is None


def test_the_library_is_asked_in_one_place() -> None:
    asking = {str(path.relative_to(BRIDGE)) for path in BRIDGE.rglob("*.py") if "urlsplit" in path.read_text()}
    assert asking == {"web_address.py"}
