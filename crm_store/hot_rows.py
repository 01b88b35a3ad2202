"""Rows that nearly every message changes, written as one statement for all of a batch.

The mapper's own version check costs a statement a row, which is most of what a message costs (docs/decisions). Here the
same check is made once for all: if fewer rows were found than were to be changed, somebody else was faster.
"""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import Table, Update, bindparam, column, func, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.types import TypeEngine

from crm_store.models import Conversation

TABLE = cast(Table, Conversation.__table__)
CHANGING = ("language", "last_at", "ended_at", "dialog")


async def write_conversations(session: AsyncSession) -> None:
    """Takes changed conversations out of the session's flush and writes them. Raises StaleDataError."""
    changed = [row for row in session.dirty if isinstance(row, Conversation) and session.is_modified(row)]
    if not changed:
        return
    for row in changed:
        session.expunge(row)
    rows = [{"row": c.id, "known": c.version} | {f"to_{name}": getattr(c, name) for name in CHANGING} for c in changed]
    write = _each if session.get_bind().dialect.name == "sqlite" else _all_at_once
    if await write(session, rows) != len(rows):
        raise StaleDataError(f"of {len(rows)} conversations some were changed meanwhile")


async def _each(session: AsyncSession, rows: list[dict[str, Any]]) -> int:
    """SQLite: the driver runs the statement for each row and counts what it found."""
    statement = (
        update(TABLE)
        .where(TABLE.c.id == bindparam("row"), TABLE.c.version == bindparam("known"))
        .values({name: bindparam(f"to_{name}") for name in CHANGING} | {"version": bindparam("known") + 1})
    )
    connection = await session.connection(bind_arguments={"clause": statement})
    return (await connection.execute(statement, rows)).rowcount


async def _all_at_once(session: AsyncSession, rows: list[dict[str, Any]]) -> int:
    """PostgreSQL, whose driver does not count: one statement over arrays, whose text is the same for any number."""
    connection = await session.connection(bind_arguments={"clause": _MANY})
    arrays = {name: [row[name] for row in rows] for name in _TYPES}
    return (await connection.execute(_MANY, arrays)).rowcount


_TYPES: dict[str, TypeEngine[Any]] = {"row": TABLE.c.id.type, "known": TABLE.c.version.type} | {
    f"to_{name}": TABLE.c[name].type for name in CHANGING
}


def _of_arrays() -> Update:
    arrays = (bindparam(name, type_=ARRAY(kind)) for name, kind in _TYPES.items())
    columns = (column(name, kind) for name, kind in _TYPES.items())
    new = func.unnest(*arrays).table_valued(*columns, name="new").render_derived()
    return (
        update(TABLE)
        .where(TABLE.c.id == new.c.row, TABLE.c.version == new.c.known)
        .values({name: new.c[f"to_{name}"] for name in CHANGING} | {"version": new.c.known + 1})
    )


_MANY = _of_arrays()
