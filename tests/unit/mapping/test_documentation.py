"""The guide and the recipes are what the product does: every verb's example, every recipe, every table."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pytest

import bridge
from bridge.documents import dump, load
from bridge.hooks import folder as hooks
from bridge.hooks.folder import load_presets
from bridge.mapping import apply, reference
from bridge.mapping.values.verbs import VERBS, Verb
from bridge.model import Contact, Event, Kind

if TYPE_CHECKING:
    from bridge.hooks.presets import Presets

ROOT = Path(bridge.__file__).parent.parent
GUIDE = ROOT / "mappings" / "README.md"
RECIPES = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
PARTS = [
    (f"{title}-{number}", block)
    for title, text in re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", RECIPES, re.DOTALL | re.MULTILINE)
    for number, block in enumerate(re.findall(r"```yaml\n(.*?)```", text, re.DOTALL))
]
REQUEST = ("body", "form", "headers", "query")
OUTCOME = ("sends", "does", "warns", "known_as")


@cache
def all_presets() -> Presets:
    return load_presets()


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_a_verbs_example_comes_out_as_the_guide_says(verb: Verb) -> None:
    field, found, sent = verb.example
    text = "preset: json\nverify: none\nconsent: {not_asked: a test}\nlead:\n  Lead Email: contact.email\n"
    file = hooks.judge(
        f"{text}  X: {field}\nactions: [{{subscribe: {{list: A}}}}]\n", name="t", file="t.yaml", presets=all_presets()
    )
    assert file.mapping is not None, file.problems
    contact = Contact(email="ada@example.com")
    mapped = apply(file.mapping, Event(item=0, kind=Kind.SUBMISSION, contact=contact, body={"x": orjson.loads(found)}))
    leadinfo = mapped.actions[0].leadinfo
    assert leadinfo is not None
    assert leadinfo["X"] == sent
    assert not mapped.warnings


def test_the_guides_tables_are_fresh() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    assert reference.refreshed(text) == text
    assert all(f"| `{verb.name}` |" in text for verb in VERBS)


@pytest.mark.parametrize(("name", "block"), PARTS, ids=[name for name, _ in PARTS])
def test_a_recipe_comes_out_as_it_says(name: str, block: str) -> None:
    presets = all_presets()
    data = load(block, file="docs/recipes.md").data
    mapping_text = _mapping(block, data)
    file = hooks.judge(mapping_text, name="recipe", file="recipe.yaml", presets=presets)
    assert file.mapping is not None, (mapping_text, file.problems)
    expect = [_expect(data, sends) for sends in (data["sends"] if isinstance(data["sends"], list) else [data["sends"]])]
    example = {
        "name": name,
        "request": {key: data[key] for key in REQUEST if key in data},
        "expect": expect if len(expect) > 1 else expect[0],
    }
    results, problems = hooks.run_examples_text(file, presets, dump({"examples": [example]}))
    assert problems == []
    assert results[0].differences == ()


def _mapping(block: str, data: dict[str, Any]) -> str:
    """The recipe's own parts as they are written, and the rest that every mapping needs."""
    parts = re.split(r"^(?=\w[\w ]*:)", block, flags=re.MULTILINE)
    kept = [part for part in parts if part.partition(":")[0] not in (*REQUEST, *OUTCOME)]
    rest = {
        "preset": "form" if "form" in data else "json",
        "consent": "{not_asked: a test}",
        "actions": "[{subscribe: {list: Newsletter}}]",
    }
    preset = load_presets_of(data.get("preset", rest["preset"]))
    lines = [f"{key}: {value}\n" for key, value in rest.items() if key not in data]
    return "".join([*kept, *lines, preset])


def load_presets_of(name: str) -> str:
    """How this preset's sender authenticates, in a test."""
    roles = sorted(all_presets()[name].roles)
    if not roles:
        return "verify: none\n"
    return f"secrets: {{{', '.join(f'{role}: A_SECRET' for role in roles)}}}\n"


def _expect(data: dict[str, Any], sends: dict[str, Any]) -> dict[str, Any]:
    if "ignored" in sends:
        return {"state": "ignored", "reason": sends["ignored"]}
    if "refused" in sends:
        return {"state": "refused", "problems": [sends["refused"]]}
    expect: dict[str, Any] = {"state": "accepted", "leadinfo": sends or None, "warnings": data.get("warns", [])}
    if "does" in data:
        expect["actions"] = data["does"]
    if "known_as" in data:
        expect["id"] = data["known_as"]
    return expect
