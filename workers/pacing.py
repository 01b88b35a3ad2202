"""Telegram's limits as token buckets: all together, per chat, per group; and a campaign's part of all together.

Nobody knows what a former sender spent just before it ended, so a new one begins with empty buckets, as if all was just
spent. It refills a little slower than allowed and saves up less than allowed, which is room for calls that the line
brings closer together than they were made.
"""

from __future__ import annotations

from dataclasses import dataclass

PART_OF_RATE = 0.97
PART_OF_BURST = 0.8
"""For one chat, a second of delay on the line; for all together, a fifth of one."""

CAMPAIGNS_PART = 0.5
"""Of the overall rate, while others want it too: the rest is there at once for whoever talks to us."""
CAMPAIGNS_BURST = 4.0


@dataclass(frozen=True, slots=True)
class Rates:
    """The limits: SEND_RATE and SEND_RATE_CHAT in messages a second, SEND_RATE_GROUP a minute; 0 = unpaced."""

    overall: float = 30.0
    chat: float = 1.0
    chat_burst: float = 5.0
    group_per_minute: float = 20.0


class Bucket:
    """Empty at `since`; gains `rate` tokens a second, holds up to `burst`. Times are seconds of one monotonic clock."""

    __slots__ = ("_at", "_burst", "_rate", "_tokens")

    def __init__(self, rate: float, burst: float, since: float) -> None:
        self._rate, self._burst, self._tokens, self._at = rate, burst, 0.0, since

    def ready_in(self, now: float, promised: int = 0) -> float:
        """Seconds until a token is there besides those that are promised already; 0 if one is."""
        self._gain(now)
        return max(0.0, (1.0 + promised - self._tokens) / self._rate)

    def take(self, now: float) -> None:
        self._gain(now)
        self._tokens -= 1.0

    def is_full(self, now: float) -> bool:
        self._gain(now)
        return self._tokens >= self._burst

    def _gain(self, now: float) -> None:
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now


class Pacer:
    """Says when a chat may be sent to, and remembers that it was. Groups have negative ids; 0 is no chat.

    `since` is when this sender began; whatever was sent before may have used up everything.
    """

    def __init__(self, rates: Rates, since: float) -> None:
        self._rates, self._since = rates, since
        self._all = self._new_bucket(rates.overall, rates.overall) if rates.overall else None
        campaigns = rates.overall * CAMPAIGNS_PART
        self._campaigns = Bucket(campaigns * PART_OF_RATE, CAMPAIGNS_BURST, since) if rates.overall else None
        self._chats: dict[int, Bucket] = {}

    def any_ready_in(self, now: float, promised: int = 0) -> float:
        """Seconds until anything at all may be sent, besides what is promised to be sent now."""
        return self._all.ready_in(now, promised) if self._all else 0.0

    def ready_in(self, chat_id: int, now: float) -> float:
        bucket = self._bucket(chat_id)
        return max(self.any_ready_in(now), bucket.ready_in(now) if bucket else 0.0)

    def campaign_ready_in(self, now: float, promised: int = 0) -> float:
        """Seconds until a campaign may have more of the overall rate, besides what is promised to be sent now."""
        return self._campaigns.ready_in(now, promised) if self._campaigns else 0.0

    def take_for_campaign(self, now: float) -> None:
        """Counts one against the campaigns' part; `take` counts it against everything else."""
        if self._campaigns:
            self._campaigns.take(now)

    def take(self, chat_id: int, now: float) -> None:
        for bucket in (self._all, self._bucket(chat_id)):
            if bucket:
                bucket.take(now)

    def forget_idle(self, now: float) -> None:
        """Drops buckets that are full again, so that memory holds the busy chats only."""
        self._chats = {chat: bucket for chat, bucket in self._chats.items() if not bucket.is_full(now)}

    def _bucket(self, chat_id: int) -> Bucket | None:
        rate, burst = (
            (self._rates.group_per_minute / 60, self._rates.group_per_minute)
            if chat_id < 0
            else (self._rates.chat, self._rates.chat_burst)
        )
        if not rate or not chat_id:
            return None
        if chat_id not in self._chats:
            self._chats[chat_id] = self._new_bucket(rate, burst)
        return self._chats[chat_id]

    def _new_bucket(self, rate: float, burst: float) -> Bucket:
        """What was not used since the sender began has been saved up."""
        return Bucket(rate * PART_OF_RATE, max(1.0, burst * PART_OF_BURST), self._since)
