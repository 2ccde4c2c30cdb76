from __future__ import annotations

import pytest

from bridge.receiving.lookup import SHOWN, asked_name, closest, match, nothing_at, shown

NAMES = dict.fromkeys(("typeform", "Website", "spring-2026", "twin", "Twin"))


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/hooks/typeform", "typeform"),
        ("/hooks/typeform/", "typeform"),
        ("/hooks//typeform//", "typeform"),
        ("//hooks/typeform", "typeform"),
        ("/Hooks/ typeform\n", "typeform"),
        ("/hooks/TYPEFORM", "TYPEFORM"),
        ("/hooks/", None),
        ("/hooks/ /", None),
        ("/hooks/a/b", None),
        ("/hook/typeform", None),
        ("/hooks/typeform?token=x", None),
        ("/hooks/typeform&token=x", None),
        ("/", None),
        ("", None),
    ],
)
def test_a_path_asks_for_a_name(path: str, name: str | None) -> None:
    assert asked_name(path) == name


@pytest.mark.parametrize(
    ("questions", "found"),
    [
        ("typeform", "typeform"),
        ("TypeForm", "typeform"),
        ("website", "Website"),
        ("twin", "twin"),
        ("Twin", "Twin"),
        ("TWIN", None),
        ("typefor", None),
        ("\N{LATIN SMALL LETTER LONG S}pring-2026", None),
        ("", None),
    ],
)
def test_a_name_means_the_one_hook_that_differs_in_letter_case_alone(questions: str, found: str | None) -> None:
    assert match(questions, NAMES) == found


def test_the_closest_name_is_found_among_many_with_little_work() -> None:
    assert closest("typfeorm", NAMES) == "typeform"
    assert closest("WEBSITES", NAMES) == "Website"
    assert closest("nothing-like-it", NAMES) == ""
    assert closest("x" * 5_000, NAMES) == ""
    assert closest("hook-x1", [f"hook-{number}" for number in range(100_000)]).startswith("hook-")


@pytest.mark.parametrize("text", ["\x1b]0;PWN\x07", "\x9b2J", "a\r\nb", "\u202e", "\x00"])
def test_what_a_terminal_would_obey_is_not_shown(text: str) -> None:
    assert shown(text).isprintable()


def test_a_long_name_is_cut() -> None:
    assert len(shown("n" * 4_000)) == SHOWN
    assert shown("n" * SHOWN) == "n" * SHOWN


@pytest.mark.parametrize("path", ["/hooks/a?token=s3cret", "/hooks/a&token=s3cret/x", "/hooks/a/s3cret", "/a?s3cret"])
def test_what_may_be_a_secret_in_a_path_is_not_shown(path: str) -> None:
    assert "s3cret" not in nothing_at(path) + shown("a&token=s3cret")
    assert ("write ? before" in nothing_at(path)) is ("?" in path or "&" in path)
    assert "/hooks/NAME" in nothing_at("/webhooks/typeform")
