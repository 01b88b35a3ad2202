"""Accepted updates on their way to taking effect."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CursorResult,
    Result,
    Table,
    TextualSelect,
    Update,
    case,
    column,
    func,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from crm_store.ids import in_order, moment, new_id
from crm_store.models import InboxRow
from crm_store.storable import storable
from crm_store.unit import Unit

SPARE = 4
"""Looked for are so many times more than are wanted: others take some at this very moment."""


class LeaseLostError(RuntimeError):
    """Updates that this process worked on are not its own any more: it gave no sign of life for too long."""

    def __init__(self, ids: Collection[int]) -> None:
        super().__init__(f"{len(ids)} updates are no longer held by this process")


class Accepted(NamedTuple):
    """A waiting update; `attempts` are the processes that ended while they worked on it."""

    id: int
    update_id: int
    chat_id: int
    attempts: int
    received_at: datetime
    body: str


_NEWEST = select(func.max(InboxRow.id).label("id")).cte("newest")  # looked for once, not for each row
_IN_ORDER: ColumnElement[Any] = literal_column(
    in_order("(SELECT id FROM newest)", "nextval('inbox_order')"), BigInteger
)
_ACCEPTED = tuple(getattr(InboxRow, name) for name in Accepted._fields)

_LEASED = "SELECT chat_id FROM inbox {by_lease} WHERE state = 'waiting' AND lease IS NOT NULL"
_BEGUN = "SELECT chat_id FROM inbox {by_attempts} WHERE state = 'waiting' AND attempts > 0"
_FIRST_BEGUN = f"""
SELECT id FROM inbox {{by_attempts}}
WHERE state = 'waiting' AND attempts > 0 AND lease IS NULL AND chat_id NOT IN ({_LEASED})
"""
_FIRST_FRESH = f"""
SELECT min(id) FROM inbox {{by_chat}}
WHERE state = 'waiting' AND chat_id NOT IN ({_LEASED}) AND chat_id NOT IN ({_BEGUN})
GROUP BY chat_id ORDER BY min(id) LIMIT {SPARE} * :limit
"""
_TAKE = """
UPDATE inbox SET lease = :token WHERE id {among} (
  SELECT id FROM inbox WHERE id IN ({chosen}) AND NOT state <> 'waiting' AND lease IS NULL
  ORDER BY id LIMIT :limit {lock}
) RETURNING id, update_id, chat_id, attempts, received_at, body, {now}
"""
_WORDS = {
    "sqlite": {
        "by_lease": "INDEXED BY ix_inbox_leased",
        "by_attempts": "INDEXED BY ix_inbox_begun",
        "by_chat": "INDEXED BY ix_inbox_waiting",
        "among": "IN",
        "lock": "",
        "now": "0 AS now",
    },
    "postgresql": {
        "by_lease": "",
        "by_attempts": "",
        "by_chat": "",
        "among": "= ANY (ARRAY",
        "lock": "FOR UPDATE SKIP LOCKED)",
        "now": f"{moment('outbox', 'touchpoint')} AS now",
    },
}
"""What the databases say differently. SQLite knows no sizes and would read all that waits to find the few leased."""


def _claim(dialect: str, chosen: str) -> TextualSelect:
    words = _WORDS[dialect]
    chosen = chosen.format_map(words)
    return text(_TAKE.strip().format_map(words | {"chosen": chosen})).columns(*_ACCEPTED, column("now", BigInteger))


_CLAIMS = {dialect: [_claim(dialect, chosen) for chosen in (_FIRST_BEGUN, _FIRST_FRESH)] for dialect in _WORDS}


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
        insert: Any = sqlite_insert(InboxRow)
    else:
        insert = postgres_insert(InboxRow).values(id=_IN_ORDER).add_cte(_NEWEST)
    kept = insert.on_conflict_do_nothing(index_elements=["bot_id", "update_id"]).returning(InboxRow.id)
    return len((await connection.execute(kept, rows)).all())


async def claim(connection: AsyncConnection, token: int, limit: int) -> list[Accepted]:
    """Takes the first waiting update of each of many chats that nobody works on, oldest first.

    Only a chat's first is ever taken, and it stays the first until it is done: so a chat has one worker at a time. One
    that a process ended with in its hands is taken before all others and alone, so that a killer takes nobody along.
    Raises IntegrityError if another process takes a chat's at this moment, and its first was committed only now.
    """
    begun, fresh = _CLAIMS[connection.dialect.name]
    return await _take(connection, begun, token, 1) or await _take(connection, fresh, token, limit)


async def _take(connection: AsyncConnection, statement: TextualSelect, token: int, limit: int) -> list[Accepted]:
    taken = (await connection.execute(statement, {"token": token, "limit": limit})).all()
    if taken and connection.dialect.name == "postgresql":
        new_id.follow(max(row.now for row in taken))
    return sorted(Accepted(*row[:-1]) for row in taken)


async def taken(connection: AsyncConnection | AsyncSession, token: int) -> list[Accepted]:
    """What is held under a token, oldest first."""
    held = (InboxRow.lease == token, InboxRow.state == "waiting")
    rows = await connection.execute(select(*_ACCEPTED).where(*held).order_by(InboxRow.id))
    return [Accepted(*row) for row in rows]


async def release(connection: AsyncConnection, token: int, ids: Collection[int]) -> int:
    """Gives back what is still held, as if it had never been taken; returns how many those are."""
    return (await connection.execute(_held(token, ids).values(lease=None))).rowcount


async def finish(unit: Unit, ids: Collection[int], token: int) -> None:
    """Marks updates done in the unit that holds their effects. Raises LeaseLostError, which must forget the unit."""
    done = await unit.session.execute(_held(token, ids).values(state="done", lease=None, error=None))
    _check(done, ids)


async def set_aside(connection: AsyncConnection, row_id: int, error: str, token: int) -> None:
    """Gives an update up, with its error; everything of it is kept. Raises LeaseLostError."""
    values = {"state": "failed", "lease": None, "error": storable(error)}
    failed = await connection.execute(_held(token, [row_id]).values(values))
    _check(failed, [row_id])


def _held(token: int, ids: Collection[int]) -> Update:
    """Changes only what this process still holds: others free what it held, and what has ended is nobody's."""
    rows = InboxRow.__table__.c
    return update(cast(Table, InboxRow.__table__)).where(rows.id.in_(ids), rows.lease == token)


def _check(ended: Result[Any], ids: Collection[int]) -> None:
    if cast(CursorResult[Any], ended).rowcount != len(ids):
        raise LeaseLostError(ids)


async def counts(session: AsyncSession) -> tuple[int, int]:
    """(waiting, set aside)."""
    query = select(
        func.coalesce(func.sum(case((InboxRow.state == "waiting", 1), else_=0)), 0),
        func.coalesce(func.sum(case((InboxRow.state == "failed", 1), else_=0)), 0),
    ).where(InboxRow.state.in_(("waiting", "failed")))
    waiting, failed = (await session.execute(query)).one()
    return waiting, failed
