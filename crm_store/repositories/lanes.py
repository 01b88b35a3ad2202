"""Who goes first among the calls that wait: lanes, each of them in order.

Within a chat words keep their order, whatever their lanes: an agent's answer never overtakes the bot's question. Only a
campaign comes behind everything else of its chat. Among chats the one goes first in which the most urgent words wait,
so that what an agent says is not kept waiting by a notice before it; among equals the oldest.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from enum import IntEnum
from functools import cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    FromClause,
    Integer,
    ScalarSelect,
    Select,
    Text,
    all_,
    bindparam,
    func,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import OutboxRow
from crm_store.repositories.outbox import QUEUED, Queued

WINDOW = 4
"""Waiting calls looked at for each head that is wanted. A chat with many takes up more than one place; it is skipped in
the next look, because it is served by then."""


class Lane(IntEnum):
    """What a call is. Campaigns have no maker yet: the lane waits for them."""

    AGENT = 0
    """An agent's words to a customer: two people talk to each other."""

    ANSWER = 1
    """The bot's answer to what somebody has just said or pressed."""

    NOTICE = 2
    """What nobody waits for at this moment: notices, and the lines and cards of the agents' forum."""

    CAMPAIGN = 3
    """To many at once, and none of them asked."""


async def heads(
    session: AsyncSession, bot_id: int, skip_chats: Collection[int], limit: int, campaigns: int = 0
) -> list[Queued]:
    """The next call of each chat that can be served now, the most urgent chats first, `limit` at most.

    Besides, chats in which only campaigns wait are looked for up to `campaigns`; they come last. A call whose time has
    not come yet (`not_before`) is still its chat's next.
    """
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    skipped = json.dumps(list(skip_chats)) if is_sqlite else list(skip_chats)
    wanted = {
        "bot": bot_id,
        "skipped": skipped,
        "words": WINDOW * limit,
        "campaigns": WINDOW * campaigns,
        "most": limit,
    }
    return [Queued(*row) for row in await session.execute(_heads(is_sqlite), wanted)]


@cache
def _heads(is_sqlite: bool) -> Select[Any]:
    """Made once: the sender asks all the time, and making it takes longer than asking.

    Two short walks along ix_outbox_lane find chats, then each chat's first call is one step in ix_outbox_waiting: how
    much waits behind makes no difference.
    """
    seen = union_all(
        _walk(is_sqlite, OutboxRow.lane < Lane.CAMPAIGN, "words"),
        _walk(is_sqlite, OutboxRow.lane == Lane.CAMPAIGN, "campaigns"),
    ).subquery()
    chats = select(seen.c.chat_id, func.min(seen.c.lane).label("urgency")).group_by(seen.c.chat_id).subquery()
    first = func.coalesce(_first_of(chats, OutboxRow.lane < Lane.CAMPAIGN), _first_of(chats)).label("id")
    most = bindparam("most", type_=Integer)
    found = select(first, chats.c.urgency).order_by(chats.c.urgency, first).limit(most).subquery()
    return select(*QUEUED).join(found, found.c.id == OutboxRow.id).order_by(found.c.urgency, OutboxRow.id)


def _walk(is_sqlite: bool, lanes: ColumnElement[bool], many: str) -> Select[int, int]:
    """The chats of the first waiting calls in these lanes, skipped chats left out."""
    walk = (
        select(OutboxRow.chat_id, OutboxRow.lane)
        .where(*_waiting(), lanes, _not_skipped(is_sqlite))
        .order_by(OutboxRow.lane, OutboxRow.id)
        .limit(bindparam(many, type_=Integer))
        .subquery()
    )
    return select(walk.c.chat_id, walk.c.lane)


def _not_skipped(is_sqlite: bool) -> ColumnElement[bool]:
    """One parameter, however many there are."""
    if is_sqlite:
        listed = func.json_each(bindparam("skipped", type_=Text)).table_valued("value")
        return OutboxRow.chat_id.not_in(select(listed.c.value))
    return OutboxRow.chat_id != all_(bindparam("skipped", type_=ARRAY(BigInteger)))


def _first_of(chats: FromClause, *lanes: ColumnElement[bool]) -> ScalarSelect[int]:
    mine = (*_waiting(), OutboxRow.chat_id == chats.c.chat_id, *lanes)
    return select(OutboxRow.id).where(*mine).order_by(OutboxRow.id).limit(1).scalar_subquery()


def _waiting() -> tuple[ColumnElement[bool], ...]:
    """The state stands in the statement itself, so that both indexes of waiting calls fit it."""
    return OutboxRow.bot_id == bindparam("bot"), OutboxRow.state == literal_column("'waiting'")
