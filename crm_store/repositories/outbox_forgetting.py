"""What is kept of calls that nobody will make again, and for how long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import takewhile
from typing import Any, cast

from sqlalchemy import Table, bindparam, delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from crm_store.models import ForumTopic, OutboxRow
from crm_store.repositories import settings
from crm_store.repositories.outbox import address, is_forgotten
from crm_store.unit import Unit

SETTLED = ("sent", "uncertain", "failed", "dropped")
FORGOTTEN_UP_TO = "outbox_forgotten_up_to"
THROWN_AWAY_UP_TO = "outbox_thrown_away_up_to"
MAKES_TOPIC = "createForumTopic"
AT_ONCE = 1_000


async def forget_words(unit: Unit, before: datetime) -> bool:
    """Forgets what calls said that were settled without being sent and are older than this; AT_ONCE calls at a time.

    Walks on from where it came to, in the order of their making, so that none is read twice. A call that is not settled
    by then keeps its words until it is sent. Says whether there may be more.
    """
    seen = await _next(unit, FORGOTTEN_UP_TO, before, OutboxRow.state, OutboxRow.payload)
    wordy = [row for row in seen if row.state in SETTLED and not is_forgotten(row.payload)]
    if wordy:
        unit.finish_with(partial(_forget, [{"row": row.id, "kept": address(row.payload)} for row in wordy]))
    return len(seen) == AT_ONCE


async def _next(unit: Unit, bookmark: str, before: datetime, *columns: Any) -> list[Any]:
    """The next calls older than this behind a bookmark, which is moved on over them."""
    query = (
        select(OutboxRow.id, OutboxRow.created_at, *columns)
        .where(OutboxRow.id > (await settings.get(unit, bookmark) or 0))
        .order_by(OutboxRow.id)
        .limit(AT_ONCE)
    )
    seen = list(takewhile(lambda row: row.created_at < before, await unit.session.execute(query)))
    if seen:
        await settings.put(unit, bookmark, seen[-1].id)
    return seen


async def _forget(kept: Sequence[Mapping[str, Any]], session: AsyncSession) -> None:
    table = cast(Table, OutboxRow.__table__)
    await session.execute(update(table).where(table.c.id == bindparam("row")).values(payload=bindparam("kept")), kept)


async def throw_away(unit: Unit, before: datetime) -> bool:
    """Deletes calls that were sent before this and that nobody will ask for; says whether there may be more.

    Walks on as `forget_words` does. What stays: the calls that made topics, by which an erasure finds all that was said
    there; the cards, which edits refer to for as long as there is the topic; and what was sent of words of which
    another piece, or a first attempt, was not, so that those words never look better or worse than they fared.
    """
    seen = await _next(unit, THROWN_AWAY_UP_TO, before)
    if seen:
        unit.finish_with(partial(_throw_away, seen[0].id, seen[-1].id))
    return len(seen) == AT_ONCE


async def _throw_away(first: int, last: int, session: AsyncSession) -> None:
    other = aliased(OutboxRow)
    fared_otherwise = exists().where(other.touchpoint_id == OutboxRow.touchpoint_id, other.state != "sent")
    cards = select(-ForumTopic.card_message_id).where(ForumTopic.card_message_id < 0)
    useless = delete(OutboxRow).where(
        OutboxRow.id.between(first, last),
        OutboxRow.state == "sent",
        OutboxRow.method != MAKES_TOPIC,
        OutboxRow.id.not_in(cards),
        ~fared_otherwise,
    )
    await session.execute(useless, execution_options={"synchronize_session": False})
