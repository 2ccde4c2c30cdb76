from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.outbox.engine.bodies import LEAST_BYTES, MARK, packed, unpacked

BODIES = st.one_of(st.binary(max_size=2_000), st.binary(max_size=2_000).map(lambda tail: MARK + tail))


@given(body=BODIES, compress=st.booleans())
def test_a_body_comes_back_as_it_came(body: bytes, compress: bool) -> None:
    assert unpacked(packed(body, compress=compress)) == body


def test_a_body_is_compressed_only_where_asked_for() -> None:
    body = b'{"email":"ada@example.com"}' * 50
    assert packed(body, compress=False) == body
    assert len(packed(body, compress=True)) < len(body) / 5


@pytest.mark.parametrize("missing", [0, 1])
def test_a_short_body_is_left_alone(missing: int) -> None:
    body = b"x" * (LEAST_BYTES - missing)
    assert (packed(body, compress=True) == body) == bool(missing)
