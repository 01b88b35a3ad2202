"""What went on between a customer and the shop's service lately: plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Matter:
    """An unfinished ticket, once for each of its escalations. `answered_id` and `reopened_id` are the newest such
    lines of its history; `reasons` and `escalated_at` are the escalation's.
    """

    due_at: datetime
    answered_id: int | None
    reopened_id: int | None
    reopenings: int
    reasons: list[dict[str, Any]] | None
    escalated_at: datetime | None

    @property
    def is_unanswered(self) -> bool:
        """By a person, since it was opened or last reopened."""
        return self.answered_id is None or (self.reopened_id or 0) > self.answered_id


@dataclass(frozen=True, slots=True)
class Asked:
    """A question put to the FAQ (crm_store.models.FaqQuestion)."""

    at: datetime
    decision: str
    outcome: str | None


@dataclass(frozen=True, slots=True)
class Heard:
    """Something that the customer said; of long words the beginning."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Lately:
    """The newest few of a contact point."""

    asked: tuple[Asked, ...]
    sessions: tuple[datetime, ...]
    heard: tuple[Heard, ...]
