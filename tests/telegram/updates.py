"""The updates that wait for the bot: kept until it confirms them, delivered again until then."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import Any

from tests.telegram.errors import ApiError, conflict
from tests.telegram.stopwatch import Stopwatch

SILENT_KINDS = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
"""Kinds that come only to those who name them in allowed_updates."""
OTHER_POLLER = "terminated by other getUpdates request; make sure that only one bot instance is running"


@dataclass(slots=True)
class Pending:
    number: int
    """Place in the queue; an update that is sent twice keeps its id but not its place."""
    id: int
    raw: str
    lane: Hashable
    """Updates of one lane are delivered in order; messages travel by chat, button presses by person."""
    was_handed_out: bool = False


class UpdateQueue:
    def __init__(self, first_id: int) -> None:
        self.next_id = first_id
        self.newest_id = first_id - 1
        self.confirmed = 0
        self.confirmed_at = 0.0
        self.allowed: list[str] = []
        self.stopwatch = Stopwatch()
        self.listener: Callable[[Pending], None] | None = None
        self._pending: dict[int, Pending] = {}
        self._numbers = 0
        self._poll: asyncio.Future[None] | None = None

    def __len__(self) -> int:
        return len(self._pending)

    def waiting(self) -> list[Pending]:
        return list(self._pending.values())

    def push(self, kind: str, body: dict[str, Any], lane: Hashable, update_id: int | None = None) -> int | None:
        """Queues an update and returns its id, or None where the bot has not asked for this kind."""
        if not self._wanted(kind):
            return None
        if update_id is None:
            update_id, self.next_id = self.next_id, self.next_id + 1
        self.newest_id = update_id
        self._numbers += 1
        raw = json.dumps({"update_id": update_id, kind: body})
        pending = self._pending[self._numbers] = Pending(self._numbers, update_id, raw, lane)
        if self.listener is not None:
            self.listener(pending)
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(None)
        return update_id

    def _wanted(self, kind: str) -> bool:
        return kind in self.allowed if self.allowed else kind not in SILENT_KINDS

    async def take(self, offset: int, limit: int, seconds: float) -> list[Pending]:
        """What getUpdates answers. A new poll ends the one before it with 409."""
        self.end_poll(conflict(OTHER_POLLER))
        self._confirm(offset)
        if not self._pending and seconds > 0:
            await self._wait(seconds)
        taken = list(islice(self._pending.values(), limit))
        for pending in taken:
            self.hand_out(pending)
        return taken

    def hand_out(self, pending: Pending) -> None:
        """It goes to the bot; again, perhaps, because it was not confirmed."""
        if not pending.was_handed_out:
            pending.was_handed_out = True
            self.stopwatch.handed_out(pending.lane)

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            confirmed = [pending.number for pending in self.waiting()[:offset]]
        elif offset > self.newest_id + 1:  # ids began anew since: this offset says nothing about them
            return
        else:
            earlier = takewhile(lambda pending: pending.id < offset, self._pending.values())
            confirmed = [pending.number for pending in earlier]
        for number in confirmed:
            self.settle(number)

    async def _wait(self, seconds: float) -> None:
        poll = self._poll = asyncio.get_running_loop().create_future()
        try:
            await asyncio.wait({poll}, timeout=seconds)
            if poll.done():
                poll.result()
        finally:
            if self._poll is poll:
                self._poll = None

    def end_poll(self, refusal: ApiError) -> None:
        if self._poll is not None and not self._poll.done():
            self._poll.set_exception(refusal)

    def settle(self, number: int) -> None:
        if self._pending.pop(number, None) is not None:
            self.confirmed += 1
            self.confirmed_at = time.monotonic()

    def drop_all(self) -> None:
        self._pending.clear()
