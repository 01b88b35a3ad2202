"""How late the event loop is: whatever holds it up delays every chat, every agent and every heartbeat."""

from __future__ import annotations

import asyncio
from typing import Final

from crm_store.signals import Signals
from support.meters import Meters

LOOK_SECONDS: Final = 0.5


async def watch_loop(signals: Signals, meters: Meters, stopping: asyncio.Event) -> None:
    """Until asked to stop."""
    loop = asyncio.get_running_loop()
    with signals.listen("stop") as stopped:
        while not stopping.is_set():
            due = loop.time() + LOOK_SECONDS
            if not await stopped.wait(LOOK_SECONDS):
                meters.loop_lag.observe(max(0.0, loop.time() - due))
