"""What went on between a customer and the shop's service lately: plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Matter:
    """An unfinished ticket, once for each of its escalations. `answered_id` and `reopened_id` are the newest such
    lines of its history; what follows `reopenings` is the escalation's, and none where there was none. `is_denied`: an
    agent said that it is no complaint.
    """

    due_at: datetime
    answered_id: int | None
    reopened_id: int | None
    reopenings: int
    reasons: list[dict[str, Any]] | None
    escalated_at: datetime | None
    is_denied: bool = False
    escalation_id: int | None = None
    ended_at: datetime | None = None
    value_percentile: float | None = None
    risk: float | None = None
    urgent: bool | None = None

    @property
    def is_under_way(self) -> bool:
        """Whether the escalation has not ended."""
        return self.escalation_id is not None and self.ended_at is None

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
    touchpoint_id: int = 0
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """Something that the customer said; of long words the beginning. `replaces` is the wording that an edit changed."""

    at: datetime
    text: str
    id: int = 0
    replaces: int | None = None


@dataclass(frozen=True, slots=True)
class Lately:
    """The newest few of a contact point."""

    asked: tuple[Asked, ...]
    sessions: tuple[datetime, ...]
    heard: tuple[Heard, ...]
