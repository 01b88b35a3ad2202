"""Waiting for what the bot does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")

LOOK_EVERY_SECONDS = 0.005


async def until(look: Callable[[], Found | None], seconds: float, complaint: Callable[[], str]) -> Found:
    """The first thing that `look` finds. Raises AssertionError with the complaint when time is up."""
    deadline = time.monotonic() + seconds
    while (found := look()) is None:
        if time.monotonic() > deadline:
            raise AssertionError(f"after {seconds} s: {complaint()}")
        await asyncio.sleep(LOOK_EVERY_SECONDS)
    return found
