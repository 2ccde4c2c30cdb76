"""What a first-time user does, from the console's address to an answer."""

from __future__ import annotations

import hmac
import time
from typing import TYPE_CHECKING

import orjson
import pytest
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from bridge.demo.stage import CONSOLE_USER
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from bridge.demo.stage import Stage
    from tests.browser.conftest import Tab

    Opened = Callable[..., Tab]


CONSENT = {"marketing": True}


def search(tab: Tab, what: str) -> str:
    """Search for a lead by keyboard, and give what the page says."""
    tab.page.keyboard.press("/")
    tab.page.fill("[data-search]", what)
    with tab.page.expect_navigation():
        tab.page.keyboard.press("Enter")
    return tab.page.inner_text("main")


def test_why_did_this_lead_not_get_the_mail(open_tab: Opened, demo: Stage) -> None:
    tab = open_tab(signed_in=False)
    tab.go("/")
    tab.sign_in(CONSOLE_USER, demo.console_password)
    why = search(tab, "grace@example.org")
    assert "there was no consent" in why
    assert "answer: May we send you our newsletter?, agreed: true found false: does not hold" in " ".join(why.split())
    assert "leadbridge" not in why, "the answer is on the page, not in a terminal"
    assert "example.org" not in tab.page.url
    assert "subscribed" in search(tab, "alan@example.net")
    assert "never came" in search(tab, "zuse@example.com")


def post_strangers(demo: Stage, number: int) -> None:
    """Post a batch of people, each for a list that no mapping names, signed as examples/json-batch.yaml says."""
    people = [
        {
            "id": 100 + one,
            "source": "shop",
            "email": f"stamps{one}@example.com",
            "audience": "stamps",
            "consent": CONSENT,
        }
        for one in range(number)
    ]
    body, at = orjson.dumps(people), str(int(time.time()))
    signed = hmac.digest(demo.secrets["JSON_BATCH_SECRET"].encode(), f"{at}.".encode() + body, "sha256").hex()
    headers = {"Content-Type": "application/json", "X-Timestamp": at, "X-Signature": signed}
    assert demo.post("/hooks/json-batch", body, headers).status < 300


def test_a_refused_event_leads_to_a_fixed_mapping_tried_on_ten_real_events(open_tab: Opened, demo: Stage) -> None:
    post_strangers(demo, 9)
    tab = open_tab()
    tab.go("/leads")
    tab.page.click("text=unmatched >> nth=0")
    assert "list is missing" in tab.page.inner_text("main")
    tab.page.click("nav >> text=Trouble")
    tab.page.wait_for_selector("text=is none of 'news', 'webinar'")
    with tab.page.expect_navigation():
        tab.page.click(".card:has-text('json-batch') >> text=Try a fix")
    assert tab.page.is_visible("text=To use it, replace")
    tab.go("/leads")
    tab.page.click("text=unmatched >> nth=0")
    tab.page.click("text=Fix the mapping")
    assert tab.page.input_value("[name=which]:checked") == "event"
    text = tab.page.input_value("#text")
    fixed = text.replace("lookup: {news:", "lookup: {stamps: Newsletter, news:")
    assert fixed != text
    tab.page.fill("#text", fixed)
    tab.page.wait_for_selector(".becomes >> text=accepted")
    assert tab.page.is_visible("text=Differences to today's file")
    tab.page.click(".choices >> text=refused")
    tab.page.wait_for_selector("text=10 of 10")
    assert tab.page.locator(".becomes >> text=accepted").count() == 10
    tab.page.click("text=Difference to today")
    assert "+" in tab.page.inner_text("#diff pre")
    with tab.page.expect_download() as download:
        tab.page.click("text=Download the file")
    assert download.value.suggested_filename == "json-batch.yaml"
    assert download.value.path().read_text() == fixed


def test_a_problem_leads_to_its_line(open_tab: Opened) -> None:
    tab = open_tab()
    tab.go("/trying/typeform")
    lines = tab.page.input_value("#text").split("\n")
    number = next(number for number, line in enumerate(lines) if line.startswith("consent:"))
    lines[number] = lines[number].replace("consent", "consnt")
    tab.page.fill("#text", "\n".join(lines))
    tab.page.click(f"#result >> text=line {number + 1}")
    selected = tab.page.evaluate(
        "() => { const e = document.activeElement; return e.value.slice(e.selectionStart, e.selectionEnd) }"
    )
    assert selected == lines[number]
    assert tab.page.inner_text(".gutter .marked-error") == str(number + 1)


def test_a_click_on_a_field_leads_to_its_line(open_tab: Opened) -> None:
    tab = open_tab()
    tab.go("/trying/tally")
    tab.page.click("td:has-text('ada@example.com') >> nth=0")
    selected = tab.page.evaluate(
        "() => { const e = document.activeElement; return e.value.slice(e.selectionStart, e.selectionEnd) }"
    )
    assert "Lead Email:" in selected


def test_what_breaks_the_policy_is_blocked_and_logged(open_tab: Opened, demo: Stage) -> None:
    tab = open_tab()
    tab.go("/leads/evt_1")
    tab.page.evaluate("() => { new Image().src = 'https://elsewhere.example.net/ada@example.com' }")
    wait_until(lambda: "console.policy_broken" in demo.log.read_text())
    (line,) = [line for line in demo.log.read_text().splitlines() if "console.policy_broken" in line]
    assert '"page":"/leads/evt_1"' in line
    assert '"blocked":"https://elsewhere.example.net"' in line
    assert "ada@" not in line


def _press_to(tab: Tab, url: str, *keys: str) -> None:
    """Press keys as a person does, who presses again when a page that was just being renewed took no notice."""
    for _ in range(10):
        for key in keys:
            tab.page.keyboard.press(key)
        try:
            tab.page.wait_for_url(url, timeout=10_000)
        except PlaywrightTimeout:
            continue
        return
    pytest.fail(f"{keys} did not lead to {url}")


def test_the_keyboard_alone_opens_a_lead(open_tab: Opened) -> None:
    tab = open_tab()
    tab.go("/trying")
    _press_to(tab, "**/leads", "g", "l")
    tab.page.keyboard.press("Escape")
    tab.page.evaluate("() => document.activeElement.blur()")
    for key in ("j", "j", "k"):
        tab.page.keyboard.press(key)
    assert tab.page.evaluate("() => document.activeElement === document.querySelector('[data-row]')")
    _press_to(tab, "**/leads/evt_*", "Enter")
    tab.page.keyboard.press("?")
    assert tab.page.is_visible("#keys")
    tab.page.keyboard.press("Escape")
    tab.page.wait_for_selector("#keys", state="hidden")
    _press_to(tab, "**/replay", "r")


def test_revealing_shows_the_data_and_hiding_masks_it_again(open_tab: Opened) -> None:
    tab = open_tab()
    tab.go("/leads/evt_1")
    assert "ada@example.com" not in tab.page.content()
    with tab.page.expect_navigation():
        tab.page.click("text=Reveal personal data")
    assert "ada@example.com" in tab.page.inner_text("h1")
    with tab.page.expect_navigation():
        tab.page.click("text=Hide personal data")
    assert "ada@example.com" not in tab.page.content()


def test_what_comes_appears_without_reloading_and_never_under_ones_fingers(open_tab: Opened, demo: Stage) -> None:
    tab = open_tab()
    tab.go("/leads")
    path = f"/hooks/website-form?token={demo.secrets['WEBSITE_FORM_TOKEN']}"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    first, newer = tab.page.locator("[data-row]").first, "old => document.querySelector('[data-row]').href !== old"
    before = first.evaluate("row => row.href")
    assert demo.post(path, b"email=newcomer@example.net&newsletter=on", form).status == 202
    tab.page.wait_for_function(newer, arg=before)
    assert tab.page.evaluate("() => document.activeElement.name") == "what"
    tab.page.fill("[data-search]", "half an addr")
    shown = first.evaluate("row => row.href")
    assert demo.post(path, b"email=another@example.net&newsletter=on", form).status == 202
    tab.page.evaluate("refresh()")
    assert tab.page.input_value("[data-search]") == "half an addr"
    assert first.evaluate("row => row.href") == shown
    tab.page.fill("[data-search]", "")
    tab.page.wait_for_function(newer, arg=shown)


def test_a_page_is_not_replaced_under_a_pressed_pointer(open_tab: Opened) -> None:
    tab = open_tab()
    tab.go("/leads")
    box = tab.page.locator("[data-row]").first.bounding_box()
    assert box is not None
    tab.page.mouse.move(box["x"] + 20, box["y"] + 10)
    tab.page.mouse.down()
    tab.page.evaluate("refresh()")
    tab.page.mouse.up()
    tab.page.wait_for_url("**/leads/evt_*")


def test_a_signed_test_leads_to_what_became_of_it(open_tab: Opened) -> None:
    tab = open_tab()
    tab.go("/hooks/calendly")
    with tab.page.expect_navigation():
        tab.page.click("text=Send a signed test")
    assert "The hook answered 202" in tab.page.inner_text(".said")
    assert "at the hook calendly" in tab.page.inner_text("main")


def test_a_payload_is_pasted_and_tried_as_one_types(open_tab: Opened) -> None:
    tab = open_tab()
    tab.go("/trying/json-batch")
    tab.page.click(".choices >> text=a payload of your own")
    tab.page.fill(
        "#payload", '[{"id": 7, "source": "crm", "email": "linus@example.net", "consent": {"marketing": true}}]'
    )
    tab.page.wait_for_selector(".tried >> text=linus@example.net")
    tab.page.fill("#payload", "{")
    tab.page.wait_for_selector("#result .error")


def test_a_first_mapping_is_drafted_answered_tried_and_downloaded(open_tab: Opened) -> None:
    tab = open_tab()
    tab.go("/trying")
    with tab.page.expect_navigation():
        tab.page.click(".names-list >> text=jotform")
    text = tab.page.input_value("#text")
    assert "live: false" in text
    tab.page.wait_for_selector(".becomes >> text=ignored")
    answers = "consent: {not_asked: a contract}\nactions:\n  - subscribe: {list: Newsletter}"
    answered = text.replace("\nlive: false\n", f"\n{answers}\n")
    tab.page.fill("#text", answered)
    tab.page.wait_for_selector(".becomes >> text=accepted")
    assert tab.page.is_visible("text=Differences to the draft")
    with tab.page.expect_download() as download:
        tab.page.click("text=Download the file")
    assert download.value.suggested_filename == "jotform.yaml"
    assert download.value.path().read_text() == answered


def test_a_session_that_ended_leads_to_the_sign_in_page_and_loses_no_text(open_tab: Opened, demo: Stage) -> None:
    tab = open_tab()
    tab.go("/trying/typeform")
    text = tab.page.input_value("#text")
    tab.page.context.clear_cookies()
    tab.page.fill("#text", f"{text}# more")
    tab.page.wait_for_selector("[data-try-state] >> text=signed out")
    assert tab.page.input_value("#text") == f"{text}# more"
    tab.page.evaluate(
        "document.querySelector('[data-editor]').value = document.querySelector('[data-editor]').defaultValue"
    )
    tab.sign_in(CONSOLE_USER, demo.console_password)
    tab.go("/events")
    tab.page.context.clear_cookies()
    tab.page.wait_for_url(lambda url: url.endswith("/login?to=/events"))


def test_all_that_match_are_replayed_after_their_differences_were_shown(open_tab: Opened) -> None:
    tab = open_tab()
    tab.go("/events?state=refused")
    with tab.page.expect_navigation():
        tab.page.click("button:has-text('Replay…')")
    number = tab.page.inner_text("h1").removeprefix("Replay ")
    assert f"{number} will be replayed" in tab.page.inner_text("main")
    with tab.page.expect_navigation():
        tab.page.click(f"button:has-text('Replay {number}')")
    tab.page.wait_for_selector(f".answer >> text={number} done")
    tab.page.wait_for_selector(".answer >> text=ended")
    tab.go("/jobs")
    assert "state=refused" in tab.page.inner_text("main")
