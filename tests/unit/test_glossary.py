"""One word an idea: what the glossary lists as not used stands nowhere in the repository."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
GLOSSARY = ROOT / "docs" / "glossary.md"
OTHERS_TEXTS = (
    "LICENSE",  # the licence's own text
    "requirements",  # names of packages
    "docs/glossary.md",  # the list itself
    "tests/unit/presets/samples/",  # what senders write
)
FAULT_INJECTION = (
    "sandbox",
    "benchmarks/",
    "tests/e2e/",
    "tests/crash/",
    "tests/contract/",
    "_probe.py",
    "_doctor.py",
    "_glossary.py",
)
ALLOWED = {
    "fault": (FAULT_INJECTION, "the sandbox's and the tests' fault injection"),
    "faults": (FAULT_INJECTION, "the sandbox's and the tests' fault injection"),
    "move": (("bridge/cli/", "bridge/outbox/lifecycle/"), "the command that moves an outbox to PostgreSQL"),
}
"""By word: the files in which it has a meaning of its own, and which."""
ADDRESS = re.compile(r"https?://\S+")
PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def refused_words(heading: str) -> dict[str, str]:
    """Each word or phrase of the glossary's table under this first heading, with what to use instead."""
    _, _, rest = GLOSSARY.read_text(encoding="utf-8").partition(f"| {heading} | use |\n")
    rows = [line.strip("| ").split(" | ") for line in rest.partition("\n\n")[0].splitlines()[1:]]
    return {word: use for words, use in rows for word in words.split(", ")}


def is_allowed(word: str, path: str) -> bool:
    """Whether the word has a meaning of its own in this file."""
    return any(part in path for part in ALLOWED.get(word, ((), ""))[0])


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
        if f" {word} " in words and not is_allowed(word, path)
    ]


def defined_names(source: str) -> Iterator[tuple[int, str]]:
    """The line and name of every function, class, argument and variable that Python code defines."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.FunctionDef() | ast.ClassDef():
                yield node.lineno, node.name
            case ast.arg():
                yield node.lineno, node.arg
            case ast.Name(ctx=ast.Store()):
                yield node.lineno, node.id


def tracked_files() -> list[str]:
    """The files of the repository whose words are ours."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [path for path in listed.split("\0") if path and not path.startswith(OTHERS_TEXTS)]


def test_no_text_uses_a_word_that_the_glossary_refuses() -> None:
    refused = refused_words("not")
    problems = []
    for path in tracked_files():
        file = ROOT / path
        if file.is_file() and b"\0" not in (content := file.read_bytes()):
            problems += found_in(path, content.decode("utf-8", "replace"), refused)
    assert not problems, "\n".join(problems)


def test_no_name_of_the_code_is_a_word_that_the_glossary_refuses() -> None:
    refused = refused_words("not as a name")
    problems = []
    for path in tracked_files():
        if path.startswith("bridge/") and path.endswith(".py"):
            for number, name in defined_names((ROOT / path).read_text(encoding="utf-8")):
                word = words_of(name).strip()
                if word in refused and not is_allowed(word, path):
                    problems.append(f"{path}:{number}: name it {refused[word]!r}, not {word!r}")
    assert not problems, "\n".join(problems)


def test_names_are_taken_apart_and_phrases_found() -> None:
    refused = {"a b": "c", "bench": "seat"}
    assert found_in("f", "class ABench: ...\nA_B = 1\nhttps://bench.example.com/bench", refused) == [
        "f:1: write 'seat' for 'bench'",
        "f:2: write 'c' for 'a b'",
    ]
