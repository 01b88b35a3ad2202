"""Finding the people who answer customers."""

from __future__ import annotations

from sqlalchemy import select

from crm_store.models import Agent
from crm_store.unit import Unit


async def get(unit: Unit, agent_id: int) -> Agent | None:
    agent: Agent | None = await unit.session.get(Agent, agent_id)
    return agent


async def by_telegram(unit: Unit, telegram_id: int) -> Agent | None:
    """An active agent or admin of this Telegram id."""
    query = select(Agent).where(Agent.telegram_id == telegram_id, Agent.active)
    return (await unit.session.scalars(query)).one_or_none()


async def by_name(unit: Unit, name: str) -> Agent | None:
    return (await unit.session.scalars(select(Agent).where(Agent.name == name))).one_or_none()
