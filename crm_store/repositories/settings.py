"""Values the service keeps for itself."""

from __future__ import annotations

from typing import cast

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from crm_store.models import Setting
from crm_store.unit import Unit

FIRST_TICKET = 1001


async def next_ticket_number(unit: Unit) -> int:
    """The next number, drawn at once and for good: two units that draw never wait for each other's end.

    No number is given twice. One whose unit is forgotten is missing afterwards, so numbers grow but may have gaps.
    """
    table = cast(Table, Setting.__table__)
    insert = sqlite_insert if unit.session.get_bind().dialect.name == "sqlite" else postgres_insert
    first = insert(table).values(key="ticket_number", value=FIRST_TICKET, version=1)
    later = {"value": table.c.value + 1, "version": table.c.version + 1}
    draw = first.on_conflict_do_update(index_elements=["key"], set_=later).returning(table.c.value)
    return cast(int, await unit.session.scalar(draw, bind_arguments={"at_once": True}))


async def next_epoch(unit: Unit, bot_id: int) -> int:
    """A new epoch for a bot's sender: rows of former epochs have no sender any more."""
    return await _count(unit, epoch_key(bot_id), 1)


def epoch_key(bot_id: int) -> str:
    """Where the newest epoch of a bot's sender is."""
    return f"sender_epoch:{bot_id}"


async def get(unit: Unit, key: str) -> int | None:
    row = await _row(unit, key)
    return row.value if row else None


async def put(unit: Unit, key: str, value: int) -> None:
    row = await _row(unit, key)
    if row:
        row.value = value
    else:
        unit.memory["setting", key] = unit.add(Setting(key=key, value=value))


async def _count(unit: Unit, key: str, first: int) -> int:
    value = await get(unit, key)
    value = first if value is None else value + 1
    await put(unit, key, value)
    return value


async def _row(unit: Unit, key: str) -> Setting | None:
    row: Setting | None = await unit.once(("setting", key), lambda: unit.session.get(Setting, key))
    return row
