"""Every page, in both themes and at both widths: readable by everybody, within its policy, and as wide as the tab."""

from __future__ import annotations

from importlib.metadata import distribution
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import pytest

from tests.browser.conftest import PHONE, WIDE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.browser.conftest import Tab

    Opened = Callable[..., Tab]

AXE = distribution("axe-playwright-python").locate_file("axe_playwright_python/axe.min.js")
THEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
RULES_OF_COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
"""Those of them that a theme can break: it changes colours only."""

PATHS = (
    "/leads",
    "/leads/evt_1",
    "/leads/evt_3",
    "/leads/evt_4",
    "/leads/evt_1/replay",
    "/leads/evt_1/forget",
    "/trying",
    "/trying/typeform",
    "/trying/tally",
    "/trying/preset:jotform",
    "/now",
    "/events",
    "/events?state=refused&kind=submission",
    "/trouble",
    "/hooks",
    "/hooks/typeform",
    "/hooks/typeform/verify",
    "/jobs",
)
"""Ada's event was delivered, Grace's ignored, Charles's refused; nothing came from Tally."""


def violations(tab: Tab, rules: Mapping[str, Any] = RULES) -> list[str]:
    """What axe finds: the rule, and the elements that break it."""
    if not tab.page.evaluate("'axe' in window"):
        tab.page.evaluate(Path(str(AXE)).read_text(encoding="utf-8"))
    found: Any = tab.page.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", rules)
    return [f"{one['id']}: {[node['html'][:120] for node in one['nodes']]}" for one in found["violations"]]


def test_pages_are_accessible_and_fit_their_width(open_tab: Opened) -> None:
    tab = open_tab(WIDE, bypass_csp=True, reduced_motion="reduce")
    for path in PATHS:
        tab.page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
        tab.go(path)
        for details in tab.page.query_selector_all("details"):
            details.evaluate("one => { one.open = true }")
        assert "`" not in tab.page.inner_text("main"), f"{path} shows the marks of commands"
        for (width, height), theme in product((WIDE, PHONE), THEMES):
            tab.page.set_viewport_size({"width": width, "height": height})
            tab.page.emulate_media(color_scheme=theme)
            rules = RULES if theme == "light" else RULES_OF_COLOURS
            assert violations(tab, rules) == [], f"{path} at {width} pixels, {theme}"
            assert tab.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} scrolls sideways"
        assert tab.complaints == [], path


LENGTHEN = """() => {
  const texts = document.createTreeWalker(document.getElementById("main"), NodeFilter.SHOW_TEXT);
  const ours = ".state, .id, button, .button, th, time, .unbroken, select, textarea";
  while (texts.nextNode()) {
    const text = texts.currentNode;
    if (text.data.trim() && !text.parentElement.closest(ours)) text.data = "w".repeat(300);
  }
}"""
"""Puts a word of 300 letters in the place of every text, but of those that only we write."""


def test_a_word_of_any_length_fits(open_tab: Opened) -> None:
    tab = open_tab()
    for path in PATHS:
        tab.go(path)
        for details in tab.page.query_selector_all("details"):
            details.evaluate("one => { one.open = true }")
        tab.page.evaluate(LENGTHEN)
        for width, height in (WIDE, PHONE):
            tab.page.set_viewport_size({"width": width, "height": height})
            shown = tab.page.evaluate("document.documentElement.scrollWidth")
            assert shown <= width, f"{path} scrolls sideways at {width} pixels"


def test_filters_leave_room_for_events_on_a_phone(open_tab: Opened) -> None:
    tab = open_tab(PHONE)
    tab.go("/events")
    row = tab.page.locator("[data-row] >> nth=2").bounding_box()
    assert row is not None
    assert row["y"] + row["height"] < PHONE[1] * 0.75
    tab.page.click("text=More filters")
    tab.page.select_option("[name=kind]", "submission")
    with tab.page.expect_navigation():
        tab.page.click("button:has-text('Filter')")
    assert tab.page.is_visible("[name=kind]")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_sign_in_page_is_accessible(open_tab: Opened, theme: str) -> None:
    tab = open_tab(PHONE, theme, signed_in=False, bypass_csp=True)
    tab.go("/login")
    assert violations(tab) == []
    tab.page.fill("#name", "demo")
    tab.page.fill("#password", "wrong")
    with tab.page.expect_navigation():
        tab.page.keyboard.press("Enter")
    assert violations(tab) == []
    assert "do not belong together" in tab.page.inner_text("[role=alert]")


def test_no_page_breaks_its_policy(open_tab: Opened) -> None:
    tab = open_tab()
    for path in PATHS:
        tab.go(path)
        tab.page.wait_for_load_state("networkidle")
        assert tab.complaints == [], path


def test_pages_work_without_script(open_tab: Opened) -> None:
    tab = open_tab(java_script_enabled=False)
    tab.go("/leads")
    tab.page.fill("[data-search]", "grace@example.org")
    with tab.page.expect_navigation():
        tab.page.click("text=Search")
    assert tab.page.url.endswith("/leads/evt_3")
    tab.page.click("text=What came")
    assert tab.page.is_visible("text=form_response")
    tab.go("/trying/typeform")
    tab.page.fill("#text", "preset: typeform\nleads: {}\n")
    with tab.page.expect_navigation():
        tab.page.click("text=Try it")
    assert "'leads' is not known" in tab.page.inner_text("#result")
    assert tab.page.input_value("#text") == "preset: typeform\nleads: {}\n"


def test_every_act_is_reached_by_the_tab_key(open_tab: Opened) -> None:
    tab = open_tab()
    for path in PATHS:
        tab.go(path)
        wanted = tab.page.evaluate(
            "() => [...document.querySelectorAll('a, button, input, textarea, summary')]"
            ".filter(one => one.checkVisibility() && !one.disabled && one.type !== 'radio' && one.type !== 'hidden'"
            " && !one.closest('dialog')).length"
        )
        tab.page.evaluate(
            "() => { document.activeElement.blur(); window.reached = new Set();"
            " document.addEventListener('focusin', one => {"
            " if (one.target.matches('a, button, input, textarea, summary')) reached.add(one.target) }) }"
        )
        for _ in range(wanted + 15):
            tab.page.keyboard.press("Tab")
        assert tab.page.evaluate("reached.size") >= wanted, path
