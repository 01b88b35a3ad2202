"""Decided calls on their way to Telegram."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import takewhile
from typing import Any, NamedTuple, cast

from sqlalchemy import ColumnElement, Select, Table, bindparam, delete, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.orm import aliased
from sqlalchemy.orm.exc import StaleDataError

from crm_store.models import ForumTopic, OutboxRow, Setting
from crm_store.repositories import settings
from crm_store.unit import Unit

ADDRESS = frozenset({"chat_id", "message_thread_id", "message_id"})
"""What others find a call by, an erasure above all (crm_store.privacy.finding); the rest of its payload is words."""
SETTLED = ("sent", "uncertain", "failed", "dropped")
FORGOTTEN_UP_TO = "outbox_forgotten_up_to"
THROWN_AWAY_UP_TO = "outbox_thrown_away_up_to"
MAKES_TOPIC = "createForumTopic"
AT_ONCE = 1_000


class Queued(NamedTuple):
    """A call to be made, as the sender reads it (see OutboxRow)."""

    id: int
    chat_id: int
    method: str
    payload: dict[str, Any]
    files: dict[str, int] | None
    touchpoint_id: int | None
    joinable: bool
    continuation: str | None
    created_at: datetime
    not_before: datetime | None
    attempts: int
    epoch: int | None


_QUEUED = tuple(getattr(OutboxRow, name) for name in Queued._fields)


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of one call, and what is kept of its payload."""

    row_id: int
    state: str
    payload: Mapping[str, Any]
    message_id: int | None = None
    error: str | None = None


async def heads(session: AsyncSession, bot_id: int, skip_chats: Iterable[int], limit: int) -> list[Queued]:
    """The oldest waiting call of each chat that can be served now, oldest chats first."""
    oldest = func.min(OutboxRow.id)
    first = (
        select(oldest)
        .where(OutboxRow.bot_id == bot_id, OutboxRow.state == "waiting", OutboxRow.chat_id.not_in(list(skip_chats)))
        .group_by(OutboxRow.chat_id)
        .order_by(oldest)
        .limit(limit)
    )
    query = select(*_QUEUED).where(OutboxRow.id.in_(first.scalar_subquery())).order_by(OutboxRow.id)
    return [Queued(*row) for row in await session.execute(query)]


async def queue_of(session: AsyncSession, head: Queued, limit: int) -> list[Queued]:
    """A chat's waiting calls in order, the head first."""
    query = select(*_QUEUED).where(
        OutboxRow.chat_id == head.chat_id, OutboxRow.state == "waiting", OutboxRow.id >= head.id
    )
    return [Queued(*row) for row in await session.execute(query.order_by(OutboxRow.id).limit(limit))]


async def left_behind(session: AsyncSession, bot_id: int, epoch: int) -> list[Queued]:
    """Calls that a former sender had begun when it ended."""
    query = select(*_QUEUED).where(OutboxRow.bot_id == bot_id, OutboxRow.state == "sending", OutboxRow.epoch < epoch)
    return [Queued(*row) for row in await session.execute(query.order_by(OutboxRow.id))]


async def results(session: AsyncSession, row_ids: Iterable[int]) -> dict[int, tuple[str, int | None]]:
    """(state, message id) of calls that others refer to."""
    query = select(OutboxRow.id, OutboxRow.state, OutboxRow.message_id).where(OutboxRow.id.in_(list(row_ids)))
    return {row_id: (state, message_id) for row_id, state, message_id in (await session.execute(query)).all()}


async def result(unit: Unit, row_id: int) -> int | None:
    """The message or topic that a call made; None while it has made none."""
    row = await unit.session.get(OutboxRow, row_id)
    return row.message_id if row else None


async def is_latest(session: AsyncSession, bot_id: int, epoch: int) -> bool:
    """Whether no later sender of the bot has begun."""
    return bool(await session.scalar(select(_latest(bot_id).scalar_subquery() == epoch)))


async def mark_sending(connection: AsyncConnection, bot_id: int, ids: Sequence[int], epoch: int) -> set[int]:
    """Marks those that still wait, if no later sender has begun; returns which: only these may be called.

    A sender that begins at the same moment waits for this transaction, and finds the marks as left behind.
    """
    latest = _latest(bot_id).with_for_update(read=True).scalar_subquery()
    marked = await connection.execute(
        update(OutboxRow)
        .where(OutboxRow.id.in_(ids), OutboxRow.state == "waiting", latest == epoch)
        .values(state="sending", epoch=epoch, attempts=OutboxRow.attempts + 1)
        .returning(OutboxRow.id)
    )
    return set(marked.scalars())


async def unmark(connection: AsyncConnection, ids: Iterable[int], epoch: int) -> None:
    """Takes marks back whose calls will not be made after all."""
    await connection.execute(
        update(OutboxRow)
        .where(OutboxRow.id.in_(list(ids)), *_held(epoch))
        .values(state="waiting", attempts=OutboxRow.attempts - 1)
    )


async def settle(connection: AsyncConnection, settled: Sequence[Settled], epoch: int) -> None:
    """Writes results of this sender's calls; one that a later sender has taken over stays what that made of it."""
    await _write_results(connection, settled, *_held(epoch))


async def give_up(connection: AsyncConnection, settled: Sequence[Settled]) -> None:
    """Writes what became of calls that were never begun, if they still wait."""
    await _write_results(connection, settled, OutboxRow.state == "waiting")


async def hold(unit: Unit, ids: Sequence[int], epoch: int | None) -> None:
    """The unit is written only if these are still under way with that sender; begins its transaction, so it comes last.

    Raises StaleDataError if they are not: the unit runs again and sees what they are now.
    """
    held = update(OutboxRow).where(OutboxRow.id.in_(ids), *_held(epoch)).values(epoch=epoch).returning(OutboxRow.id)
    found = await unit.session.execute(held, execution_options={"synchronize_session": False})
    if len(found.all()) != len(ids):
        raise StaleDataError(f"calls {list(ids)} are no longer held by sender {epoch}")


def _held(epoch: int | None) -> tuple[ColumnElement[bool], ...]:
    return OutboxRow.state == "sending", OutboxRow.epoch == epoch


def _latest(bot_id: int) -> Select[int]:
    return select(Setting.value).where(Setting.key == settings.epoch_key(bot_id))


async def _write_results(connection: AsyncConnection, settled: Sequence[Settled], *still: ColumnElement[bool]) -> None:
    await connection.execute(
        update(OutboxRow)
        .where(OutboxRow.id == bindparam("row"), *still)
        .values(
            state=bindparam("to"), payload=bindparam("kept"), message_id=bindparam("message"), error=bindparam("why")
        ),
        [{"row": s.row_id, "to": s.state, "kept": s.payload, "message": s.message_id, "why": s.error} for s in settled],
    )


def address(payload: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of a payload when nobody will send it again: numbers, and no word."""
    return {key: value for key, value in payload.items() if key in ADDRESS}


def is_forgotten(payload: Mapping[str, Any]) -> bool:
    return payload.keys() <= ADDRESS


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
