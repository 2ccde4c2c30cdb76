"""An event whose answers were fetched becomes an example that has them: it is all that says what was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.hooks.folder import judge_presets, read_file, run_examples_text
from bridge.operations.trial import example_text
from tests.contract.enrichment.conftest import MAPPING, lead

if TYPE_CHECKING:
    from pathlib import Path

    from tests.contract.enrichment.conftest import FetchingHook


def test_the_example_of_a_fetched_event_holds_and_names_nobody(ads: FetchingHook, tmp_path: Path) -> None:
    path = tmp_path / "ads.yaml"
    path.write_text(MAPPING)
    ads.sender.answer("17", 200, lead("grace@example.org"))
    ads.post("17")
    ads.complete()
    (story,) = ads.stories()
    text = example_text(ads.store, tmp_path, "ads", MAPPING, story.event_id)
    presets, _ = judge_presets(None)
    (result,), problems = run_examples_text(read_file(path, presets), presets, text)
    assert not problems
    assert not result.differences
    assert "subscribe" in text
    assert "grace" not in text
