"""What an admin decided on how customers are judged and served: each change a row, the newest of a key holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.ids import new_id
from crm_store.models import HouseRule
from crm_store.repositories import agents
from crm_store.unit import Unit


async def newest(session: AsyncSession) -> Mapping[str, HouseRule]:
    """What holds now, by key; a key without a row was never set."""
    last = select(func.max(HouseRule.id)).group_by(HouseRule.key)
    rows = await session.scalars(select(HouseRule).where(HouseRule.id.in_(last)))
    return {row.key: row for row in rows}


async def history(session: AsyncSession, key: str, limit: int) -> Sequence[HouseRule]:
    """The newest rows of a key, newest first."""
    query = select(HouseRule).where(HouseRule.key == key).order_by(HouseRule.id.desc()).limit(limit)
    return (await session.scalars(query)).all()


async def changes(unit: Unit, key: str, limit: int) -> list[tuple[HouseRule, HouseRule | None, str | None]]:
    """The newest rows of a key, newest first, each with the one before it and the name of who set it."""
    rows = await history(unit.session, key, limit + 1)
    names = await agents.names(unit, (row.agent_id for row in rows))
    befores = [*rows[1:], None]
    return [
        (row, before, names.get(row.agent_id) if row.agent_id else None)
        for row, before in zip(rows[:limit], befores, strict=False)
    ]


def put(unit: Unit, key: str, value: dict[str, Any], agent_id: int | None) -> HouseRule:
    """Sets a key from now on; `agent_id` is none for the command line. Topic `house_rules` is told."""
    unit.touch("house_rules")
    return unit.add(HouseRule(id=new_id(), key=key, value=value, at=unit.now, agent_id=agent_id))
