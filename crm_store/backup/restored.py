"""What a restored backup must be told before the service starts: calls that waited then may have been made since."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import CursorResult, func, select, update

from crm_store.models import OutboxRow
from crm_store.store import Store

BEFORE_ALL = 0
"""An epoch before every sender's: the first that starts finds such calls left behind, and calls them uncertain."""


async def waiting_calls(store: Store) -> int:
    """How many calls to Telegram would be made as soon as the service starts."""
    async with store.read() as session:
        return await session.scalar(select(func.count()).where(OutboxRow.state == "waiting")) or 0


async def doubt_waiting_calls(store: Store) -> int:
    """Makes all waiting calls such as may have arrived, and none that is repeated by itself; returns how many."""
    values = {"state": "sending", "epoch": BEFORE_ALL, "repeated": True}
    async with store.write() as connection:
        hit = await connection.execute(update(OutboxRow).where(OutboxRow.state == "waiting").values(values))
    return cast("CursorResult[Any]", hit).rowcount
