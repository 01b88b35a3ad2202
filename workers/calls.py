"""One call to Telegram under way: made of the head of a chat's queue, or of several words that share a message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import takewhile
from typing import Any

from crm_store.repositories.outbox import Queued
from workers.outcomes import UNMADE, Fate, Outcome

JOIN_AFTER_SECONDS = 2.0
JOINED_LENGTH = 4096
MOST_JOINED = 50


@dataclass(slots=True, eq=False)
class Call:
    """One call; `rows` are several where words of one topic share a message. `epoch` is its sender's.

    One that is not to be made has its outcome from the beginning: it is settled as if it had been.
    """

    rows: Sequence[Queued]
    payload: dict[str, Any]
    outcome: Outcome = field(default_factory=lambda: Outcome(Fate.MAYBE))
    epoch: int | None = None

    @property
    def row(self) -> Queued:
        return self.rows[0]

    @property
    def is_to_be_made(self) -> bool:
        return self.outcome.fate not in UNMADE


def too_late(head: Queued, now: datetime) -> Call | None:
    """A call that will not be made, if nobody wants these words any more."""
    if head.expires_at is None or now < head.expires_at:
        return None
    return Call([head], head.payload, Outcome(Fate.LATE, f"not sent until {head.expires_at:%Y-%m-%d %H:%M} UTC"))


def lost(head: Queued, error: Exception) -> Call:
    """A call that cannot be made, because it speaks of what was never sent."""
    return Call([head], head.payload, Outcome(Fate.LOST, str(error)))


def may_join(head: Queued, now: float) -> bool:
    """Whether words have waited long enough to share a message with those behind them."""
    return head.joinable and now - head.created_at.timestamp() >= JOIN_AFTER_SECONDS


def joined(queue: Sequence[Queued], payload: dict[str, Any]) -> Call:
    """The head's call (`payload`, resolved) together with the words behind it that fit into the same message."""
    rows, length = [], -1
    for row in takewhile(lambda behind: _joins(queue[0], behind), queue):
        length += _units(row.payload["text"]) + 1
        if length > JOINED_LENGTH:
            break
        rows.append(row)
    return Call(rows, payload | {"text": "\n".join(row.payload["text"] for row in rows)})


def _units(text: str) -> int:
    """A text's length as Telegram counts it: in UTF-16."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _joins(head: Queued, row: Queued) -> bool:
    topic = head.payload.get("message_thread_id")
    alike = (row.method, row.lane) == (head.method, head.lane)
    return row.joinable and alike and row.payload.get("message_thread_id") == topic


def in_right_topic(call: Call, outcome: Outcome) -> Outcome:
    """Telegram has let messages to deleted topics fall into the main chat: the answer tells."""
    wanted = call.payload.get("message_thread_id")
    if (
        outcome.fate is not Fate.SENT
        or not wanted
        or not isinstance(outcome.result, dict)
        or "chat" not in outcome.result
    ):
        return outcome
    if outcome.result.get("message_thread_id") == wanted:
        return outcome
    return replace(outcome, fate=Fate.TOPIC_GONE, error="arrived outside its topic")
