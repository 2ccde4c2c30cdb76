"""From a folder of files to hooks: each is judged apart, and none stops another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bridge.authoring.check import check
from bridge.hooks import folder as hooks
from bridge.hooks.hook import ClosedHook, Hook
from bridge.outbox import Outbox, open_outbox, registry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from bridge.hooks.hook import Hooks

GOOD = """
preset: json
secrets: {token: [NEW_TOKEN, OLD_TOKEN]}
verify: {header_token: X-Token}
consent: {not_asked: the tests}
lead:
  Lead Email: {answer: email}
actions:
  - trigger: {journey: Welcome, list: Newsletter}
"""
BAD = "preset: jsn\n"


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Outbox]:
    opened = open_outbox(sqlite_url)
    yield opened
    opened.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "mappings"
    made.mkdir()
    return made


def load(folder: Path, store: Outbox, secret: Callable[[str], str] = str.lower) -> Hooks:
    return hooks.load_hooks(folder, hooks.load_presets(), secret, store)


def test_every_yaml_file_is_a_hook_and_examples_are_none(folder: Path, store: Outbox) -> None:
    for name in ("b.yaml", "a.yaml", "a.examples.yaml", "README.md"):
        (folder / name).write_text(GOOD)
    assert list(load(folder, store).by_name) == ["a", "b"]


def test_a_folder_that_is_not_there_holds_no_hooks(folder: Path, store: Outbox) -> None:
    assert load(folder / "nowhere", store).by_name == {}


def test_a_file_that_cannot_be_read_is_a_problem_and_no_error(folder: Path, store: Outbox) -> None:
    (folder / "latin.yaml").write_bytes(GOOD.encode() + b"# \xe9")
    (folder / "folder.yaml").mkdir()
    (folder / "good.yaml").write_text(GOOD)
    found = load(folder, store).by_name
    assert isinstance(found["good"], Hook)
    for name in ("latin", "folder"):
        closed = found[name]
        assert isinstance(closed, ClosedHook)
        assert closed.problems[0].message.startswith("the file cannot be read: ")


def test_a_hook_is_open_when_any_of_a_roles_secrets_is_set(folder: Path, store: Outbox) -> None:
    (folder / "form.yaml").write_text(GOOD)
    found = load(folder, store, lambda name: "old" if name == "OLD_TOKEN" else "").by_name["form"]
    assert isinstance(found, Hook)
    assert found.secrets == {"token": ("old",)}


def test_a_hook_without_its_secret_is_closed_and_says_which_to_set(folder: Path, store: Outbox) -> None:
    (folder / "form.yaml").write_text(GOOD)
    found = load(folder, store, lambda _: "").by_name["form"]
    assert isinstance(found, ClosedHook)
    assert found.problems[0].message == "the secret 'token' is not set: NEW_TOKEN is empty and OLD_TOKEN is empty"
    assert found.problems[0].fix == "set NEW_TOKEN"


def test_a_file_that_was_never_good_closes_its_hook_alone(folder: Path, store: Outbox) -> None:
    (folder / "bad.yaml").write_text(BAD)
    (folder / "good.yaml").write_text(GOOD)
    found = load(folder, store).by_name
    assert isinstance(found["bad"], ClosedHook)
    assert "jsn" in found["bad"].problems[0].message
    assert isinstance(found["good"], Hook)


def test_a_file_gone_bad_runs_on_the_text_that_the_outbox_keeps(folder: Path, store: Outbox) -> None:
    (folder / "form.yaml").write_text(GOOD)
    first = load(folder, store).mapping_set_id()
    (folder / "form.yaml").write_text(BAD)
    again = load(folder, store)
    assert isinstance(again.by_name["form"], Hook)
    assert again.mapping_set_id() == first, "the bad text is never stored"


def test_hooks_load_while_the_outbox_is_away(folder: Path, tmp_path: Path) -> None:
    away = open_outbox(f"sqlite:///{tmp_path / 'nowhere' / 'outbox.db'}")
    (folder / "form.yaml").write_text(GOOD)
    (folder / "bad.yaml").write_text(BAD)
    found = load(folder, away).by_name
    assert isinstance(found["form"], Hook)
    assert isinstance(found["bad"], ClosedHook)


def test_hooks_are_known_to_the_outbox_once_their_texts_are_stored(folder: Path, store: Outbox) -> None:
    (folder / "form.yaml").write_text(GOOD)
    loaded = load(folder, store)
    assert not registry.known_hook(store, "form")
    loaded.mapping_set_id()
    assert registry.known_hook(store, "form")


IDS_ONLY = """
preset: meta-lead-ads
secrets: {signing: META_SECRET, verify_token: META_VERIFY}
fetch: {token: META_TOKEN}
consent: {not_asked: the tests}
lead: {Lead Email: {answer: email}}
actions: [{subscribe: {list: Newsletter}}]
"""
IDS_ONLY_EXAMPLES = """
examples:
  - name: Ada's lead
    request:
      body: {entry: [{changes: [{field: leadgen, value: {leadgen_id: "7"}}]}]}
      fetched: {lead: {field_data: [{name: email, values: [ada@example.com]}]}}
    expect: {state: accepted, leadinfo: {Lead Email: ada@example.com}}
"""


def test_a_hook_without_the_token_of_fetch_takes_requests_and_check_names_the_variable(
    folder: Path, store: Outbox
) -> None:
    (folder / "ads.yaml").write_text(IDS_ONLY)
    set_here = {"META_SECRET": "s", "META_VERIFY": "v"}
    assert isinstance(load(folder, store, lambda name: set_here.get(name, "")).by_name["ads"], Hook)
    checked = check([folder], secret=lambda name: set_here.get(name, ""), account=lambda _: None)
    (problem,) = [one for one in checked.problems if one.code == "unset_secret"]
    assert (problem.path, problem.line) == ("fetch.token", 4)
    assert "META_TOKEN" in problem.message


def test_an_example_of_an_ids_only_sender_holds_what_it_answers(folder: Path) -> None:
    (folder / "ads.yaml").write_text(IDS_ONLY)
    (folder / "ads.examples.yaml").write_text(IDS_ONLY_EXAMPLES)
    presets = hooks.load_presets()
    (result,), problems = hooks.run_examples(hooks.read_file(folder / "ads.yaml", presets), presets)
    assert (result.differences, problems) == ((), [])
