"""Whatever somebody writes into a mapping or a preset: a problem with its place, never a failure of our own code."""

from __future__ import annotations

import json
import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bridge
from bridge import documents, hooks, intake
from bridge.authoring.check import check, snapshot_next_to
from bridge.hooks.folder import judge, load_presets
from bridge.intake import Preset
from tests.builders import shipped_presets

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(bridge.__file__).parents[1]
PRESET_FILES = sorted((ROOT / "bridge/presets").glob("*.yaml"))
MAPPING_FILES = [path for path in sorted((ROOT / "examples").glob("*.yaml")) if "examples" not in path.name]
HOSTILE = (
    "[[]]", "[[[a]]]", "[]", "{}", "{a: {b: [c]}}", "[{}]", "[null]", "null", "true", "-1", "0", "''", "0o777",
    "0x" + "f" * 3_600, "9" * 5_000, "1e999", ".inf", ".nan", "2026-13-45", "[" * 200 + "]" * 200,
    "{a: " * 150 + "1" + "}" * 150,
    "&a [*a]", "!python/object:os.system [ls]", "'" + "*a" * 40 + "'", "'\\ud800'", "body." + "a." * 2_000 + "b",
    "'" + "[body, body][]." * 200 + "a'", "{from: body.x, is: [[]]}", "../../etc/passwd",
    '"a\\0b"', '"\\e[2J\\x9b"', "[&a {b: *a}]",
)  # fmt: skip


@st.composite
def spoiled(draw: st.DrawFn, files: list[Path]) -> tuple[str, str]:
    """A shipped file in which up to three values are replaced by hostile ones; its name and its text."""
    path = draw(st.sampled_from(files))
    lines = path.read_text(encoding="utf-8").splitlines()
    places = [number for number, line in enumerate(lines) if re.match(r"\s*(- )?[\w \-]+:", line)]
    for number in draw(st.lists(st.sampled_from(places), min_size=1, max_size=3, unique=True)):
        key = lines[number].partition(":")[0]
        lines[number] = f"{key}: {draw(st.sampled_from(HOSTILE))}"
    return path.stem, "\n".join(lines)


@given(file=spoiled(PRESET_FILES))
def test_a_preset_is_read_or_refused_with_its_problems(file: tuple[str, str]) -> None:
    name, text = file
    found = intake.load_preset(text, f"{name}.yaml")
    if not isinstance(found, Preset):
        assert found
        assert [problem.message for problem in found if problem.code == "internal"] == []


@given(file=spoiled(MAPPING_FILES))
def test_a_mapping_is_read_or_refused_with_its_problems(file: tuple[str, str]) -> None:
    name, text = file
    found = judge(text, name=name, file=f"{name}.yaml", presets=shipped_presets())
    assert [problem.message for problem in found.problems if problem.code == "internal"] == []


@pytest.mark.parametrize("levels", [30, 65, 300, 1_000])
@pytest.mark.parametrize(
    ("key", "opening", "closing"),
    [
        ("lead:\n  Lead Email", "{first_of: [", "]}"),
        ("when", "{any: [", "]}"),
        ("consent", "{all: [", "]}"),
        ("each", "[", "]"),
        ("secrets", "{a: ", "}"),
        ("actions", "[{subscribe: ", "}]"),
    ],
)
def test_nesting_is_bounded_wherever_it_stands(key: str, opening: str, closing: str, levels: int) -> None:
    text = f"preset: json\n{key}: {opening * levels}x{closing * levels}\n"
    found = judge(text, name="deep", file="deep.yaml", presets=shipped_presets())
    codes = {problem.code for problem in found.problems}
    assert "internal" not in codes
    assert ("too_deep" in codes or "yaml" in codes) is (levels > 64)


@pytest.mark.parametrize("part", ["answers", "tracking", "questions"])
@pytest.mark.parametrize("value", ["[[]]", "[[a]]", "[{list: [[]]}]"])
def test_a_list_within_a_list_has_no_place_where_sources_are_written(part: str, value: str) -> None:
    text = f"name: mine\ntitle: Mine\nbody: json\nverify: choose\n{part}: {value}\n"
    found = intake.load_preset(text, "mine.yaml")
    assert isinstance(found, list)
    assert any(problem.path.startswith(part) and problem.line for problem in found)


def test_one_bad_preset_takes_no_other_file_down(tmp_path: Path) -> None:
    (tmp_path / "presets").mkdir()
    (tmp_path / "presets/mine.yaml").write_text("name: mine\ntitle: Mine\nbody: json\nverify: none\nanswers: [[]]\n")
    (tmp_path / "good.yaml").write_text((ROOT / "examples/json-batch.yaml").read_text())
    presets = load_presets(tmp_path)
    (file,) = hooks.folder.read_folder(tmp_path, presets)
    assert file.mapping is not None


def _sparse(path: Path) -> None:
    path.touch()
    os.truncate(path, 10**12)


ODD_FILES: dict[str, Callable[[Path], object]] = {
    "pipe": os.mkfifo,
    "endless device": lambda path: path.symlink_to("/dev/zero"),
    "folder": lambda path: path.mkdir(),
    "link to itself": lambda path: path.symlink_to(path.name),
    "link to nothing": lambda path: path.symlink_to("nowhere"),
    "socket": lambda path: os.mknod(path, stat.S_IFSOCK | 0o600),
    "sparse": _sparse,
}


@pytest.mark.parametrize("kind", ODD_FILES)
@pytest.mark.parametrize("name", ["odd.yaml", "presets/odd.yaml"])
def test_what_is_no_file_is_a_problem_and_neither_blocks_nor_fills_the_memory(
    tmp_path: Path, name: str, kind: str
) -> None:
    (tmp_path / "presets").mkdir()
    (tmp_path / "good.yaml").write_text((ROOT / "examples/json-batch.yaml").read_text())
    ODD_FILES[kind](tmp_path / name)
    checked = check([tmp_path], secret=None, account=snapshot_next_to)
    assert "good" in [one.name for one in checked.files if one.mapping is not None]
    (problem, *_) = [one for one in checked.problems if one.file.endswith(name)]
    assert problem.code == "unreadable_file"


@pytest.mark.parametrize("name", ["../secret.json", "/etc/hostname", "link.json", "pipe.json", "sub/../../secret.json"])
def test_an_example_reads_no_file_outside_its_folder(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "mappings"
    (folder / "sub").mkdir(parents=True)
    (tmp_path / "secret.json").write_text('{"email": "planted@example.com"}')
    (folder / "link.json").symlink_to("../secret.json")
    os.mkfifo(folder / "pipe.json")
    (folder / "good.yaml").write_text((ROOT / "examples/json-batch.yaml").read_text())
    example = {"request": {"file": name}, "expect": {"state": "accepted"}}
    (folder / "good.examples.yaml").write_text(json.dumps({"examples": [example]}))
    presets = load_presets(None)
    ((result,), problems) = hooks.folder.run_examples(hooks.folder.read_file(folder / "good.yaml", presets), presets)
    assert not problems
    assert [one.path for one in result.differences] == ["request"]
    assert "planted" not in str(result)


OUTSIDE = (
    "../out.json",
    "/dev/zero",
    "link.json",
    "below/../../out.json",
    "below",
    ".",
    "",
    "pipe",
    "a\0b",
    "x" * 5_000,
)


@pytest.mark.parametrize("name", [*OUTSIDE, "loop", "nowhere", "file:///etc/hostname", "..\\out.json"])
def test_an_example_names_files_of_its_folder_only(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "mappings"
    (folder / "below").mkdir(parents=True)
    (tmp_path / "out.json").write_text("{}")
    (folder / "link.json").symlink_to(tmp_path / "out.json")
    (folder / "loop").symlink_to(folder / "loop")
    os.mkfifo(folder / "pipe")
    with pytest.raises(OSError, match=r".+"):
        documents.read_below(folder, name)
