"""Every key of the mapping's schema with every wrong type: reported at its place, with a fix that can be followed.

Nothing that is wrong elsewhere in the file is hidden by it.
"""

from __future__ import annotations

import copy
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import pytest

from bridge.documents import dump, load
from bridge.hooks.folder import judge, load_presets
from bridge.mapping.schema import build
from bridge.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bridge.model import Problem

PRESETS = load_presets()
SCHEMA = build()
Path = tuple[str | int, ...]
BASE: Final[dict[str, Any]] = {
    "preset": "json",
    "verify": "none",
    "consent": {"answer": "x"},
    "lead": {"Lead Email": "contact.email", "Phone": {"answer": "Phone"}},
    "actions": [{"subscribe": {"list": "News"}}],
}
ACTIONS: Final[dict[str, Any]] = {
    "subscribe": {"list": "News"},
    "trigger": {"journey": "Welcome", "list": "News"},
    "unsubscribe": {"list": "News"},
    "do_not_mail": {},
    "tag": {"name": "VIP"},
    "untag": {"name": "VIP"},
}
WITHDRAWING = ("unsubscribe", "do_not_mail", "untag")
VALUES = ["abc", "12", "true", '"true"', "[a, b]", "[{a: b}]", "{a: b}", "", "[]", "{}"]
MARK = "MARK"


def keys_of(part: dict[str, Any]) -> list[str]:
    return [key for one in (part, *part.get("anyOf", ())) for key in one.get("properties", ())]


def paths() -> Iterator[Path]:
    """Every place of a mapping that the schema knows, but for what `verify` holds, which has a schema of its own."""
    yield from ((key,) for key in SCHEMA["properties"])
    yield from (("withdraw", key) for key in keys_of(SCHEMA["properties"]["withdraw"]))
    for start, names in ((("actions",), ACTIONS), (("withdraw", "actions"), WITHDRAWING)):
        for name in names:
            yield (*start, 0, name)
            yield from ((*start, 0, name, key) for key in keys_of(SCHEMA["$defs"][name]))
    yield from (("lead", "Phone", key) for key in keys_of(SCHEMA["$defs"]["field"]))
    yield from (("when", key) for key in keys_of(SCHEMA["$defs"]["condition"]))


def mapping(path: Path, written: str) -> str:
    """A good mapping but for what is written at a path."""
    return _marked(path).replace(MARK, written)


@cache
def _marked(path: Path) -> str:
    data = copy.deepcopy(BASE)
    if path[0] == "withdraw":
        data["withdraw"] = {"when": {"from": "type", "is": "gone"}, "actions": [{"untag": "VIP"}]}
    if path[:2] == ("lead", "Phone") and path[-1] in ("from", "header", "query", "value", "first_of"):
        data["lead"]["Phone"] = {}
    if path[0] == "when":
        is_source = path[-1] in ("answer", "header", "query", "value", "first_of")
        data["when"] = {"is": "x"} if is_source else {} if path[-1] == "any" else {"from": "type"}
    at = path.index(0) if 0 in path else None
    if at is not None:
        actions = (data if at == 1 else data["withdraw"])["actions"]
        actions[0] = {path[at + 1]: copy.deepcopy(ACTIONS[str(path[at + 1])])}
    node: Any = data
    for step, after in pairwise(path):
        if isinstance(node, dict) and step not in node:
            node[step] = [] if isinstance(after, int) else {}
        node = node[step]
    node[path[-1]] = MARK
    return dump(data)


def errors(text: str) -> list[Problem]:
    found = judge(text, name="form", file="form.yaml", presets=PRESETS).problems
    return [one for one in found if one.severity is Severity.ERROR]


def identity(problem: Problem) -> tuple[str, str, int]:
    return problem.code, problem.path, problem.line


@pytest.mark.parametrize("path", list(paths()), ids=lambda path: ".".join(map(str, path)))
def test_a_wrong_type_is_reported_with_a_fix_that_ends_it(path: Path) -> None:
    wrong = 0
    for written in VALUES:
        text = mapping(path, written)
        found = errors(text)
        wrong += bool(found)
        for problem in found:
            assert problem.code != "internal"
            assert problem.line
            assert problem.fix, problem
            assert "\\n" not in problem.fix
            assert "True" not in problem.fix
            if problem.edit is not None:
                changed = problem.edit.apply(text)
                assert load(changed, file="form.yaml").found == [], (written, problem.fix)
                assert identity(problem) not in map(identity, errors(changed)), (written, problem.fix)
    assert wrong or path[-1] in ("schema", "value"), "nothing is of a wrong type here"


@pytest.mark.parametrize("path", list(paths()), ids=lambda path: ".".join(map(str, path)))
def test_what_is_wrong_elsewhere_is_reported_next_to_it(path: Path) -> None:
    for written in VALUES:
        text = mapping(path, written)
        alone = {(one.code, one.path) for one in errors(text)}
        if path != ("priority",):
            also = {(one.code, one.path) for one in errors(text + "priority: qqqq\n")}
            assert also == alone | {("unknown_choice", "priority")}
        assert ("unknown_key", "unheard_of") in {(one.code, one.path) for one in errors(text + "unheard_of: 1\n")}


@pytest.mark.parametrize("name", sorted(ACTIONS))
@pytest.mark.parametrize("start", [("actions",), ("withdraw", "actions")])
def test_an_unknown_key_of_an_action_hides_nothing_else_in_it(name: str, start: Path) -> None:
    if start != ("actions",) and name not in WITHDRAWING:
        return
    good = mapping((*start, 0, name, "when"), "{from: kind, is: unsubscribed}")
    line = next(line for line in good.splitlines() if "when: {from: kind" in line)
    text = good.replace(line, f"{line}\n{line.partition('when')[0]}unheard_of: 1")
    assert {one.code for one in errors(text)} == {one.code for one in errors(good)} | {"unknown_key"}
    assert "unknown_kind" in {one.code for one in errors(good)}
