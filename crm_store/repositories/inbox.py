"""Accepted updates on their way to taking effect."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import case, func, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from crm_store.ids import new_id
from crm_store.models import InboxRow
from crm_store.unit import Unit


class Accepted(NamedTuple):
    """A waiting update; `attempts` are the starts so far."""

    id: int
    update_id: int
    chat_id: int
    attempts: int
    received_at: datetime
    body: str


_ACCEPTED = tuple(getattr(InboxRow, name) for name in Accepted._fields)


async def accept(
    connection: AsyncConnection, bot_id: int, updates: Iterable[tuple[int, int, str]], received_at: datetime
) -> int:
    """Keeps (update id, chat id, raw JSON) of a bot; one that is here already is dropped. Returns how many were new."""
    rows = [
        {
            "id": new_id(),
            "bot_id": bot_id,
            "update_id": update_id,
            "chat_id": chat_id,
            "received_at": received_at,
            "body": body,
            "state": "waiting",
            "attempts": 0,
        }
        for update_id, chat_id, body in updates
    ]
    insert = sqlite_insert if connection.dialect.name == "sqlite" else postgres_insert
    kept = insert(InboxRow).on_conflict_do_nothing(index_elements=["bot_id", "update_id"]).returning(InboxRow.id)
    return len((await connection.execute(kept, rows)).all())


async def oldest_per_chat(session: AsyncSession, limit: int, skip_chats: Sequence[int]) -> list[Accepted]:
    """The first waiting update of each chat, oldest chats first, so that one busy chat holds up no other."""
    heads = (
        select(func.min(InboxRow.id))
        .where(InboxRow.state == "waiting", InboxRow.chat_id.not_in(skip_chats))
        .group_by(InboxRow.chat_id)
        .order_by(func.min(InboxRow.id))
        .limit(limit)
    )
    query = select(*_ACCEPTED).where(InboxRow.id.in_(heads.scalar_subquery())).order_by(InboxRow.id)
    return [Accepted(*row) for row in await session.execute(query)]


async def start(connection: AsyncConnection, ids: Sequence[int]) -> None:
    """Counts an attempt before it begins: an update that kills the process is known by its count."""
    await connection.execute(update(InboxRow).where(InboxRow.id.in_(ids)).values(attempts=InboxRow.attempts + 1))


async def finish(unit: Unit, ids: Sequence[int]) -> None:
    """Marks updates done in the unit that holds their effects."""
    await unit.session.execute(update(InboxRow).where(InboxRow.id.in_(ids)).values(state="done", error=None))


async def set_aside(connection: AsyncConnection, row_id: int, error: str) -> None:
    """Gives an update up, with its error; everything of it is kept."""
    await connection.execute(update(InboxRow).where(InboxRow.id == row_id).values(state="failed", error=error))


async def counts(session: AsyncSession) -> tuple[int, int]:
    """(waiting, set aside)."""
    query = select(
        func.coalesce(func.sum(case((InboxRow.state == "waiting", 1), else_=0)), 0),
        func.coalesce(func.sum(case((InboxRow.state == "failed", 1), else_=0)), 0),
    ).where(InboxRow.state.in_(("waiting", "failed")))
    waiting, failed = (await session.execute(query)).one()
    return waiting, failed
