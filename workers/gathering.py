"""What many bring at the same time is written together: a commit costs the same for one as for forty."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

GATHER_SECONDS = 0.003
"""Others who come within so short a time are waited for; nobody notices it."""

T = TypeVar("T")


class Gathering(Generic[T]):
    """Hands `write` groups of things, one group after another; the next one grows while a group is written."""

    def __init__(self, write: Callable[[Sequence[T]], Awaitable[None]]) -> None:
        self._write = write
        self._turn = asyncio.Lock()
        self._things: list[T] = []
        self._group: asyncio.Task[None] | None = None

    async def add(self, thing: T) -> None:
        """Returns when the group with this is written; raises what its writing raises.

        A group does not wait for those who brought it: what somebody has ceased to wait for may still be written.
        """
        if self._group is None:
            self._group = asyncio.ensure_future(self._gather())  # its error is for whoever waits below
        self._things.append(thing)
        await asyncio.shield(self._group)

    async def _gather(self) -> None:
        await asyncio.sleep(GATHER_SECONDS)
        async with self._turn:
            things, self._things, self._group = self._things, [], None
            await self._write(things)
