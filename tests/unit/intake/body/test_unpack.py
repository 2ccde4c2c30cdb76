"""Content-Encoding undone, within bounds."""

from __future__ import annotations

import gzip
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import IntakeError, MediaTypeError, TooLargeError, UnreadableError
from bridge.intake.body.unpack import unpack

TEXT = b'{"email": "ada@example.com"}' * 20
CODINGS = {
    "": TEXT,
    "identity": TEXT,
    "gzip": gzip.compress(TEXT),
    "X-GZIP": gzip.compress(TEXT),
    "deflate": zlib.compress(TEXT),
    "deflate, identity": zlib.compress(TEXT)[2:-4],
    "deflate, gzip": gzip.compress(zlib.compress(TEXT)),
    "gzip ": gzip.compress(TEXT[:50]) + gzip.compress(TEXT[50:]) + b"\0\0",
}


@pytest.mark.parametrize("coding", CODINGS)
def test_a_coding_is_undone(coding: str) -> None:
    assert unpack(CODINGS[coding], coding, 10_000) == TEXT


@pytest.mark.parametrize("coding", ["br", "zstd", "compress", "gzip, br", "gzip, gzip, gzip, gzip"])
def test_another_coding_is_refused_by_name(coding: str) -> None:
    with pytest.raises(MediaTypeError, match=coding.split(", ")[-1]):
        unpack(b"x", coding, 10_000)


@pytest.mark.parametrize("body", [TEXT, gzip.compress(TEXT)[:-9], b"\x1f\x8b"], ids=["plain", "cut", "head"])
def test_bytes_that_are_not_in_the_coding_are_unreadable(body: bytes) -> None:
    with pytest.raises(UnreadableError, match="gzip"):
        unpack(body, "gzip", 10_000)


@pytest.mark.parametrize(("size", "most"), [(10_001, 10_000), (100_000_000, 2**40)])
def test_a_body_unpacks_to_no_more_than_the_bound_nor_200_times(size: int, most: int) -> None:
    with pytest.raises(TooLargeError):
        unpack(gzip.compress(b"0" * size), "gzip", most)


@given(st.binary(max_size=300), st.sampled_from(["gzip", "deflate", "gzip, deflate"]))
def test_any_bytes_end_in_bytes_or_a_refusal(body: bytes, coding: str) -> None:
    with suppress(IntakeError):
        assert len(unpack(body, coding, 1_000)) <= 1_000


@pytest.mark.parametrize("padding", [b"", b"\0", b"\0" * 600])
def test_members_of_any_number_and_size_are_one_body(padding: bytes) -> None:
    pieces = [TEXT[start : start + 7] for start in range(0, len(TEXT), 7)]
    packed = b"".join(gzip.compress(piece, mtime=0) + padding for piece in [b"", *pieces, TEXT * 3, b""])
    assert unpack(packed, "gzip", 10_000) == TEXT * 4
