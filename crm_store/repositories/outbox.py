"""Decided calls on their way to Telegram."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ARRAY,
    BigInteger,
    BindParameter,
    ColumnElement,
    Select,
    Text,
    Update,
    any_,
    bindparam,
    func,
    literal_column,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.sql.dml import ReturningUpdate

from crm_store.models import OutboxRow, Setting
from crm_store.repositories import settings
from crm_store.unit import Unit

ADDRESS = frozenset({"chat_id", "message_thread_id", "message_id"})
"""What others find a call by, an erasure above all (crm_store.privacy.finding); the rest of its payload is words."""

Results = dict[int, tuple[str, int | None]]
"""(state, message id) of calls, by their rows' ids."""


class Queued(NamedTuple):
    """A call to be made, as the sender reads it (see OutboxRow)."""

    id: int
    chat_id: int
    method: str
    payload: dict[str, Any]
    files: dict[str, int] | None
    touchpoint_id: int | None
    lane: int
    joinable: bool
    continuation: str | None
    created_at: datetime
    not_before: datetime | None
    expires_at: datetime | None
    attempts: int
    epoch: int | None


QUEUED = tuple(getattr(OutboxRow, name) for name in Queued._fields)


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of one call, and what is kept of its payload."""

    row_id: int
    state: str
    payload: Mapping[str, Any]
    message_id: int | None = None
    error: str | None = None


async def queue_of(session: AsyncSession, bot_id: int, head: Queued, limit: int) -> list[Queued]:
    """A bot's waiting calls to a chat in order, the head first."""
    query = select(*QUEUED).where(
        OutboxRow.bot_id == bot_id,
        OutboxRow.chat_id == head.chat_id,
        OutboxRow.state == literal_column("'waiting'"),
        OutboxRow.id >= head.id,
    )
    return [Queued(*row) for row in await session.execute(query.order_by(OutboxRow.id).limit(limit))]


async def left_behind(session: AsyncSession, bot_id: int, epoch: int) -> list[Queued]:
    """Calls that a former sender had begun when it ended."""
    query = select(*QUEUED).where(OutboxRow.bot_id == bot_id, OutboxRow.state == "sending", OutboxRow.epoch < epoch)
    return [Queued(*row) for row in await session.execute(query.order_by(OutboxRow.id))]


async def results(session: AsyncSession, row_ids: Iterable[int]) -> Results:
    """What calls came to that others refer to."""
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
    is_sqlite = connection.dialect.name == "sqlite"
    wanted = json.dumps(ids) if is_sqlite else ids
    marked = await connection.execute(
        _marking(is_sqlite), {"wanted": wanted, "mine": epoch, "epoch_key": settings.epoch_key(bot_id)}
    )
    return set(marked.scalars())


@cache
def _marking(is_sqlite: bool) -> ReturningUpdate[int]:
    """Made once, as `_settling` is: making them took twice as long as everything else about them."""
    latest = select(Setting.value).where(Setting.key == bindparam("epoch_key")).with_for_update(read=True)
    epoch: BindParameter[int] = bindparam("mine")
    return (
        update(OutboxRow)
        .where(_is_wanted(is_sqlite), OutboxRow.state == "waiting", latest.scalar_subquery() == epoch)
        .values(state="sending", epoch=epoch, attempts=OutboxRow.attempts + 1)
        .returning(OutboxRow.id)
    )


def _is_wanted(is_sqlite: bool) -> ColumnElement[bool]:
    """One parameter, however many there are."""
    if is_sqlite:
        listed = func.json_each(bindparam("wanted", type_=Text)).table_valued("value")
        return OutboxRow.id.in_(select(listed.c.value))
    return OutboxRow.id == any_(bindparam("wanted", type_=ARRAY(BigInteger)))


async def unmark(connection: AsyncConnection, ids: Iterable[int], epoch: int) -> None:
    """Takes marks back whose calls will not be made after all."""
    await connection.execute(
        update(OutboxRow)
        .where(OutboxRow.id.in_(list(ids)), *_held(epoch))
        .values(state="waiting", attempts=OutboxRow.attempts - 1)
    )


async def take_back(connection: AsyncConnection, ids: Sequence[int], epoch: int) -> None:
    """Takes back marks of which nobody knows whether they were written; waits for a commit that is still under way."""
    await connection.execute(select(OutboxRow.id).where(OutboxRow.id.in_(ids)).order_by(OutboxRow.id).with_for_update())
    await unmark(connection, ids, epoch)


async def settle(connection: AsyncConnection, settled: Sequence[Settled], epoch: int) -> None:
    """Writes results of this sender's calls; one that a later sender has taken over stays what that made of it."""
    await connection.execute(_settling(), [_result(one) | {"mine": epoch} for one in settled])


@cache
def _settling() -> Update:
    mine = OutboxRow.state == "sending", OutboxRow.epoch == bindparam("mine")
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in ("state", "payload", "message_id", "error")}
    return update(OutboxRow).where(OutboxRow.id == bindparam("row"), *mine).values(values)


async def give_up_on(unit: Unit, bot_id: int, chat_id: int, why: str) -> None:
    """What the bot itself still has to say to somebody who cannot be reached fails without being tried.

    What must never be repeated, an agent's words above all, is tried all the same: whoever said it hears of it.
    """
    waiting = OutboxRow.state == literal_column("'waiting'")
    given_up = await unit.session.execute(
        update(OutboxRow)
        .where(OutboxRow.bot_id == bot_id, OutboxRow.chat_id == chat_id, waiting, OutboxRow.repeat == "once")
        .values(state="failed", error=why)
        .returning(OutboxRow.touchpoint_id),
        execution_options={"synchronize_session": False},
    )
    unit.touch(*(f"delivery:{touchpoint_id}" for touchpoint_id in given_up.scalars() if touchpoint_id))


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


def _result(settled: Settled) -> dict[str, Any]:
    return {
        "row": settled.row_id,
        "new_state": settled.state,
        "new_payload": settled.payload,
        "new_message_id": settled.message_id,
        "new_error": settled.error,
    }


def address(payload: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of a payload when nobody will send it again: numbers, and no word."""
    return {key: value for key, value in payload.items() if key in ADDRESS}


def is_forgotten(payload: Mapping[str, Any]) -> bool:
    return payload.keys() <= ADDRESS
