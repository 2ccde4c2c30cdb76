"""Requests that no page makes: every part of an address and every field, with texts that break what trusts them."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from inspect import getsource
from itertools import product
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from flask import Request
from werkzeug.datastructures import ImmutableMultiDict

from bridge.console import pages
from bridge.console.page import EXTENSION
from bridge.console.pages import PAGES
from bridge.operations.selection import MARKS
from tests.builders import HookDriver
from tests.unit.console.conftest import SAME_ORIGIN, consoles, sign_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

HOSTILE = (
    "\x00",
    "\ud800",
    "-1",
    "9" * 30,
    "9" * 5_000,
    "http://[",
    "\u0661",
    "evt_" + "9" * 30,
    "lead_\u202e",
    "preset:../../etc/passwd",
    "\x1b[31m\x07\r\nX-Injected: 1",
    "<script>" * 40,
    "99999999d",
    "9999-12-31T23:59:59-23:59",
)
VALID = {"act": "replay", "which": "pasted", "text": "preset: json\nverify: none\n"}
"""What the other fields have meanwhile, so that what is done with the hostile one is reached."""

FIELD = re.compile(r"""http\.(?:args|form|values)\.get\(\s*"(\w+)\"""")
ECHOED = re.compile(r'value="[^"]*"|<textarea.*?</textarea>', re.DOTALL)
"""What a page shows again to be edited, as it was given."""


@pytest.fixture
def admin(tmp_path: Path, outbox_url: str) -> Iterator[FlaskClient]:
    """A signed-in admin over an outbox of each kind."""
    for make in consoles(tmp_path, outbox_url):
        client = make()
        sign_in(client, "admin")
        yield client


HIDDEN = "\u202e\u2066\u200f\u200b"
STRANGE = f"<script>{HIDDEN}x"
STRANGE_MAPPING = f"""\
preset: json
verify: none
consent: {{answer: "{STRANGE}", contains: "{STRANGE}"}}
when: {{from: "body.{HIDDEN}", is_not: "{STRANGE}"}}
lead:
  Lead Email: {{answer: email}}
  "<script>x": {{from: "body.{HIDDEN}", lookup: {{"{STRANGE}": "{STRANGE}"}}, unmatched: keep}}
actions:
  - subscribe: {{list: "{STRANGE}", sources: "{STRANGE}"}}
  - tag: "{STRANGE}"
"""
STRANGE_BODIES: tuple[dict[str, object], ...] = (
    {"email": "ada@example.com", STRANGE: STRANGE, HIDDEN: STRANGE, "nested": {STRANGE: [STRANGE]}},
    {"email": f"ada{HIDDEN}", STRANGE: STRANGE},
    {"email": "grace@example.com", STRANGE: "no", "id": STRANGE},
    {"email": "alan@example.com", STRANGE: STRANGE, HIDDEN: "kept"},
)


def test_what_mappings_and_forms_hold_is_shown_as_text(admin: FlaskClient, tmp_path: Path) -> None:
    store = admin.application.extensions[EXTENSION].outbox
    (tmp_path / "mappings" / "form.yaml").write_text(STRANGE_MAPPING)
    (tmp_path / "mappings" / "closed.yaml").write_text(STRANGE_MAPPING.replace("<script>x", STRANGE))
    driver = HookDriver(store, STRANGE_MAPPING)
    for body in STRANGE_BODIES:
        driver.receive(body)
    for number in range(4, 8):
        admin.post(f"/leads/evt_{number}/reveal", headers=SAME_ORIGIN)
    shown = "".join(
        f"/leads/evt_{number} /leads/evt_{number}/replay /leads/evt_{number}/forget " for number in range(4, 8)
    )
    for path in (
        *shown.split(),
        "/leads",
        "/now",
        "/events",
        "/trouble",
        "/hooks",
        "/hooks/form",
        "/jobs",
        "/hooks/closed",
        "/trying/form",
        "/trying/closed",
    ):
        page = admin.get(path)
        assert page.status_code in (200, 404), path
        text = ECHOED.sub("", page.text)
        assert text.count("<script") == 1, path
        assert not set(text) & set(HIDDEN), (path, text)


class NoticedFields(ImmutableMultiDict[str, str]):
    """The fields of a request that notices which are asked for."""

    asked_for: set[Any] = set()  # noqa: RUF012 - of the request that is being answered, whatever holds its fields

    def __getitem__(self, name: str) -> str:
        self.asked_for.add(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self.asked_for.add(name)
        return super().__contains__(name)

    def getlist(self, key: str, *more: Any, **options: Any) -> list[Any]:
        self.asked_for.add(key)
        return super().getlist(key, *more, **options)

    def __getattribute__(self, name: str) -> Any:
        if name in ("items", "keys", "lists", "listvalues", "to_dict", "values"):
            self.asked_for.update(dict.keys(self))
        return super().__getattribute__(name)

    def __iter__(self) -> Iterator[str]:
        self.asked_for.update(dict.keys(self))
        return super().__iter__()


class NoticingRequest(Request):
    """A request with such fields, of its address and its form."""

    parameter_storage_class = NoticedFields


@cache
def fields_of(blueprint: str) -> set[str]:
    """The fields that the code of a page reads."""
    modules = [module for module in vars(pages).values() if getattr(module, "__name__", "").startswith(pages.__name__)]
    sources = [source for source in map(getsource, modules) if blueprint in source]
    marks = set(MARKS) if any("MARKS" in source for source in sources) else set()
    return marks | {name for source in sources for name in FIELD.findall(source)}


def requests(client: FlaskClient) -> Iterator[tuple[str, str, str, dict[str, str]]]:
    """Every address with one hostile part or field: the method, the path, the hostile field and all fields."""
    names = {page.name for page in PAGES}
    rules = [rule for rule in client.application.url_map.iter_rules() if rule.endpoint.partition(".")[0] in names]
    for text, rule in product(HOSTILE, rules):
        method = "POST" if "POST" in (rule.methods or ()) else "GET"
        if rule.arguments:
            path = re.sub(r"<[^>]+>", quote(text.encode("utf-8", "surrogatepass"), safe=""), rule.rule)
            yield method, path, "", {}
        if rule.rule.endswith(".json"):
            continue
        path = re.sub(r"<int[^>]*>", "1", rule.rule).replace("<what>", "evt_1")
        path = re.sub(r"<[^>]+>", "form", path)
        for field in fields_of(rule.endpoint.partition(".")[0]):
            yield method, path, field, {**VALID, field: text}


def test_no_request_makes_the_console_fail_or_show_what_it_was_given_raw(admin: FlaskClient) -> None:
    admin.application.request_class = NoticingRequest
    count, ignored = 0, Counter[tuple[str, str, str]]()
    for method, path, field, fields in requests(admin):
        if ignored[method, path, field] == 2:
            continue  # in two whole rounds the page did not ask for it: what it holds can do nothing
        count += 1
        NoticedFields.asked_for.clear()
        body = "&".join(f"{name}={quote(text.encode('utf-8', 'surrogatepass'))}" for name, text in fields.items())
        if method == "GET":
            answer = admin.get(path, query_string=body)
        else:
            form = "application/x-www-form-urlencoded"
            answer = admin.post(path, data=body.encode(), content_type=form, headers=SAME_ORIGIN)
        shown = ECHOED.sub("", answer.get_data(as_text=True))
        assert answer.status_code < 500, (method, path, fields, shown)
        assert "X-Injected" not in answer.headers, (method, path, fields)
        if answer.mimetype == "text/html":
            assert not set(shown) & set("\x00\x1b\x07\u202e\u2066\u200f"), (method, path, fields, shown)
            assert "<script><script>" not in shown, (method, path, fields)
        if field and field not in NoticedFields.asked_for:
            ignored[method, path, field] += 1
    assert count > 1000
