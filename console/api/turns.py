"""Some work is heavy, so only a few requests do it at once; the others wait for their turn, but not for ever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, Request
from starlette.exceptions import HTTPException

AT_ONCE = 3
"""Batches: each has a connection to the database of its own, beside the pools."""
PATIENCE = 10.0
"""Seconds; whoever sends a batch waits longer than that for few answers."""
RETRY_SECONDS = 5


class BusyError(HTTPException):
    """Too many are at it, and none of them ended in time."""

    def __init__(self) -> None:
        super().__init__(503, "Too many batches at once; send it again", {"Retry-After": str(RETRY_SECONDS)})


class Turns:
    """`at_once` may be at it, in the order in which they came; the others wait, `patience` seconds at the most."""

    def __init__(self, at_once: int = AT_ONCE, patience: float = PATIENCE) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._patience = patience

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Raises BusyError."""
        try:
            async with asyncio.timeout(self._patience):
                await self._free.acquire()
        except TimeoutError as error:
            raise BusyError from error
        try:
            yield
        finally:
            self._free.release()


async def _turns(request: Request) -> Turns:
    turns: Turns = request.app.state.turns
    return turns


InTurn = Annotated[Turns, Depends(_turns)]
