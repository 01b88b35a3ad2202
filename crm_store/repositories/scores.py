"""Judgements, how they changed and what was learned of the shop: written many at a time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from itertools import groupby
from typing import Any, cast

from sqlalchemy import Table, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from crm_store.columns import Coded
from crm_store.ids import new_id
from crm_store.models import OrderHistory, Score, ScoreChange, ShopModel

SCORE = cast(Table, Score.__table__)
CHANGES = tuple(column.name for column in cast(Table, ScoreChange.__table__).columns)
MODELS_KEPT = 400
"""A little more than a year of nights."""
AT_ONCE = 100
"""Rows in one statement: with so many a million take half the time."""

Values = tuple[Any, ...]
Filled = Mapping[str, Sequence[Any]]
"""Columns by name, equally long, of values as the database's driver takes them; names by their codes
(crm_store.columns.Coded)."""


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(tzinfo=UTC))


def stored_moment(moment: datetime, *, is_sqlite: bool) -> Any:
    """As the driver of the database takes it."""
    return f"{moment:%Y-%m-%d %H:%M:%S.%f}" if is_sqlite else moment


async def put(connection: AsyncConnection, as_of: date, judged: Filled) -> None:
    """Judgements as of a day, each in the place of the customer's former one."""
    await _put(connection, "score", judged, {"as_of": f"'{as_of.isoformat()}'"})


async def put_histories(connection: AsyncConnection, counted: Filled) -> None:
    """Histories, likewise."""
    await _put(connection, "order_history", counted, {})


async def _put(connection: AsyncConnection, table: str, columns: Filled, constant: Mapping[str, str]) -> None:
    names = [*columns, *constant]
    sets = ", ".join(f"{name} = excluded.{name}" for name in names if name != "customer_id")
    for count, rows in groupby(_handfuls(columns), key=lambda values: len(values) // len(columns)):
        marks = ", ".join(_marks(connection, len(columns), nth, constant.values()) for nth in range(count))
        sql = f"INSERT INTO {table} ({', '.join(names)}) VALUES {marks}"
        await connection.exec_driver_sql(f"{sql} ON CONFLICT (customer_id) DO UPDATE SET {sets}", list(rows))


def _handfuls(columns: Filled) -> Iterator[Values]:
    """AT_ONCE rows after one another, and at last the rest."""
    length = len(columns["customer_id"])
    values: list[Any] = [None] * (length * len(columns))
    for nth, column in enumerate(columns.values()):
        values[nth :: len(columns)] = column
    width = AT_ONCE * len(columns)
    return (tuple(values[start : start + width]) for start in range(0, len(values), width))


def stage_code(stage: str) -> int:
    return cast(Coded, SCORE.c.stage.type).code(stage)


async def note_changes(connection: AsyncConnection, rows: Iterable[Values]) -> None:
    """Changes with the driver's own values for CHANGES from the second on; their ids are made here."""
    made = [(new_id(), *row) for row in rows]
    if made:
        marks = _marks(connection, len(CHANGES))
        await connection.exec_driver_sql(f"INSERT INTO score_change ({', '.join(CHANGES)}) VALUES {marks}", made)


def stored_cause(code: str, facts: dict[str, Any]) -> str:
    return json.dumps({"code": code, "facts": facts})


def _marks(connection: AsyncConnection, count: int, nth: int = 0, constant: Iterable[str] = ()) -> str:
    """Places for the values of the nth row in the driver's own way."""
    before = nth * count
    is_sqlite = connection.dialect.name == "sqlite"
    places = ("?" if is_sqlite else f"${before + number}" for number in range(1, count + 1))
    return f"({', '.join([*places, *constant])})"


async def displace(connection: AsyncConnection, ids: Sequence[int]) -> None:
    """Whose orders are gone is in no tier: they are judged as those who have none from now on."""
    await connection.execute(update(Score).where(Score.customer_id.in_(ids)).values(tier=None))


async def forget_orders(connection: AsyncConnection, ids: Sequence[int]) -> None:
    await connection.execute(delete(OrderHistory).where(OrderHistory.customer_id.in_(ids)))


async def drop(connection: AsyncConnection, ids: Sequence[int]) -> None:
    for model in (Score, OrderHistory):
        await connection.execute(delete(model).where(model.customer_id.in_(ids)))


async def newest_model(session: AsyncSession | AsyncConnection) -> dict[str, Any] | None:
    """What was learned last (analytics.shop_model.ShopModel.as_data)."""
    query = select(ShopModel.model).order_by(ShopModel.id.desc()).limit(1)
    return (await session.execute(query)).scalar_one_or_none()


async def put_model(connection: AsyncConnection, as_of: date, model: dict[str, Any]) -> int:
    """Keeps what was learned in the place of what was learned of the same day before, but for its evaluation, and
    forgets the oldest."""
    row_id, of_that_day = new_id(), ShopModel.as_of == midnight(as_of)
    former = select(ShopModel.evaluation).where(of_that_day, ShopModel.evaluation.is_not(None))
    evaluation = await connection.scalar(former.order_by(ShopModel.id.desc()).limit(1))
    await connection.execute(delete(ShopModel).where(of_that_day))
    row = {"id": row_id, "as_of": midnight(as_of), "model": model, "evaluation": evaluation}
    await connection.execute(insert(ShopModel).values(row))
    newest = select(ShopModel.id).order_by(ShopModel.id.desc()).limit(MODELS_KEPT)
    await connection.execute(delete(ShopModel).where(ShopModel.id.not_in(newest)))
    return row_id
