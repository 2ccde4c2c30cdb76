"""Whatever is in a mapping file, loading it gives problems with a place, never an error."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bridge
from bridge.mapping.apply import apply
from bridge.mapping.compile import load_mapping
from bridge.mapping.hook_mapping import PresetSummary
from bridge.model import Contact, Event, Kind, Severity

ROOT = Path(bridge.__file__).parent.parent
PRESETS = {
    "typeform": PresetSummary(name="typeform", roles=frozenset({"signing"}), verified=True),
    "json": PresetSummary(name="json", roles=frozenset(), verified=False),
    "form": PresetSummary(name="form", roles=frozenset(), verified=False),
}
TEXTS = [(ROOT / "examples" / f"{name}.yaml").read_text() for name in ("typeform", "website-form", "json-batch")]
PIECES = [
    "{", "}", "[", "]", ":", ": ", ",", "#", " #", "'", '"', "\t", "\n", "- ", "~", "null", "yes", "5", "&a", "*a",
    "!x", "answer", "from", "value", "first_of: [", "lookup: {a: b}", "any: ", "when: ",
    "\x00", "\ud800", "é", "<<: ", "? ",
]  # fmt: skip
EVENT = Event(item=0, kind=Kind.SUBMISSION, contact=Contact(email="ada@example.com"), body={"a": 1})


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A shipped mapping with a few parts cut out and a few pieces put in."""
    text = draw(st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = start + draw(st.integers(0, 12))
        text = text[:start] + draw(st.sampled_from(PIECES) | st.just("")) + text[end:]
    return text


@given(text=damaged() | st.text(max_size=60))
def test_any_text_is_loaded_or_refused_with_problems_that_have_a_place(text: str) -> None:
    mapping, problems = load_mapping(text, file="m.yaml", name="m", presets=PRESETS)
    assert (mapping is None) == any(problem.severity is Severity.ERROR for problem in problems)
    assert all(problem.line >= 1 and problem.column >= 1 and problem.message for problem in problems)
    if mapping is not None:
        apply(mapping, EVENT)


def test_the_mapping_of_the_guides_first_section_loads() -> None:
    guide = (ROOT / "mappings" / "README.md").read_text()
    blocks = re.findall(r"```yaml\n(.*?)```", guide, flags=re.DOTALL)
    mapping, problems = load_mapping(blocks[0], file="README.md", name="typeform", presets=PRESETS)
    assert problems == []
    assert mapping is not None


@pytest.mark.parametrize("number", range(1, 4))
def test_the_parts_of_a_mapping_that_the_guide_shows_load(number: int) -> None:
    guide = (ROOT / "mappings" / "README.md").read_text()
    block = re.findall(r"```yaml\n(.*?)```", guide, flags=re.DOTALL)[number]
    base = "preset: json\nverify: none\nlead: {Lead Email: contact.email, Phone: contact.phone}\n"
    for part in re.split(r"\n(?=consent:)", block):
        text = base + part + "\n"
        text += "" if "actions:" in part else "actions: [{subscribe: {list: A}}]\n"
        text += "" if "consent:" in part else "consent: {not_asked: a test}\n"
        assert load_mapping(text, file="README.md", name="m", presets=PRESETS)[1] == []


def test_the_guide_names_every_verb_source_and_test() -> None:
    from bridge.mapping.values.conditions import TEST_DOCS
    from bridge.mapping.values.sources import NAMES
    from bridge.mapping.values.verbs import VERBS

    guide = (ROOT / "mappings" / "README.md").read_text()
    names = [verb.name for verb in VERBS] + list(NAMES) + list(TEST_DOCS)
    assert [name for name in names if f"{name}:" not in guide] == []


def test_an_expression_that_meets_infinity_finds_nothing() -> None:
    text = """\
preset: json
verify: none
consent: {not_asked: a test}
lead: {Lead Email: contact.email, X: "floor(body.a)"}
actions: [{subscribe: {list: A}}]
"""
    mapping, problems = load_mapping(text, file="m.yaml", name="m", presets=PRESETS)
    assert mapping is not None, problems
    event = Event(item=0, kind=Kind.SUBMISSION, contact=Contact(email="ada@example.com"), body={"a": float("inf")})
    assert apply(mapping, event).actions[0].leadinfo == {"Lead Email": "ada@example.com"}
