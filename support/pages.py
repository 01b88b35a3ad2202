"""A long list, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items of a list; `number` counts pages from 0, `more` says whether another follows."""

    items: Sequence[T]
    number: int = 0
    more: bool = False


def page_of(items: Sequence[T], number: int, size: int) -> Page[T]:
    """A page of a list that is here as a whole; behind its end, the last page."""
    number = max(0, min(number, (len(items) - 1) // size))
    start = number * size
    return Page(items[start : start + size], number, len(items) > start + size)


def page_from(items: Sequence[T], number: int, size: int) -> Page[T]:
    """A page of a list of which `size` + 1 items were read, beginning with this page's first."""
    return Page(items[:size], number, len(items) > size)
