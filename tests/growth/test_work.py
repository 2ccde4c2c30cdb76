"""The work for a request, a value and a file is linear in its size: counted at 1, 2, 4 and 8 times the size."""

from __future__ import annotations

import gc
from functools import _lru_cache_wrapper, partial
from typing import TYPE_CHECKING

import pytest

from tests.fuzz.targets import presets
from tests.growth.bodies import Subject, bodies
from tests.growth.readers import of_scheme as questions_of_scheme
from tests.growth.readers import readers
from tests.growth.requests import of_scheme, streams
from tests.growth.subjects import files, of_preset, paths, verbs
from tests.growth.work import growth, work_of
from tests.unit.presets.test_forgeries import SCHEMES

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST = 1.5
"""Times as much on top as what doubled: quadratic work has 2."""

SIZE = 10


def grown(subject: Subject, size: int = SIZE) -> float:
    inputs = [subject.make(size * times) for times in (1, 2, 4, 8)]
    one, two, four, eight = [work_of(partial(subject.run, given)) for given in inputs]
    return growth((one, two, four, eight))


def grown_again(subject: Subject) -> float:
    """`grown`, where functions remember nothing of earlier tests: the least of new inputs and of known ones.

    What is remembered of some sizes only looks like growth in one of the two; work that grows shows in both.
    """
    gc.unfreeze()  # what was there before the tests is not listed otherwise
    for one in gc.get_objects():
        if isinstance(one, _lru_cache_wrapper):
            one.cache_clear()
    subject.run(subject.make(SIZE // 2))  # what is done once
    return min(grown(subject), grown(subject))


def check(subjects: Iterable[Subject]) -> None:
    found = {subject.name: (subject, grown(subject)) for subject in subjects}
    assert found
    slow = {name: subject for name, (subject, times) in found.items() if times > MOST}
    again = {name: round(grown_again(subject), 2) for name, subject in slow.items()}
    assert not {name: times for name, times in again.items() if times > MOST}


@pytest.mark.parametrize("subject", list(bodies()), ids=lambda subject: subject.name)
def test_bodies(subject: Subject) -> None:
    check([subject])


@pytest.mark.parametrize("preset", presets())
def test_every_preset(preset: str) -> None:
    check(list(of_preset(preset)) or list(bodies())[:1])


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_scheme(scheme: str) -> None:
    check(of_scheme(scheme))


@pytest.mark.parametrize("scheme", {type(scheme): name for name, scheme in SCHEMES.items()}.values())
def test_why_a_request_of_each_form_is_not_authentic(scheme: str) -> None:
    check(list(questions_of_scheme(scheme)))


def test_everything_else_that_reads_what_others_wrote() -> None:
    check(list(readers()))


@pytest.mark.parametrize("subject", list(streams()), ids=lambda subject: subject.name)
def test_streams(subject: Subject) -> None:
    check([subject])


@pytest.mark.parametrize("subject", [*paths(), *files()], ids=lambda subject: subject.name)
def test_paths_and_files(subject: Subject) -> None:
    check([subject])


def test_every_verb() -> None:
    check(list(verbs()))


def _rest(text: str) -> None:
    while text:
        text = text[1:].lstrip()


@pytest.mark.parametrize(
    "slow",
    [
        Subject(name="a loop in a loop", make=lambda n: range(n), run=lambda items: [a for a in items for _ in items]),
        Subject(name="the rest again", make=lambda n: "x " * n * 10, run=_rest),
        Subject(name="text in a loop", make=lambda n: "x" * n * 10, run=lambda text: [text.count(c) for c in text]),
    ],
    ids=lambda slow: slow.name,
)
def test_the_counter_sees_what_is_slow(slow: Subject) -> None:
    assert grown(slow) > MOST
