"""The page of senders is what the presets say, readable as Markdown."""

from __future__ import annotations

import re

from bridge.authoring import senders_page
from bridge.hooks import folder as hooks

PRESETS, _ = hooks.judge_presets(None)


def test_the_page_of_senders_is_fresh() -> None:
    assert senders_page.PAGE.read_text(encoding="utf-8") == senders_page.shipped(), (
        "run: python -m bridge.authoring.senders_page"
    )


def test_every_preset_has_a_row_and_a_section_that_its_row_leads_to() -> None:
    text = senders_page.shipped()
    for name in PRESETS:
        assert text.count(f"| [`{name}`](#{name}) |") == 1
        assert text.count(f"\n### {name}\n") == 1


def test_rows_have_five_cells_whatever_a_preset_says() -> None:
    rows = [line for line in senders_page.shipped().splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {6}


def test_a_sender_of_ids_only_is_marked_so() -> None:
    text = senders_page.page([PRESETS["squarespace"], PRESETS["stripe"]])
    assert re.search(r"\[`squarespace`\].*ids only", text)
    assert not re.search(r"\[`stripe`\].*ids only", text)
    assert "`consent: {answer: promotions, is: opt_in}`" in text


def test_only_senders_that_list_their_questions_are_said_to() -> None:
    text = senders_page.page([PRESETS["tally"], PRESETS["stripe"]])
    assert re.search(r"\[`tally`\].*lists its questions", text)
    assert not re.search(r"\[`stripe`\].*lists its questions", text)


def test_the_table_of_second_events_says_what_the_presets_do() -> None:
    rows = dict(re.findall(r"^\| \[([\w-]+)\]\(#[\w-]+\) \| (.*) \|$", senders_page.shipped(), re.MULTILINE))
    assert rows.keys() == PRESETS.keys()
    assert rows["elementor"].startswith("none | a duplicate within a day | a new event |")
    assert rows["typeform"] == (
        "`body.event_id`, or `body.form_response.token` | a duplicate | an update | ignored until the final one"
    )
    assert "| a duplicate | an update |" in rows["meta-lead-ads"]
