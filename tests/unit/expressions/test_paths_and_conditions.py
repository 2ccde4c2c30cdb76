"""Paths and conditions: what they find, and what they never do."""

from __future__ import annotations

from typing import Any

import jmespath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import PathError
from bridge.expressions import MISSING, as_text, compile_path, compile_test, is_blank, star_pattern

SCOPE: dict[str, Any] = {
    "body": {
        "data.json": "dots",
        "First Name": "spaces",
        "1.3": "numeric text",
        "your-email": "hyphen",
        "3": "a number as a key",
        "items": [{"id": 1}, {"id": 2}],
        "nothing": None,
        "Straße, 1": "commas",
    }
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ('body["data.json"]', "dots"),
        ("body['First Name']", "spaces"),
        ('body["1.3"]', "numeric text"),
        ("body.your-email", "hyphen"),
        ("body.3", "a number as a key"),
        ("body.items[1].id", 2),
        ("body.items.0.id", 1),
        ("body.items[-1].id", 2),
        ('body["Straße, 1"]', "commas"),
        ("body.items[?id==`2`].id | [0]", 2),
        ("body.items[*].id", [1, 2]),
    ],
)
def test_a_path_finds_any_key(path: str, found: Any) -> None:
    assert compile_path(path)[1](SCOPE) == found


def test_missing_and_null_differ() -> None:
    assert compile_path("body.nothing")[1](SCOPE) is None
    assert compile_path("body.nowhere")[1](SCOPE) is MISSING
    assert compile_path("body.items[7].id")[1](SCOPE) is MISSING
    assert compile_path("body.nothing.deeper")[1](SCOPE) is MISSING


_NAMES = st.sampled_from(["a", "b", "c"])
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=3),
    max_leaves=10,
)


@given(
    st.dictionaries(_NAMES, _VALUES),
    st.lists(st.lists(_NAMES, min_size=1, max_size=3).map(".".join), min_size=2, max_size=3),
    st.sampled_from([",", ", "]),
)
def test_a_list_of_paths_finds_what_jmespath_finds(scope: dict[str, Any], paths: list[str], comma: str) -> None:
    text = f"[{comma.join(paths)}][]"
    assert repr(compile_path(text)[1](scope)) == repr(jmespath.search(text, scope))


def test_the_first_name_of_a_path_is_reported() -> None:
    assert compile_path("answers.email")[0] == "answers"
    assert compile_path("Typeform")[0] == "Typeform"
    assert compile_path("answers[?a=='b']")[0] == "answers"


@pytest.mark.parametrize("path", ["a..b", "a b", "body[", ".a", ""])
def test_a_path_that_cannot_be_read_names_itself(path: str) -> None:
    with pytest.raises(PathError, match="cannot be read"):
        compile_path(path)


def test_a_function_over_the_wrong_type_finds_nothing() -> None:
    assert compile_path("length(body.items[0].id)")[1](SCOPE) is MISSING


@pytest.mark.parametrize(
    ("test", "expected", "value", "result"),
    [
        ("is", "Yes", " yes ", True),
        ("is", 1, "1", True),
        ("is", True, "true", True),
        ("is", "a", ["A"], True),
        ("is", None, MISSING, True),
        ("is", "", None, False),
        ("is_not", "a", "b", True),
        ("in", ["a", "b"], "B", True),
        ("in", ["a", "b"], MISSING, False),
        ("contains", "agree", "Yes, I AGREE", True),
        ("contains", "golf", ["Golf", "ski"], True),
        ("contains", "gol", ["golf"], False),
        ("contains", "a", {"a": 1}, False),
        ("present", True, 0, True),
        ("present", True, " ", False),
        ("present", False, None, True),
        ("agreed", True, "on", True),
        ("agreed", False, "no", True),
    ],
)
def test_conditions_compare_as_a_person_would(test: str, expected: Any, value: Any, result: bool) -> None:
    assert compile_test(test, expected)(value) is result


def test_blank_is_what_must_never_overwrite() -> None:
    blank: list[Any] = [MISSING, None, "", " \n", [], {}]
    not_blank: list[Any] = [0, False, "0", [""], {"a": None}]
    assert all(is_blank(value) for value in blank)
    assert not any(is_blank(value) for value in not_blank)


def test_numbers_become_text_without_loss() -> None:
    assert as_text(2**70) == str(2**70)
    assert as_text(3.0) == "3"
    assert as_text(True) == "true"
    assert as_text(None) == ""


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("utm_*", "utm_source", True),
        ("utm_*", "utm", False),
        ("*unsubscribe*", "contact\nunsubscribed", True),
        ("a*b*c", "a--b--c", True),
        ("a*b*c", "a--c--b", False),
        ("a*a", "a", False),
        ("**", "", True),
        ("same", "same", True),
        ("same", "Same", False),
    ],
)
def test_a_star_stands_for_any_part(pattern: str, text: str, fits: bool) -> None:
    assert star_pattern(pattern)(text) is fits


def test_many_stars_cost_no_more_than_the_text_is_long() -> None:
    fits = star_pattern("a*" * 40 + "b")
    assert not fits("a" * 100_000)
