"""Finding the people who answer customers."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from crm_store.models import Agent
from crm_store.unit import Unit


async def get(unit: Unit, agent_id: int) -> Agent | None:
    agent: Agent | None = await unit.session.get(Agent, agent_id)
    return agent


async def names(unit: Unit, agent_ids: Iterable[int | None]) -> dict[int, str]:
    """The names of these people by id; None, who is nobody, is left out."""
    known = {agent_id for agent_id in agent_ids if agent_id is not None}
    found = await unit.session.execute(select(Agent.id, Agent.name).where(Agent.id.in_(known)))
    return dict(found.all())


async def prefetch(unit: Unit, telegram_ids: Iterable[int]) -> None:
    """Reads all active staff among these Telegram ids in one statement."""
    wanted = {telegram_id for telegram_id in telegram_ids if ("agent", telegram_id) not in unit.memory}
    if not wanted:
        return
    unit.memory.update({("agent", telegram_id): None for telegram_id in wanted})
    for agent in await unit.session.scalars(select(Agent).where(Agent.telegram_id.in_(wanted), Agent.active)):
        unit.memory["agent", agent.telegram_id] = agent


async def by_telegram(unit: Unit, telegram_id: int) -> Agent | None:
    """An active agent or admin of this Telegram id."""
    await prefetch(unit, [telegram_id])
    agent: Agent | None = unit.memory["agent", telegram_id]
    return agent


async def of_telegram(unit: Unit, telegram_id: int) -> Agent | None:
    """Whoever has or had this Telegram id: no longer active ones too."""
    return (await unit.session.scalars(select(Agent).where(Agent.telegram_id == telegram_id))).one_or_none()


async def in_telegram(unit: Unit) -> list[int]:
    """The Telegram ids of all active staff."""
    query = select(Agent.telegram_id).where(Agent.active, Agent.telegram_id.is_not(None)).order_by(Agent.id)
    return [telegram_id for telegram_id in await unit.session.scalars(query) if telegram_id is not None]


async def by_name(unit: Unit, name: str) -> Agent | None:
    return (await unit.session.scalars(select(Agent).where(Agent.name == name))).one_or_none()
