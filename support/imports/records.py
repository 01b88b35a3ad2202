"""What all imports share: going through many rows in handfuls, and telling how far they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

T = TypeVar("T")
Progress = Callable[[int, int], None]
"""Is told how much of how much is done."""


def no_progress(_done: int, _total: int) -> None:
    """For whoever does not want to know."""


def in_chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def in_handfuls(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The same for what comes one by one and never is there as a whole."""
    rest = iter(items)
    while handful := list(islice(rest, size)):
        yield handful
