"""A question about somebody else is known in every language, and one about the person is not taken for such."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bridge.intake.events.other_people import OTHER_PEOPLE, is_about_others
from bridge.intake.events.usual_names import FILE, PARTS

if TYPE_CHECKING:
    from collections.abc import Iterable

WORDS = orjson.loads(OTHER_PEOPLE.read_bytes())
NAMES = orjson.loads(FILE.read_bytes())

LABELS = orjson.loads(Path(__file__).with_name("labels.json").read_bytes())
"""By language labels about `others`, most of them inflected or in a sentence, and the person's `own`."""


def _spellings(labels: Iterable[str]) -> set[str]:
    return {spelling for label in labels for spelling in _spellings_of(label)}


def _spellings_of(label: str) -> set[str]:
    return {
        label, label.upper(), label.lower(), f" {label}: *", unicodedata.normalize("NFD", label), f"<{label}>",
        unicodedata.normalize("NFC", label), label.replace(" ", "_"), label.replace(" ", "\u00a0"),
        label.replace("'", "’"), label.replace("'", "&#039;"), f"{label} (required)",
    }  # fmt: skip


def test_every_language_has_words_for_everybody() -> None:
    assert set(WORDS) == set(LABELS) >= set(NAMES)
    assert {tuple(roles) for roles in WORDS.values()} == {tuple(WORDS["en"])}
    assert all(all(roles.values()) for roles in WORDS.values())


@pytest.mark.parametrize("language", LABELS)
def test_a_label_about_somebody_else_is_known(language: str) -> None:
    labels = LABELS[language]["others"]
    assert [spelling for spelling in _spellings(labels) if not is_about_others([spelling])] == []


@pytest.mark.parametrize("language", LABELS)
def test_a_label_about_the_person_is_none(language: str) -> None:
    assert [spelling for spelling in _spellings(LABELS[language]["own"]) if is_about_others([spelling])] == []


@pytest.mark.parametrize("language", WORDS)
def test_each_word_of_the_table_is_found(language: str) -> None:
    for line in WORDS[language].values():
        for entry in line.split(", "):
            word = entry.removeprefix("^ ").strip("*")
            assert is_about_others([word + "abc" if entry.endswith("*") else word]), entry


@pytest.mark.parametrize("language", NAMES)
def test_no_usual_name_is_about_somebody_else(language: str) -> None:
    assert not [name for part in PARTS for name in NAMES[language][part] if is_about_others([name])]


@pytest.mark.parametrize(
    "name",
    [
        "friend2Email", "q5_5friendsEmail", "friend_email_2", "2nd friend's e-mail", "email CC", "emailCC", "cc_email",
        "referral[email]", "guest_2_email", "guest2Email", "emailToNotify",
        "secondGuestEmail", "3rd guest: email", "guest 3",
    ],
)  # fmt: skip
def test_keys_of_builders_are_read_as_words(name: str) -> None:
    assert is_about_others([name])


@pytest.mark.parametrize(
    "name", ["guest_1_email", "guest 12", "email2", "accEmail", "q3_email3", "kCcPq", "aCCb_email"]
)
def test_keys_of_builders_that_say_nothing(name: str) -> None:
    assert not is_about_others([name])


@given(st.uuids())
@example(UUID("d1a1fea2-0c3f-59fd-976e-f30e179cc99b"))
@example(UUID("dad70000-cc99-4bcc-8dad-00000000000a"))
def test_an_id_is_about_nobody(number: UUID) -> None:
    """A sender's ids name its questions as well, and letters between digits are no words: `9cc9`."""
    assert not is_about_others([str(number), number.hex, f"question_{number}", str(number).upper()])


def test_a_long_name_is_not_read() -> None:
    assert not is_about_others(["friend" * 100])
