"""Telegram's limits as token buckets: all together, per chat, per group."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rates:
    """SEND_RATE and SEND_RATE_CHAT in messages a second, SEND_RATE_GROUP in messages a minute; 0 = unpaced."""

    overall: float = 30.0
    chat: float = 1.0
    chat_burst: float = 5.0
    group_per_minute: float = 20.0


class Bucket:
    """Holds up to `burst` tokens and gains `rate` a second. Time is passed in, in seconds of one monotonic clock."""

    __slots__ = ("_at", "_burst", "_rate", "_tokens")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate, self._burst, self._tokens, self._at = rate, burst, burst, now

    def ready_in(self, now: float) -> float:
        """Seconds until a token is there; 0 if one is."""
        self._gain(now)
        return max(0.0, (1.0 - self._tokens) / self._rate)

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
    """Says when a chat may be sent to, and remembers that it was. Groups have negative ids; 0 is no chat."""

    def __init__(self, rates: Rates, now: float) -> None:
        self._rates = rates
        self._all = Bucket(rates.overall, max(1.0, rates.overall), now) if rates.overall else None
        self._chats: dict[int, Bucket] = {}

    def ready_in(self, chat_id: int, now: float) -> float:
        overall = self._all.ready_in(now) if self._all else 0.0
        bucket = self._bucket(chat_id, now)
        return max(overall, bucket.ready_in(now) if bucket else 0.0)

    def take(self, chat_id: int, now: float) -> None:
        for bucket in (self._all, self._bucket(chat_id, now)):
            if bucket:
                bucket.take(now)

    def forget_idle(self, now: float) -> None:
        """Drops buckets that are full again, so that memory holds the busy chats only."""
        self._chats = {chat: bucket for chat, bucket in self._chats.items() if not bucket.is_full(now)}

    def _bucket(self, chat_id: int, now: float) -> Bucket | None:
        rate, burst = (
            (self._rates.group_per_minute / 60, self._rates.group_per_minute)
            if chat_id < 0
            else (self._rates.chat, self._rates.chat_burst)
        )
        if not rate or not chat_id:
            return None
        if chat_id not in self._chats:
            self._chats[chat_id] = Bucket(rate, burst, now)
        return self._chats[chat_id]
