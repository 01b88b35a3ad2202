"""Whose turn it is: chats that must rest, what the limits allow, and what they leave for campaigns. Times are the
loop's seconds, except `moment`, which is the store's."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from itertools import takewhile

from crm_store.repositories.lanes import Lane
from crm_store.repositories.outbox import Queued
from workers.outcomes import Fate, Outcome
from workers.pacing import Pacer, Rates

SLOTS = 32
"""Calls under way at the same time."""

CAMPAIGN_SLOTS = SLOTS // 2
"""So that a slow line, full of campaigns, still has places for everybody else."""

LOOK_SECONDS = 1.0
CROWDED_SECONDS = 1.0
"""How long after other words were seen a campaign keeps to its part of the rate: more of them are likely."""

NOT_YET_SECONDS = 0.1
"""Until words are looked at again that speak of a message still on its way."""


class Turns:
    """Of one term. Begins with empty buckets at `now`, and with nobody at rest."""

    def __init__(self, rates: Rates, now: float) -> None:
        self._pacer = Pacer(rates, now)
        self._resting: dict[int, float] = {}
        self._parked: set[int] = set()
        self._spent_until = self._halted_until = self._campaigns_from = 0.0
        self._crowded_until = self._part_at = 0.0

    def rest(self, chat_id: int, until: float) -> None:
        """Nothing is sent to this chat before then."""
        self._resting[chat_id] = until

    def heed(self, head: Queued, outcome: Outcome, now: float, moment: datetime) -> None:
        """What a result means for those that come after it; nobody waits longer for words than they are wanted."""
        if not outcome.delay:
            return
        self.rest(head.chat_id, now + min(outcome.delay, _wanted_for(head, moment)))
        match outcome.fate:
            case Fate.REVOKED:
                self.halt(now + outcome.delay)
            case Fate.FLOOD:  # we send too much: what nobody asked for makes way first
                self._campaigns_from = max(self._campaigns_from, now + outcome.delay)
            case Fate.PARKED:
                self._parked.add(head.chat_id)

    def unpark(self) -> None:
        """What we may do somewhere has changed: where we lacked a right it is tried. Others go on resting."""
        for chat_id in self._parked:
            self._resting.pop(chat_id, None)

    def halt(self, until: float) -> None:
        """Nothing is sent at all before then."""
        self._halted_until = until

    def resting(self, now: float) -> set[int]:
        """The chats at rest."""
        self._resting = {chat: until for chat, until in self._resting.items() if until > now}
        return set(self._resting)

    def free_slots(self, under_way: int, now: float) -> int:
        """For how many calls there is room; 0 as well when nothing may be sent now."""
        return 0 if now < max(self._halted_until, self._spent_until) else max(0, SLOTS - under_way)

    def campaign_slots(self, free: int, under_way: int, now: float) -> int:
        """How many of the free slots campaigns may have."""
        return 0 if now < self._campaigns_from else max(0, min(free, CAMPAIGN_SLOTS - under_way))

    def choose(self, heads: Sequence[Queued], free: int, campaigns: int, now: float, moment: datetime) -> list[Queued]:
        """Those that may be sent now, together, the first ones first. A head that must wait puts its chat to rest.

        `free` is how many there may be, `campaigns` how many of them a campaign's.
        """
        if any(head.lane != Lane.CAMPAIGN for head in heads):
            self._crowded_until = now + CROWDED_SECONDS
        campaigns = allowed = min(campaigns, self._parts_ready(now))
        chosen: list[Queued] = []
        for head in heads:
            self._spent_until = now + self._pacer.any_ready_in(now, promised=len(chosen))
            if self._spent_until > now or len(chosen) == free:
                break
            if head.lane == Lane.CAMPAIGN and not campaigns:
                self._part_at = now + self._pacer.campaign_ready_in(now, promised=allowed)
                break
            if self._may_start(head, now, moment):
                chosen.append(head)
                campaigns -= head.lane == Lane.CAMPAIGN
        return chosen

    def _parts_ready(self, now: float) -> int:
        """How many calls of campaigns may begin now: any number while nobody else wants to send anything."""
        if now >= self._crowded_until:
            return CAMPAIGN_SLOTS
        ready = takewhile(lambda n: self._pacer.campaign_ready_in(now, promised=n) <= 0, range(CAMPAIGN_SLOTS))
        return len(list(ready))

    def _may_start(self, head: Queued, now: float, moment: datetime) -> bool:
        """Whether the head's time has come and the limits allow it, or nobody wants it any more."""
        wait = self._pacer.ready_in(head.chat_id, now)
        if head.not_before and head.chat_id not in self._parked:
            wait = max(wait, (head.not_before - moment).total_seconds())
        wait = min(wait, _wanted_for(head, moment))
        if wait > 0:
            self.rest(head.chat_id, now + wait)
        return wait <= 0

    def take(self, head: Queued, now: float) -> None:
        """The call begins."""
        self._parked.discard(head.chat_id)
        self._pacer.take(head.chat_id, now)
        if head.lane == Lane.CAMPAIGN and now < self._crowded_until:
            self._pacer.take_for_campaign(now)

    def longest_wait(self, now: float) -> float:
        """Seconds until there may be somebody's turn."""
        self._pacer.forget_idle(now)
        soonest = min(self._resting.values(), default=now + LOOK_SECONDS)
        ahead = [until for until in (self._spent_until, self._part_at) if until > now]
        return max(0.001, min(LOOK_SECONDS, min([soonest, *ahead]) - now))


def _wanted_for(head: Queued, moment: datetime) -> float:
    """Seconds until nobody wants these words any more."""
    return (head.expires_at - moment).total_seconds() if head.expires_at else math.inf
