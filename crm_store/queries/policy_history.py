"""What a policy is replayed over: what customers said, what the FAQ made of it, who really came before a human.

Read page by page in the order of contact points, so that one contact's history is together and memory is bounded. The
ledger has no index of moments alone: a replay reads it once from end to end and is not for hot paths.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from crm_store.models import ContactPoint, Escalation, FaqQuestion, Score, ScoreChange, Touchpoint

PAGE = 1000
KINDS = ("text", "press")


class Said(NamedTuple):
    """A customer's message or press; `payload` of a press has its action. `is_answered`: the press did something, which
    is always told; one of a button that was no longer on offer is not.
    """

    id: int
    contact_id: int
    customer_id: int
    conversation_id: int
    at: datetime
    kind: str
    text: str | None
    payload: dict[str, Any] | None
    is_answered: bool


class Question(NamedTuple):
    """A question of a message as the FAQ decided it."""

    touchpoint_id: int
    text: str | None
    decision: str
    entry_id: str | None


class Escalated(NamedTuple):
    """Who really came before a human, when, why, and how long that took."""

    contact_id: int
    customer_id: int
    opened_at: datetime
    claimed_at: datetime | None
    ended_at: datetime | None
    reasons: list[Any]
    agent_id: int | None
    outcome: str | None


class Place(NamedTuple):
    """Where a customer stands now."""

    customer_id: int
    tier: str | None
    stage: str
    at_risk: bool
    percentile: float | None
    risk: float | None


class Move(NamedTuple):
    """A customer moved: where they stood before and after."""

    customer_id: int
    at: datetime
    former_tier: str | None
    former_stage: str | None
    former_at_risk: bool | None
    tier: str | None
    stage: str
    at_risk: bool


def _heard(since: datetime, until: datetime) -> ColumnElement[bool]:
    """In a conversation with the bot: what an import brought was never judged."""
    return and_(
        Touchpoint.direction == "in",
        Touchpoint.kind.in_(KINDS),
        Touchpoint.conversation_id.is_not(None),
        Touchpoint.at >= since,
        Touchpoint.at < until,
    )


async def count_said(session: AsyncSession, since: datetime, until: datetime) -> int:
    return await session.scalar(select(func.count()).select_from(Touchpoint).where(_heard(since, until))) or 0


def _is_answered() -> ColumnElement[bool]:
    """Whether the contact's next words from us are about this press."""
    ours = aliased(Touchpoint)
    next_about = (
        select(ours.about_id)
        .where(ours.contact_point_id == Touchpoint.contact_point_id, ours.id > Touchpoint.id, ours.direction == "out")
        .order_by(ours.id)
        .limit(1)
        .correlate(Touchpoint)
        .scalar_subquery()
    )
    return case((Touchpoint.kind == "press", func.coalesce(next_about, 0) == Touchpoint.id), else_=False)


async def said(session: AsyncSession, since: datetime, until: datetime) -> AsyncIterator[list[Said]]:
    """Pages by contact point, each contact's in the order of saying."""
    after = (0, 0)
    while True:
        query = (
            select(
                Touchpoint.id,
                Touchpoint.contact_point_id,
                ContactPoint.customer_id,
                Touchpoint.conversation_id,
                Touchpoint.at,
                Touchpoint.kind,
                Touchpoint.text,
                Touchpoint.payload,
                _is_answered(),
            )
            .join(ContactPoint, ContactPoint.id == Touchpoint.contact_point_id)
            .where(_heard(since, until), tuple_(Touchpoint.contact_point_id, Touchpoint.id) > after)
            .order_by(Touchpoint.contact_point_id, Touchpoint.id)
            .limit(PAGE)
        )
        page = [Said(*row) for row in (await session.execute(query)).all()]
        if not page:
            return
        yield page
        after = (page[-1].contact_id, page[-1].id)


async def questions(session: AsyncSession, page: list[Said]) -> list[Question]:
    """What the FAQ decided on a page's messages."""
    ids = [each.id for each in page]
    columns = (FaqQuestion.touchpoint_id, FaqQuestion.text, FaqQuestion.decision, FaqQuestion.entry_id)
    query = (
        select(*columns)
        .where(
            FaqQuestion.contact_point_id.between(page[0].contact_id, page[-1].contact_id),
            FaqQuestion.touchpoint_id.between(min(ids), max(ids)),
        )
        .order_by(FaqQuestion.id)
    )
    return [Question(*row) for row in (await session.execute(query)).all()]


async def escalated(session: AsyncSession, since: datetime, until: datetime) -> list[Escalated]:
    """All that were open at some moment of the period, by the moment of opening."""
    columns = [getattr(Escalation, name) for name in Escalated._fields if name != "contact_id"]
    query = (
        select(Escalation.contact_point_id, *columns)
        .where(Escalation.opened_at < until, or_(Escalation.ended_at.is_(None), Escalation.ended_at > since))
        .order_by(Escalation.opened_at, Escalation.id)
    )
    return [Escalated(*row) for row in (await session.execute(query)).all()]


async def places(session: AsyncSession, customer_ids: Iterable[int]) -> dict[int, Place]:
    columns = [getattr(Score, name) for name in Place._fields]
    rows = await session.execute(select(*columns).where(Score.customer_id.in_(list(customer_ids))))
    return {row.customer_id: Place(*row) for row in rows.all()}


async def moves(session: AsyncSession, customer_ids: Iterable[int]) -> dict[int, list[Move]]:
    """Every move of these customers, the oldest first."""
    columns = [getattr(ScoreChange, name) for name in Move._fields]
    query = select(*columns).where(ScoreChange.customer_id.in_(list(customer_ids)))
    found: dict[int, list[Move]] = {}
    for row in (await session.execute(query.order_by(ScoreChange.at, ScoreChange.id))).all():
        found.setdefault(row.customer_id, []).append(Move(*row))
    return found
