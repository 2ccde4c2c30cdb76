"""YAML with places, and the accidents of writing it by hand."""

from __future__ import annotations

import pytest

from bridge.documents import load
from bridge.documents.load import MAX_NODES


def test_a_value_and_its_key_know_their_line_and_column() -> None:
    document = load("a:\n  b:   [x, y]\n", file="f.yaml")
    assert document.data == {"a": {"b": ["x", "y"]}}
    problem = document.problem(("a", "b", 1), "code", "message")
    assert (problem.file, problem.line, problem.column, problem.path) == ("f.yaml", 2, 12, "a.b[1]")
    assert document.problem(("a", "b"), "code", "message", at_key=True).column == 3


def test_scalars_keep_the_text_they_were_written_with() -> None:
    document = load("a: 007\nb: 1.50\nc: 12e4\nd: True\ne: 2026-03-04\nf: no\n", file="f.yaml")
    assert [document.text((key,)) for key in "abcdef"] == ["007", "1.50", "12e4", "True", "2026-03-04", "no"]
    assert document.data["d"] is True
    assert document.data["f"] == "no"


@pytest.mark.parametrize(
    ("text", "code", "line", "fix"),
    [
        ("a: {answer: Company, if any}", "unquoted_comma", 1, 'write a: {answer: "Company, if any"}'),
        ("a: {answer: A, B, or C, is: x}", "unquoted_comma", 1, 'write a: {answer: "A, B, or C", is: x}'),
        ("a: {answer:email}", "missing_space", 1, "write a: {answer: email}"),
        ("a: {answer: Question #1}\nb: 1", "unquoted_hash", 1, 'write a: {answer: "Question #1"}'),
        ("answer: Question #1", "unquoted_hash", 1, 'write answer: "Question #1"'),
        ("answer: # of seats", "unquoted_hash", 1, 'write answer: "# of seats"'),
        ("a:\n\tb: 1", "tab", 2, "indent it with 2 spaces: '  b: 1'"),
        ("x: 1\na: 'b\nc: 1\n", "unbalanced_quote", 2, "write a: 'b'"),
        ("a: Note: please", "unquoted_colon", 1, 'write a: "Note: please"'),
        ("a: *must", "reserved_character", 1, 'write a: "*must"'),
        ("a: @home", "reserved_character", 1, 'write a: "@home"'),
        ('a: "May we" send?', "text_after_quote", 1, "write a: '\"May we\" send?'"),
        ("a: {b: 1\nc: 2", "unclosed_bracket", 1, "write a: {b: 1}"),
        ("a: {b: c}}", "unopened_bracket", 1, "write a: {b: c}"),
        ("a: 1\n  b: 2", "indentation", 2, "do not indent it: 'b: 2'"),
        ("a: 1\nb: 2\na: 3", "duplicate_key", 3, "remove one of the two"),
        ("a: &x [*x]", "alias", 1, "write the part out"),
        ("a: !secret b", "yaml_tag", 1, "remove the `!...`"),
        ("lead:\n  Lead Email:{answer: email}\n", "missing_space", 2, "write Lead Email: {answer: email}"),
    ],
)
def test_an_accident_is_recognised_and_answered_with_the_fix(text: str, code: str, line: int, fix: str) -> None:
    found = load(text, file="f.yaml").found
    assert [(problem.code, problem.line) for problem in found] == [(code, line)]
    assert found[0].fix == fix


@pytest.mark.parametrize(
    "text",
    ["preset: typeform   # how it is read\n", "a: {b: c}   # the list\n", "a: [x]  # 2 things\nb: c # 1\n", "a: ''"],
)
def test_an_ordinary_comment_is_no_accident(text: str) -> None:
    assert load(text, file="f.yaml").found == []


def test_aliases_that_multiply_are_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    document = load("\n".join(lines), file="f.yaml")
    assert document.data is None
    assert "too_large" in [problem.code for problem in document.found]


def test_a_file_nested_without_end_is_one_problem() -> None:
    document = load("[" * 5000, file="f.yaml")
    assert [problem.code for problem in document.found] == ["yaml"]


@pytest.mark.parametrize(
    "text",
    [
        "secrets: {signing: whsec_x #1}",
        'secrets:\n  signing: "whsec_x" y\n',
        "secrets:\n  signing: @whsec_x\n",
        "secrets: {signing: whsec_x, whsec_y}",
        "secrets: {signing:whsec_x}",
        "secrets:\n  signing: whsec_x: y\n",
    ],
)
def test_a_line_that_may_hold_a_secret_is_never_shown(text: str) -> None:
    for problem in load(text, file="f.yaml").found:
        assert "whsec" not in str(problem.as_json())


def test_a_comment_that_swallows_a_key_does_not_upset_the_reader() -> None:
    text = "a: b\nschema:   # what must be there  type: object\n  r [x]\n\nc: d\n"
    assert load(text, file="f.yaml").data == {"a": "b", "schema": "r [x]", "c": "d"}


@pytest.mark.parametrize("text", ["x: 1\n", "a: 1\n", "- 1\n"])
def test_a_file_has_no_more_problems_than_parts_it_may_have(text: str) -> None:
    document = load(text * 40_000, file="f.yaml")
    assert document.data is None
    assert len(document.found) <= MAX_NODES
    assert document.found[-1].code == "too_large"
