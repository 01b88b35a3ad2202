"""Rows that have had their day go a few at a time: whoever deletes many at once holds up everybody else's writing."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, delete, inspect, select, tuple_

from crm_store.models import Base
from crm_store.unit import Unit

AT_ONCE = 2_000


async def delete_some(unit: Unit, table: type[Base], useless: ColumnElement[bool]) -> bool:
    """Deletes up to AT_ONCE of a table's useless rows; says whether there may be more."""
    key = inspect(table).primary_key
    some = select(*key).where(useless).limit(AT_ONCE)
    gone = await unit.session.execute(
        delete(table).where(tuple_(*key).in_(some)), execution_options={"synchronize_session": False}
    )
    return cast(CursorResult[Any], gone).rowcount == AT_ONCE
