"""How much work something does, counted: the lines of Python that run, and the bytes that C functions are given.

Counts are the same on any machine. What C does with a text is counted as the text's length for each call of one of its
methods, and for each call of the functions in GIVEN; what C does unseen (slices, comparisons) is not: the table of
`python -m tests.growth` measures processor time for that.
"""

from __future__ import annotations

import base64
import binascii
import gc
import hashlib
import hmac
import json
import sys
import threading
import unicodedata
import zlib
from contextlib import contextmanager
from types import BuiltinMethodType
from typing import TYPE_CHECKING, Any, Final

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

AT_ONCE: Final = frozenset(
    {
        "startswith", "endswith", "isascii", "append", "extend", "pop", "add", "get", "setdefault", "clear",
        "__contains__", "__len__", "__getitem__",
    }
)  # fmt: skip
"""Methods whose work does not grow with what they belong to."""

GIVEN: Final = (
    (orjson, "dumps"), (orjson, "loads"), (json, "loads"), (json, "dumps"), (hashlib, "sha256"),
    (unicodedata, "normalize"), (hmac, "digest"), (hmac, "compare_digest"), (base64, "b64decode"),
    (binascii, "a2b_base64"),
)  # fmt: skip

SIZED: Final = (str, bytes, bytearray, list)


class Work:
    """What C functions were given so far."""

    def __init__(self) -> None:
        self.done = 0
        self._thread = threading.get_ident()  # what is counted is patched for all threads

    def profile(self, _: FrameType, event: str, called: Any) -> None:
        """A profile function: a method of a text or list is as much as that is long."""
        if event == "c_call" and isinstance(called, BuiltinMethodType):
            owner = called.__self__
            if isinstance(owner, SIZED) and called.__name__ not in AT_ONCE:
                self.done += len(owner)

    def counted(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, with the texts that it takes and gives counted."""

        def wrapped(*given: Any, **more: Any) -> Any:
            found = function(*given, **more)
            if threading.get_ident() == self._thread:
                self.done += sum(len(one) for one in (*given, found) if isinstance(one, str | bytes | bytearray))
            return found

        return wrapped


class _Inflater:
    """A decompressor whose input, and what it copies behind its end, is counted."""

    def __init__(self, work: Work, inner: Any) -> None:
        self._work, self._inner = work, inner

    def decompress(self, data: bytes, most: int = 0) -> bytes:
        """As that of zlib."""
        found: bytes = self._inner.decompress(data, most)
        self._work.done += len(data) + len(found) + len(self._inner.unused_data)
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def work_of(run: Callable[[], object]) -> int:
    """The work of a call: of this thread, without the collection of what others left behind."""
    work, lines = Work(), 0

    def trace(_: FrameType, event: str, __: Any) -> Any:  # a plain function: a method takes half as long again
        nonlocal lines
        if event == "line":
            lines += 1
        return trace

    gc.disable()
    with _given(work):
        sys.setprofile(work.profile)
        sys.settrace(trace)
        try:
            run()
        finally:
            sys.settrace(None)
            sys.setprofile(None)
            gc.enable()
    return work.done + lines


@contextmanager
def _given(work: Work) -> Iterator[None]:
    before = [(module, name, getattr(module, name)) for module, name in GIVEN]
    inflater = zlib.decompressobj
    try:
        for module, name, function in before:
            setattr(module, name, work.counted(function))
        zlib.decompressobj = lambda *given: _Inflater(work, inflater(*given))  # type: ignore[assignment]
        yield
    finally:
        zlib.decompressobj = inflater
        for module, name, function in before:
            setattr(module, name, function)


def growth(figures: tuple[float, float, float, float]) -> float:
    """How much faster than its input something grew, of what it took at 1, 2, 4 and 8 times: 1 is linear, 2 quadratic.

    It looks at what came on top from each size to the next, so that what is done once does not hide the rest.
    """
    one, two, four, eight = figures
    return max(eight - four, 0.0) / max(four - two, (two - one) * 2, one / 4, 1.0) / 2
