"""What strangers type into forms is shown as text in every place, and does nothing."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import orjson
import pytest

from bridge.outbox import open_outbox
from bridge.outbox.operator import find_events
from tests.browser.test_every_page import violations
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from bridge.demo.stage import Stage
    from tests.browser.conftest import Tab

    Opened = Callable[..., Tab]

HOSTILE = (
    "<script>document.title='run'</script>",
    "<img src=x onerror=\"document.title='run'\">",
    '"><form action=/logout method=post><button>Win</button></form>',
    "<div hx-get=/leads hx-trigger=load data-live=1 data-go=x>",
    "{{ 7 * 7 }}{% raw %}",
    "javascript:document.title='run'",
    "a\u202egnp.exe\u2066\u200f",
    "\x1b]0;title\x07\x1b[31mred",
    "word" * 2500,
    "'; DROP TABLE events; --",
    "👩\u200d💻 Łódź 漢字 שלום",
)


def post(demo: Stage, body: bytes) -> int:
    """Post a Typeform webhook with its signature (https://www.typeform.com/developers/webhooks/secure-your-webhooks/)."""
    signed = b64encode(hmac.digest(demo.secrets["TYPEFORM_SECRET"].encode(), body, hashlib.sha256)).decode()
    headers = {"Content-Type": "application/json", "Typeform-Signature": f"sha256={signed}"}
    return demo.post("/hooks/typeform", body, headers).status


@pytest.fixture(scope="module")
def hostile_events(demo: Stage) -> list[str]:
    """Events that carry each hostile text as a name, a company, an event type and a question."""
    for number, text in enumerate(HOSTILE):
        field = {"id": f"field-{number}", "ref": text[:200], "type": "short_text", "title": text}
        answers = [
            {
                "type": "email",
                "email": f"visitor{number}@example.com",
                "field": {"id": "e", "ref": "email", "type": "email"},
            },
            {"type": "text", "text": text, "field": {"id": "n", "ref": "name", "type": "short_text"}},
            {"type": "text", "text": text, "field": field},
            {"type": "boolean", "boolean": True, "field": {"id": "c", "ref": "consent", "type": "yes_no"}},
        ]
        fields = [
            {"id": "e", "ref": "email", "type": "email", "title": "Your e-mail address"},
            {"id": "n", "ref": "name", "type": "short_text", "title": "Your name"},
            {"id": "c", "ref": "consent", "type": "yes_no", "title": "May we send you our newsletter?"},
            field,
        ]
        form = {"form_id": text, "token": f"hostile-{number}", "submitted_at": "2026-11-20T09:30:00Z"}
        response = {**form, "definition": {"id": "f", "title": text, "fields": fields}, "answers": answers}
        body = {"event_id": f"hostile-{number}", "event_type": "form_response", "form_response": response}
        assert post(demo, orjson.dumps(body)) == 202
    store = open_outbox(demo.database_url)
    stories = wait_until(lambda: _stored(store))
    store.close()
    return [f"evt_{story.event_id}" for story in stories]


def _stored(store: object) -> list[object]:
    found = [one for one in find_events(store, hook="typeform") if "hostile" in one.key]  # type: ignore[arg-type]
    return list(found) if len(found) == len(HOSTILE) else []


def test_hostile_texts_are_shown_and_do_nothing(open_tab: Opened, hostile_events: list[str]) -> None:
    tab = open_tab(bypass_csp=True)  # so that escaping is judged, and not the policy behind it
    lists = ("/leads", "/trying/typeform", "/now", "/events", "/trouble", "/hooks/typeform", "/jobs")
    filtered = (f"/events?{urlencode({'reason': text[:200], 'target': text[:200]})}" for text in HOSTILE)
    for path in (*lists, *filtered, *(f"/leads/{name}" for name in hostile_events)):
        tab.go(path)
        if path.startswith("/leads/"):
            with tab.page.expect_navigation():
                tab.page.click("text=Reveal personal data")
        for details in tab.page.query_selector_all("details"):
            details.evaluate("one => { one.open = true }")
        assert "run" not in tab.page.title(), path
        assert tab.page.query_selector("main script, main img, [hx-get], [onerror]") is None, path
        assert tab.page.query_selector("main button:text-is('Win')") is None, path
        assert not set(tab.page.inner_text("main")) & set("\u202e\u2066\u200f\x1b\x07"), path
        assert tab.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert tab.complaints == [], path
    assert violations(tab) == []


def test_a_hostile_search_is_shown_as_text(open_tab: Opened) -> None:
    tab = open_tab(bypass_csp=True)
    for text in HOSTILE:
        tab.go("/leads")
        tab.page.fill("[data-search]", f"{text[:200]}@x")
        with tab.page.expect_navigation():
            tab.page.keyboard.press("Enter")
        assert "run" not in tab.page.title()
        assert tab.page.query_selector("main script, main img, [hx-get], [onerror]") is None
