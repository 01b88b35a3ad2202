"""Judgements, how they changed and what was learned of the shop: written many at a time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from crm_store.ids import new_id
from crm_store.models import Score, ScoreChange, ShopModel

OTHERS_FIGURES = ("brought", "ideas")
"""Not judged by orders; whoever counts them writes them."""
COLUMNS = tuple(name for name in Score.__table__.columns.keys() if name not in OTHERS_FIGURES)  # noqa: SIM118
"""What a judgement is written with, in this order."""
CHANGES = tuple(ScoreChange.__table__.columns.keys())
MODELS_KEPT = 400
"""A little more than a year of nights."""
_NOTHING: dict[str, Any] = dict.fromkeys(COLUMNS) | dict.fromkeys(
    ("value", "at_risk", "order_count", "order_days", "total", "cost", "uncosted", "left_out", "decayed"), 0
)


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(tzinfo=UTC))


def stored_moment(moment: datetime, *, is_sqlite: bool) -> Any:
    """As the driver of the database takes it."""
    return f"{moment:%Y-%m-%d %H:%M:%S.%f}" if is_sqlite else moment


async def put(connection: AsyncConnection, rows: Sequence[tuple[Any, ...]]) -> None:
    """Judgements with the driver's own values for COLUMNS, each in the place of the customer's former one."""
    if rows:
        sets = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS[1:])
        names = ", ".join(COLUMNS)
        sql = f"INSERT INTO score ({names}) VALUES ({_marks(connection, len(COLUMNS))})"
        await connection.exec_driver_sql(f"{sql} ON CONFLICT (customer_id) DO UPDATE SET {sets}", list(rows))


def stage_alone(customer_id: int, as_of: Any, stage: str, *, is_sqlite: bool) -> tuple[Any, ...]:
    """The row of somebody who has not ordered, for `put`."""
    row = _NOTHING | {"customer_id": customer_id, "as_of": as_of, "stage": stage}
    return tuple((row | {"at_risk": 0 if is_sqlite else False}).values())


async def note_changes(connection: AsyncConnection, rows: Iterable[tuple[Any, ...]]) -> None:
    """Changes with the driver's own values for CHANGES from the second on; their ids are made here."""
    made = [(new_id(), *row) for row in rows]
    if made:
        marks = _marks(connection, len(CHANGES))
        await connection.exec_driver_sql(f"INSERT INTO score_change ({', '.join(CHANGES)}) VALUES ({marks})", made)


def stored_cause(code: str, facts: dict[str, Any]) -> str:
    return json.dumps({"code": code, "facts": facts})


def _marks(connection: AsyncConnection, count: int) -> str:
    if connection.dialect.name == "sqlite":
        return ", ".join("?" * count)
    return ", ".join(f"${number}" for number in range(1, count + 1))


async def set_aside(connection: AsyncConnection, ids: Sequence[int]) -> None:
    """Marks judgements whose orders are gone as those of people without an order."""
    await connection.execute(update(Score).where(Score.customer_id.in_(ids)).values(order_count=0))


async def drop(connection: AsyncConnection, ids: Sequence[int]) -> None:
    await connection.execute(delete(Score).where(Score.customer_id.in_(ids)))


async def newest_model(session: AsyncSession | AsyncConnection) -> dict[str, Any] | None:
    """What was learned last (analytics.shop_model.ShopModel.as_data)."""
    query = select(ShopModel.model).order_by(ShopModel.id.desc()).limit(1)
    return (await session.execute(query)).scalar_one_or_none()


async def put_model(connection: AsyncConnection, as_of: date, model: dict[str, Any]) -> int:
    """Keeps what was learned and forgets the oldest; `evaluation` stays empty for whoever back-tests it, by this id."""
    row_id = new_id()
    await connection.execute(insert(ShopModel).values(id=row_id, as_of=midnight(as_of), model=model, evaluation=None))
    newest = select(ShopModel.id).order_by(ShopModel.id.desc()).limit(MODELS_KEPT)
    await connection.execute(delete(ShopModel).where(ShopModel.id.not_in(newest)))
    return row_id
