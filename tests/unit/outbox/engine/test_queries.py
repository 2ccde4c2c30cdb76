from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from bridge.errors import OutboxError
from bridge.outbox.engine.queries import FOLDER, for_psycopg, load, split

if TYPE_CHECKING:
    from pathlib import Path


def test_both_dialects_know_the_same_names_but_for_those_marked() -> None:
    marked = split(path.read_text("utf-8") for path in FOLDER.rglob("*.only.*.sql"))
    assert load("sqlite").keys() ^ load("postgres").keys() == marked.keys()


def test_a_name_of_one_dialect_is_allowed_in_a_file_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.only.sqlite.sql").write_text("-- name: one\nSELECT 1\n")
    assert load("sqlite", tmp_path) == {"one": "SELECT 1"}
    assert load("postgres", tmp_path) == {}


def test_a_statement_is_sent_without_comments_and_indentation() -> None:
    assert split(["-- name: one\n-- Why.\nSELECT\n    1\n"]) == {"one": "SELECT\n1"}


def test_a_name_known_to_one_dialect_only_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.sqlite.sql").write_text("-- name: one\nSELECT 1\n")
    (tmp_path / "a.postgres.sql").write_text("-- name: two\nSELECT 1\n")
    with pytest.raises(OutboxError, match="one, two"):
        load("sqlite", tmp_path)


def test_a_name_that_is_shared_and_special_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_text("-- name: one\nSELECT 1\n")
    for dialect in ("sqlite", "postgres"):
        (tmp_path / f"a.{dialect}.sql").write_text("-- name: one\nSELECT 1\n")
    with pytest.raises(OutboxError, match="of one dialect: one"):
        load("sqlite", tmp_path)


def test_a_name_given_twice_is_refused() -> None:
    with pytest.raises(OutboxError, match="named twice: one"):
        split(["-- name: one\nSELECT 1\n", "-- name: one\nSELECT 2\n"])


def test_states_become_their_numbers(tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_text("-- name: one\nSELECT :PENDING, :BULK, :state;\n")
    assert load("sqlite", tmp_path) == {"one": "SELECT 1, 2, :state"}


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT :a, :b_c", "SELECT %(a)s, %(b_c)s"),
        ("SELECT :a::bigint", "SELECT %(a)s::bigint"),
        ("SELECT ':a', 'it''s :b', :c", "SELECT ':a', 'it''s :b', %(c)s"),
        ("SELECT 1 -- not :a, 5 %\n, :b", "SELECT 1 -- not :a, 5 %%\n, %(b)s"),
        ("SELECT 7 % 2 LIKE 'a%'", "SELECT 7 %% 2 LIKE 'a%%'"),
    ],
)
def test_parameters_are_written_as_psycopg_wants_them(sql: str, expected: str) -> None:
    assert for_psycopg(sql) == expected


def test_every_query_is_used_in_its_own_room() -> None:
    unused: list[str] = []
    pasted = "".join(path.read_text("utf-8") for path in FOLDER.rglob("*.sql"))
    for path in sorted(FOLDER.rglob("*.sql")):
        if path.parent.name == "migrations":
            continue
        code = "\n".join(source.read_text("utf-8") for source in path.parent.glob("*.py"))
        families = tuple(re.findall(r'f"([a-z]+_(?:[a-z]+_)*)\{', code))
        for name in split([path.read_text("utf-8")]):
            used = name in pasted if name[0] == "{" else f'"{name}"' in code or name.startswith(families)
            unused += [] if used else [f"{path.name}: {name}"]
    assert not unused, f"delete these queries, or put them into the room that uses them: {unused}"


def test_a_fragment_is_pasted_and_a_missing_one_refused(tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_text("-- fragment: rule\n(a = :PENDING)\n-- name: one\nSELECT 1 WHERE NOT {rule}\n")
    assert load("sqlite", tmp_path) == {"one": "SELECT 1 WHERE NOT (a = 1)"}
    (tmp_path / "a.sql").write_text("-- name: one\nSELECT 1 WHERE {rule}\n")
    load.cache_clear()
    with pytest.raises(OutboxError, match="rule"):
        load("sqlite", tmp_path)


def test_mechanical_differences_are_written_once(tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_text("-- name: one\nSELECT 1 WHERE id = EACH(:id)\n-- postgres: FOR NO KEY UPDATE\n")
    assert load("sqlite", tmp_path) == {"one": "SELECT 1 WHERE id = :id"}
    assert load("postgres", tmp_path) == {"one": "SELECT 1 WHERE id = ANY(%(id)s)\nFOR NO KEY UPDATE"}
