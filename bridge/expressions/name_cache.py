"""What was made of names before: every event of a form brings the same ones, so each is judged once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

MOST: Final = 500_000
"""How much is remembered in one place, in characters: whoever sends ever new names costs no more memory than that."""


class Sized(Protocol):
    """Something that knows about how many characters it keeps."""

    @property
    def size(self) -> int:
        """In characters."""


K = TypeVar("K")
V = TypeVar("V", bound=Sized)


class NameCache(dict[K, V]):
    """Makes what it is asked for and lacks. When it would hold more than `most` characters it starts again.

    Threads share it without a lock: what two of them lack at once is made twice, which does no harm.
    """

    __slots__ = ("_make", "_most", "_size")

    def __init__(self, make: Callable[[K], V], most: int = MOST) -> None:
        super().__init__()
        self._make = make
        self._most = most
        self._size = 0

    def __missing__(self, key: K) -> V:
        value = self._make(key)
        if value.size > self._most:
            return value
        if self._size + value.size > self._most:
            self.clear()
            self._size = 0
        self._size += value.size
        self[key] = value
        return value
