"""One word an idea: what the glossary lists as not used stands nowhere in the repository."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
GLOSSARY = ROOT / "docs" / "glossary.md"
OTHERS_TEXTS = (
    "LICENSE",  # the licence's own text
    "requirements",  # names of packages
    "docs/glossary.md",  # the list itself
    "tests/unit/presets/samples/",  # what senders write
)
ADDRESS = re.compile(r"https?://\S+")
PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def refused_words() -> dict[str, str]:
    """Each word or phrase of the glossary's last table, with what to use instead."""
    _, _, table = GLOSSARY.read_text(encoding="utf-8").partition("## Words we do not use")
    rows = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| ")][1:]
    return {word: use for words, use in rows for word in words.split(", ")}


def words_of(line: str) -> str:
    """The line's words in lower case, names taken apart, addresses left out; a blank before and after each."""
    return f" {' '.join(part.lower() for part in PART.findall(ADDRESS.sub(' ', line)))} "


def found_in(path: str, text: str, refused: dict[str, str]) -> list[str]:
    """Each refused word of a text, with its place and what to use."""
    return [
        f"{path}:{number}: write {use!r} for {word!r}"
        for number, line in enumerate(text.splitlines(), 1)
        for words in [words_of(line)]
        for word, use in refused.items()
        if f" {word} " in words
    ]


def tracked_files() -> list[str]:
    """The files of the repository whose words are ours."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [path for path in listed.split("\0") if path and not path.startswith(OTHERS_TEXTS)]


def test_no_text_uses_a_word_that_the_glossary_refuses() -> None:
    refused = refused_words()
    problems = []
    for path in tracked_files():
        file = ROOT / path
        if file.is_file() and b"\0" not in (content := file.read_bytes()):
            problems += found_in(path, content.decode("utf-8", "replace"), refused)
    assert not problems, "\n".join(problems)


def test_names_are_taken_apart_and_phrases_found() -> None:
    refused = {"a b": "c", "bench": "seat"}
    assert found_in("f", "class ABench: ...\nA_B = 1\nhttps://bench.example.com/bench", refused) == [
        "f:1: write 'seat' for 'bench'",
        "f:2: write 'c' for 'a b'",
    ]
