"""Addresses that others write are read without an exception, whoever reads them."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.config import SETTINGS, load
from bridge.errors import OutboxError, SettingsError
from bridge.intake import load_preset
from bridge.outbox import open_outbox
from bridge.web_address import credential_problem, parts_of
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


ADDRESSES = [one.name for one in SETTINGS if one.name.endswith("_URL") and one.name != "LEADBRIDGE_DATABASE_URL"]
HEAD = "name: x\ntitle: X\ncategory: general\ndocs: []\nsetup: []\nverify: none\nbody: any\n"
SECRET = "hush-5"
CREDENTIALS = (
    f"https://user:{SECRET}@example.com/x",
    f"https://{SECRET}@example.com",
    f"https://:{SECRET}@example.com:8443/x?y#z",
    f"HTTP://user:{SECRET}@[::1]/",
    f"ftp://user:{SECRET}@example.com",
    f"//user:{SECRET}@example.com",
    f"user:{SECRET}@example.com",
    f"https:\\\\user:{SECRET}@example.com",
    f"https://user:{SECRET}@[",
    f"https://user:{SECRET}@example.com:99999999/",
    f"https://user%40:{SECRET}%2f@example.com/@x",
)


@pytest.mark.parametrize("name", ADDRESSES)
@pytest.mark.parametrize("url", [*CREDENTIALS, f"https://user:p/{SECRET}@example.com", f"x/{SECRET}@y"])
def test_no_setting_takes_an_address_with_a_password_in_it_or_shows_it(name: str, url: str) -> None:
    others = {"LEADBRIDGE_CONSOLE_BIND": "127.0.0.1:8082", "ZOHO_DATA_CENTER": "eu"}
    with pytest.raises(SettingsError) as caught:
        load({**others, name: url})
    found = [problem for problem in caught.value.problems if problem.path == name]
    assert url not in CREDENTIALS or [problem.code for problem in found] == ["credential_in_address"]
    assert all(problem.fix for problem in found)
    assert found
    assert SECRET not in f"{caught.value} {[problem.as_json() for problem in caught.value.problems]}"


def test_a_database_url_that_is_none_is_not_shown() -> None:
    for url in (
        f"host=db password={SECRET}",
        f"{SECRET}",
        f"mysql://u:{SECRET}@h",
        f"postgresql:{SECRET}",
        f"{SECRET}://",
    ):
        with pytest.raises(SettingsError) as caught:
            load({"LEADBRIDGE_DATABASE_URL": url})
        assert SECRET not in str(caught.value)


@pytest.mark.parametrize("url", CREDENTIALS)
def test_no_preset_fetches_from_an_address_with_a_password_in_it_or_shows_it(url: str) -> None:
    steps = {
        "url": f"{{name: a, url: '{url}', token: {{query: t}}}}",
        "hosts": f"{{name: a, url: '{{body.u}}', hosts: ['{url.partition('//')[2] or url}'], token: {{query: t}}}}",
    }
    for key, step in steps.items():
        found = load_preset(f"{HEAD}fetch: {{steps: [{step}]}}\n", "x.yaml")
        assert isinstance(found, list)
        assert any(
            problem.path.replace("[0]", ".0").startswith(f"fetch.steps.0.{key}") and problem.line == 8 and problem.fix
            for problem in found
        )
        assert SECRET not in str([problem.as_json() for problem in found]) or "//" not in url.replace("\\", "/")


@pytest.mark.parametrize("url", [url for url in CREDENTIALS if "//" in url.replace("\\", "/") and "[" not in url])
def test_no_text_of_a_preset_holds_an_address_with_a_password_in_it(url: str) -> None:
    for key, head in (("docs.0", HEAD.replace("docs: []", f"docs: ['{url}']")),
                      ("setup.1", HEAD.replace("setup: []", f"setup: [go on, 'open {url} and paste']"))):  # fmt: skip
        found = load_preset(head, "x.yaml")
        assert isinstance(found, list)
        assert [problem.path.replace("[0]", ".0") for problem in found] == [key]
        assert SECRET not in str([problem.as_json() for problem in found])


@pytest.mark.parametrize("url", ["https://example.com/@team", "https://example.com?a=b@c", "https://h#u@x", "", "/@"])
def test_an_at_sign_behind_the_host_is_no_credential(url: str) -> None:
    assert credential_problem(url, "x", "y") is None


@pytest.mark.parametrize(
    "url",
    [
        *("postgresql://u:hush-5@[", "postgresql://u:1/hush-5@127.0.0.1/d", "postgres://u:hush-5/x@127.0.0.1:1/d"),
        *("postgresql://u:p@hush-5@127.0.0.1:1/d", "postgresql://u:hush-5"),
        *("postgresql://u:hush%zz-5@h/d", "postgresql://h/d?password=hush-5&foo=bar"),
    ],
)
def test_a_database_whose_password_is_not_escaped_is_refused_without_it(url: str) -> None:
    with pytest.raises(OutboxError) as caught:
        open_outbox(url)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    ["postgresql://u:p%40%2F@h:1,i:2/d", "postgresql://u:p?#@h:1/d", "postgresql://h/d", "postgres:///d?host=@socket"],
)
def test_a_database_whose_password_is_escaped_is_taken(url: str) -> None:
    open_outbox(url).close()


@pytest.mark.parametrize(
    "proxy", ["http://u:hush-5@[", "ftp://u:hush-5@h", "http://u:hush-5@", "hush 5", "http://h:99999"]
)
def test_a_proxy_that_is_none_is_refused_without_showing_it(proxy: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load({"ZOHO_PROXY": proxy})
    assert [problem.path for problem in caught.value.problems] == ["ZOHO_PROXY"]
    assert "hush" not in f"{caught.value} {caught.value.problems}"


@pytest.mark.parametrize(
    "proxy", ["http://h:3128", "h:3128", "https://u:p%40@h:1", "http://[::1]:1", "proxy.example.com"]
)
def test_a_proxy_may_be_written_with_and_without_a_scheme(proxy: str) -> None:
    assert load({"ZOHO_PROXY": proxy}).zoho.proxy == proxy
