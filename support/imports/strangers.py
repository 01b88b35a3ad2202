"""Somebody wrote on Telegram before the shop named them: by the import they become its customer, as by a link."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from crm_store.imports import joining
from crm_store.imports.contacts import Named, named_strangers
from crm_store.imports.staging import Staging
from crm_store.models import Customer, Merge
from crm_store.unit import Unit
from support.customers.merging import note_merge
from support.imports.records import in_chunks

AT_ONCE = 500
"""Merged in one unit of work, so that memory does not grow with their number."""


async def take_in(staged: Staging, low: int, high: int, now: datetime) -> None:
    """Merges the strangers whom the rows name into the rows' customers, in the rows' transaction; it can be undone.

    As long as the shop's file says so, the next import does it again. Raises ConflictError.
    """
    for some in in_chunks(await named_strangers(staged, low, high), AT_ONCE):
        async with staged.unit(now) as unit:
            merges = await _merge(unit, some)
        await joining.give(staged, merges)


async def _merge(unit: Unit, some: Sequence[Named]) -> list[Merge]:
    ids = [row_id for named in some for row_id in (named.customer_id, named.stranger_id)]
    found = {row.id: row for row in await unit.session.scalars(select(Customer).where(Customer.id.in_(ids)))}
    return [
        await note_merge(
            unit,
            found[named.customer_id],
            found[named.stranger_id],
            None,
            [{"code": "import", "contact_point": str(named.contact_point_id)}],
        )
        for named in some
    ]
