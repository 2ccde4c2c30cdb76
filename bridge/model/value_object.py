"""How the value objects that every webhook is made into are declared: docs/decisions/010 says why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(field,))
def value_object(cls: type[T]) -> type[T]:
    """A slotted dataclass of keywords with equality and a hash, whose parts are set once.

    That they are never set again is checked by mypy and not at run time: a frozen dataclass sets each part by a call of
    its own, which makes a webhook's value objects take three times as long. All others are frozen dataclasses.
    """
    return dataclass(slots=True, kw_only=True, unsafe_hash=True)(cls)
