"""The template of a signed text: a long one costs nothing."""

from __future__ import annotations

import pytest

from bridge.intake.verification.template import LONGEST, read_template


@pytest.mark.parametrize("piece", ["{", "}", "{body}", "{body}{", "x"])
def test_a_text_that_is_too_long_is_one_short_problem(piece: str) -> None:
    parts, problems = read_template(piece * LONGEST * 20)
    assert parts == ()
    assert len(problems) == 1
    assert len(problems[0]) < 200
