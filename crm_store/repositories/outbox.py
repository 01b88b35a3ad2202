"""Decided calls on their way to Telegram."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from crm_store.models import OutboxRow
from crm_store.unit import Unit


class Queued(NamedTuple):
    """A call to be made, as the sender reads it (see OutboxRow)."""

    id: int
    chat_id: int
    method: str
    payload: dict[str, Any]
    files: dict[str, int] | None
    touchpoint_id: int | None
    joinable: bool
    continuation: str | None
    created_at: datetime
    not_before: datetime | None
    attempts: int


_QUEUED = tuple(getattr(OutboxRow, name) for name in Queued._fields)


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of one call."""

    row_id: int
    state: str
    message_id: int | None = None
    error: str | None = None


async def heads(session: AsyncSession, bot_id: int, skip_chats: Iterable[int], limit: int) -> list[Queued]:
    """The oldest waiting call of each chat that can be served now, oldest chats first."""
    oldest = func.min(OutboxRow.id)
    first = (
        select(oldest)
        .where(OutboxRow.bot_id == bot_id, OutboxRow.state == "waiting", OutboxRow.chat_id.not_in(list(skip_chats)))
        .group_by(OutboxRow.chat_id)
        .order_by(oldest)
        .limit(limit)
    )
    query = select(*_QUEUED).where(OutboxRow.id.in_(first.scalar_subquery())).order_by(OutboxRow.id)
    return [Queued(*row) for row in await session.execute(query)]


async def queue_of(session: AsyncSession, head: Queued, limit: int) -> list[Queued]:
    """A chat's waiting calls in order, the head first."""
    query = select(*_QUEUED).where(
        OutboxRow.chat_id == head.chat_id, OutboxRow.state == "waiting", OutboxRow.id >= head.id
    )
    return [Queued(*row) for row in await session.execute(query.order_by(OutboxRow.id).limit(limit))]


async def left_behind(session: AsyncSession, bot_id: int, epoch: int) -> list[Queued]:
    """Calls that a former sender had begun when it ended."""
    query = select(*_QUEUED).where(OutboxRow.bot_id == bot_id, OutboxRow.state == "sending", OutboxRow.epoch < epoch)
    return [Queued(*row) for row in await session.execute(query.order_by(OutboxRow.id))]


async def results(session: AsyncSession, row_ids: Iterable[int]) -> dict[int, tuple[str, int | None]]:
    """(state, message id) of calls that others refer to."""
    query = select(OutboxRow.id, OutboxRow.state, OutboxRow.message_id).where(OutboxRow.id.in_(list(row_ids)))
    return {row_id: (state, message_id) for row_id, state, message_id in (await session.execute(query)).all()}


async def result(unit: Unit, row_id: int) -> int | None:
    """The message or topic that a call made; None while it has made none."""
    row = await unit.session.get(OutboxRow, row_id)
    return row.message_id if row else None


async def mark_sending(connection: AsyncConnection, ids: Sequence[int], epoch: int) -> None:
    await connection.execute(
        update(OutboxRow)
        .where(OutboxRow.id.in_(ids))
        .values(state="sending", epoch=epoch, attempts=OutboxRow.attempts + 1)
    )


async def settle(connection: AsyncConnection, settled: Sequence[Settled]) -> None:
    await connection.execute(
        update(OutboxRow)
        .where(OutboxRow.id == bindparam("row"))
        .values(state=bindparam("to"), message_id=bindparam("message"), error=bindparam("why")),
        [{"row": s.row_id, "to": s.state, "message": s.message_id, "why": s.error} for s in settled],
    )
