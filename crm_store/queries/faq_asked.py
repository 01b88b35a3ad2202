"""What was put to the FAQ and what became of it: for replaying, and for finding what the FAQ lacks."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, NotNullable, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import ContactPoint, FaqQuestion, Touchpoint

_DECISIONS = ("answer", "suggest", "refuse")


class AskedQuestion(NamedTuple):
    """A question that was put to the FAQ and what became of it (the words are FaqQuestion's).

    `outcome_entry_id` is the entry that the customer meant if outcome is picked or helped, and one that was picked and
    did not help if it is not_helped; without it, helped and not_helped speak of `entry_id`. With decision answer,
    outcome helped and an `outcome_entry_id`, `entry_id` did not help and the next best did. `agent_answer` holds the
    first words of the agent who answered, whatever the outcome. `person` tells customers apart.
    """

    id: int
    at: datetime
    language: str
    text: str
    decision: str
    entry_id: str | None
    confidence: float | None
    outcome: str | None
    outcome_entry_id: str | None
    agent_answer: str | None
    person: int


_ASKED = (
    FaqQuestion.id,
    FaqQuestion.at,
    FaqQuestion.language,
    NotNullable(FaqQuestion.text),
    FaqQuestion.decision,
    FaqQuestion.entry_id,
    FaqQuestion.confidence,
    FaqQuestion.outcome,
    FaqQuestion.outcome_entry_id,
    Touchpoint.text,
    ContactPoint.customer_id,
)


async def asked(
    session: AsyncSession, since: datetime | None, until: datetime | None, limit: int | None
) -> list[AskedQuestion]:
    """Questions whose words are still kept, `since` ≤ at < `until`, the newest first."""
    return await _questions(session, _between(since, until), limit)


async def unanswered(session: AsyncSession, since: datetime | None, limit: int | None) -> list[AskedQuestion]:
    """Refused or answered in vain, the newest first; one that was repeated is left to its repetition."""
    refused = and_(FaqQuestion.decision == "refuse", FaqQuestion.outcome.is_distinct_from("repeated"))
    in_vain = FaqQuestion.outcome.in_(("not_helped", "none", "agent"))
    return await _questions(session, and_(_between(since, None), or_(refused, in_vain)), limit)


def _between(since: datetime | None, until: datetime | None) -> ColumnElement[bool]:
    """With every decision there is, which is how the index is kept."""
    moments: list[ColumnElement[bool]] = [FaqQuestion.decision.in_(_DECISIONS)]
    if since:
        moments.append(FaqQuestion.at >= since)
    if until:
        moments.append(FaqQuestion.at < until)
    return and_(*moments)


async def _questions(session: AsyncSession, which: ColumnElement[bool], limit: int | None) -> list[AskedQuestion]:
    query = (
        select(*_ASKED)
        .join(ContactPoint, ContactPoint.id == FaqQuestion.contact_point_id)
        .outerjoin(Touchpoint, Touchpoint.id == FaqQuestion.outcome_touchpoint_id)
        .where(which, FaqQuestion.text.is_not(None))
        .order_by(FaqQuestion.at.desc(), FaqQuestion.id.desc())
        .limit(limit)
    )
    return [AskedQuestion(*row) for row in (await session.execute(query)).all()]
