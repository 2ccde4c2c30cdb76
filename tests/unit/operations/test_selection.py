"""Times as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import LeadbridgeError
from bridge.operations.selection import moment
from bridge.operations.wording import shown_time

NOW = 1_795_946_724_878
ZONES = st.integers(-1439, 1439).map(lambda minutes: f"{minutes // 60:+03d}:{minutes % 60:02d}")
SPANS = st.builds("{}{}".format, st.integers(0, 999_999_999), st.sampled_from(("s", "min", "h", "d")))


@given(
    st.one_of(
        SPANS, st.builds("{}{}".format, st.datetimes().map(lambda at: at.isoformat()), ZONES), st.dates().map(str)
    )
)
def test_a_time_that_is_read_can_be_shown(text: str) -> None:
    try:
        read = moment(text, NOW)
    except LeadbridgeError:
        return
    assert shown_time(read)[4] == "-"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2h", NOW - 7_200_000),
        ("2026-11-29T10:00:00.878+00:00", 1_795_946_400_878),
        ("2026-11-29", 1_795_910_400_000),
        ("999999999d", 0),
        ("0001-01-01", 0),
    ],
)
def test_a_time_is_read(text: str, read: int) -> None:
    assert moment(text, NOW) == read


@pytest.mark.parametrize("text", ["soon", "2 weeks", "2026-13-01", ""])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(LeadbridgeError, match="is not a time"):
        moment(text, NOW)
