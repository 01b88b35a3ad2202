"""Decided calls on their way to Telegram."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import takewhile
from typing import Any, NamedTuple, cast

from sqlalchemy import Table, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from crm_store.models import OutboxRow
from crm_store.repositories import settings
from crm_store.unit import Unit

ADDRESS = frozenset({"chat_id", "message_thread_id", "message_id"})
"""What others find a call by, an erasure above all (crm_store.privacy.finding); the rest of its payload is words."""
SETTLED = ("sent", "uncertain", "failed", "dropped")
FORGOTTEN_UP_TO = "outbox_forgotten_up_to"
AT_ONCE = 1_000


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
    """What became of one call, and what is kept of its payload."""

    row_id: int
    state: str
    payload: Mapping[str, Any]
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
        .values(
            state=bindparam("to"), payload=bindparam("kept"), message_id=bindparam("message"), error=bindparam("why")
        ),
        [{"row": s.row_id, "to": s.state, "kept": s.payload, "message": s.message_id, "why": s.error} for s in settled],
    )


def address(payload: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of a payload when nobody will send it again: numbers, and no word."""
    return {key: value for key, value in payload.items() if key in ADDRESS}


def is_forgotten(payload: Mapping[str, Any]) -> bool:
    return payload.keys() <= ADDRESS


async def forget_words(unit: Unit, before: datetime) -> None:
    """Forgets what calls said that were settled without being sent and are older than this; AT_ONCE calls at a time.

    Walks on from where it came to, in the order of their making, so that none is read twice. A call that is not settled
    by then keeps its words until it is sent.
    """
    query = (
        select(OutboxRow.id, OutboxRow.created_at, OutboxRow.state, OutboxRow.payload)
        .where(OutboxRow.id > (await settings.get(unit, FORGOTTEN_UP_TO) or 0))
        .order_by(OutboxRow.id)
        .limit(AT_ONCE)
    )
    seen = list(takewhile(lambda row: row.created_at < before, await unit.session.execute(query)))
    wordy = [row for row in seen if row.state in SETTLED and not is_forgotten(row.payload)]
    if wordy:
        unit.finish_with(partial(_forget, [{"row": row.id, "kept": address(row.payload)} for row in wordy]))
    if seen:
        await settings.put(unit, FORGOTTEN_UP_TO, seen[-1].id)


async def _forget(kept: Sequence[Mapping[str, Any]], session: AsyncSession) -> None:
    table = cast(Table, OutboxRow.__table__)
    await session.execute(update(table).where(table.c.id == bindparam("row")).values(payload=bindparam("kept")), kept)
