"""Accepted updates on their way to taking effect."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, any_, case, func, literal_column, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from crm_store.ids import in_order, new_id
from crm_store.models import InboxRow
from crm_store.unit import Unit


class LeaseLostError(RuntimeError):
    """Updates that this process worked on are not its own any more: it gave no sign of life for too long."""

    def __init__(self, ids: Sequence[int]) -> None:
        super().__init__(f"{len(ids)} updates are no longer held by this process")


class Accepted(NamedTuple):
    """A waiting update; `attempts` are the processes that ended while they worked on it."""

    id: int
    update_id: int
    chat_id: int
    attempts: int
    received_at: datetime
    body: str


_IN_ORDER: ColumnElement[Any] = literal_column(in_order("nextval('inbox_order')"), BigInteger)
_ACCEPTED = tuple(getattr(InboxRow, name) for name in Accepted._fields)


async def accept(
    connection: AsyncConnection, bot_id: int, updates: Iterable[tuple[int, int, str]], received_at: datetime
) -> int:
    """Keeps (update id, chat id, raw JSON) of a bot; one that is here already is dropped. Returns how many were new."""
    rows = [
        {
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
    if connection.dialect.name == "sqlite":
        rows = [{"id": new_id(), **row} for row in rows]
        insert = sqlite_insert(InboxRow)
    else:
        insert = postgres_insert(InboxRow).values(id=_IN_ORDER)
    kept = insert.on_conflict_do_nothing(index_elements=["bot_id", "update_id"]).returning(InboxRow.id)
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


async def claim(connection: AsyncConnection, token: int, limit: int) -> list[Accepted]:
    """Takes the first waiting update of each of many chats that nobody works on, oldest first.

    Only a chat's first is ever taken, and it stays the first until it is done: so a chat has one worker at a time. Of
    those that a process ended with in its hands only one is taken, so that a killer takes no second one along.
    """
    waiting, free = InboxRow.state == "waiting", InboxRow.lease.is_(None)
    first = func.min(InboxRow.id)
    never_begun = (func.max(InboxRow.lease).is_(None), func.max(InboxRow.attempts) == 0)
    fresh = select(first).where(waiting).group_by(InboxRow.chat_id).having(*never_begun).order_by(first).limit(limit)
    begun = select(first).where(waiting, free, InboxRow.attempts > 0)
    heads = or_(InboxRow.id.in_(fresh), InboxRow.id == begun.scalar_subquery())
    mine: Any = select(InboxRow.id).where(heads, waiting, free).with_for_update(skip_locked=True)
    is_sqlite = connection.dialect.name == "sqlite"
    is_mine = InboxRow.id.in_(mine) if is_sqlite else InboxRow.id == any_(func.array(mine.scalar_subquery()))
    now = literal_column("0" if is_sqlite else "(extract(epoch FROM clock_timestamp()) * 1000)::bigint")
    take = update(InboxRow).where(is_mine).values(lease=token).returning(*_ACCEPTED, now)
    taken = (await connection.execute(take)).all()
    if taken and not is_sqlite:
        new_id.follow(max(row[-1] for row in taken))
    return sorted(Accepted(*row[:-1]) for row in taken)


async def release(connection: AsyncConnection, token: int, ids: Sequence[int]) -> None:
    """Gives back what is still held, as if it had never been taken."""
    mine = (InboxRow.id.in_(ids), InboxRow.lease == token, InboxRow.state == "waiting")
    await connection.execute(update(InboxRow).where(*mine).values(lease=None))


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
