"""Who may work here: agents, their one-time login links and their sessions."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete

from crm_store.ids import new_id
from crm_store.models import Agent, AgentSession, LoginLink
from crm_store.repositories import agents
from crm_store.unit import Unit
from support.audit import audit

LINK_LIFE = timedelta(minutes=5)
IDLE_LIMIT = timedelta(hours=12)
SESSION_LIFE = timedelta(days=7)
TOKEN_BYTES = 32
SEEN_EVERY = timedelta(minutes=1)


class UnknownAgentError(LookupError):
    """No active agent has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no active agent named {name!r}; add one with: touchdesk agent add --name {name!r}")


async def add_agent(unit: Unit, name: str, role: str = "agent", telegram_id: int | None = None) -> Agent:
    """Makes a person an agent or admin; one who is there already (by Telegram id, then name) gets the new role."""
    known = await agents.of_telegram(unit, telegram_id) if telegram_id else None
    known = known or await agents.by_name(unit, name)
    if known:
        known.role, known.active = role, True
        known.telegram_id = telegram_id or known.telegram_id
        return known
    agent = Agent(id=new_id(), name=name, role=role, telegram_id=telegram_id, active=True, created_at=unit.now)
    audit(unit, f"{role}.added", "agent", agent.id)
    return unit.add(agent)


async def appoint(unit: Unit, ids: Iterable[int], role: str) -> None:
    """Makes the Telegram ids of the settings agents or admins; their names are learnt when they first write.

    Whoever was let go stays so, and nobody is demoted.
    """
    for telegram_id in ids:
        known = await agents.of_telegram(unit, telegram_id)
        if known is None:
            await add_agent(unit, f"{role} {telegram_id}", role, telegram_id)
        elif role == "admin":
            known.role = role


async def learn_name(unit: Unit, agent: Agent, name: str) -> None:
    """Staff of the settings are known by number until they first write; customers shall read a name."""
    if agent.name not in (f"agent {agent.telegram_id}", f"admin {agent.telegram_id}"):
        return
    taken = await agents.by_name(unit, name)
    agent.name = f"{name} ({agent.telegram_id})" if taken else name


async def active_agent(unit: Unit, name: str) -> Agent:
    """Whoever works here under this name. Raises UnknownAgentError."""
    agent = await agents.by_name(unit, name)
    if agent is None or not agent.active:
        raise UnknownAgentError(name)
    return agent


async def login_link(unit: Unit, name: str, *, life: timedelta = LINK_LIFE, reusable: bool = False) -> str:
    """A secret for /console/enter; only its hash is kept. Raises UnknownAgentError."""
    agent = await active_agent(unit, name)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    unit.add(LoginLink(token_hash=_hash(token), agent_id=agent.id, expires_at=unit.now + life, reusable=reusable))
    return token


async def whose_link(unit: Unit, token: str) -> Agent | None:
    """The agent a login link belongs to, while it is good."""
    link = await unit.session.get(LoginLink, _hash(token))
    if link is None or link.expires_at < unit.now:
        return None
    agent = await agents.get(unit, link.agent_id)
    return agent if agent and agent.active else None


async def enter(unit: Unit, token: str) -> str | None:
    """Uses up a login link and opens a session; returns the session's secret, or None for a link that is not good."""
    agent = await whose_link(unit, token)
    link = await unit.session.get(LoginLink, _hash(token))
    if agent is None or link is None:
        return None
    if not (link.reusable or await _use_up(unit, link)):
        return None
    session = secrets.token_urlsafe(TOKEN_BYTES)
    unit.add(
        AgentSession(
            token_hash=_hash(session),
            agent_id=agent.id,
            csrf=secrets.token_urlsafe(TOKEN_BYTES),
            created_at=unit.now,
            seen_at=unit.now,
        )
    )
    audit(unit, "login", "agent", agent.id, agent_id=agent.id)
    return session


async def _use_up(unit: Unit, link: LoginLink) -> bool:
    """Deletes the link at once; False if somebody else came in by it a moment ago."""
    query = delete(LoginLink).where(LoginLink.token_hash == link.token_hash).returning(LoginLink.token_hash)
    return (await unit.session.scalars(query)).one_or_none() is not None


async def session_of(unit: Unit, token: str) -> tuple[Agent, AgentSession] | None:
    """Who is logged in with this cookie; None once idle, expired, logged out, or no longer an agent."""
    session = await unit.session.get(AgentSession, _hash(token))
    if session is None or _expired(session, unit.now):
        return None
    agent = await agents.get(unit, session.agent_id)
    if agent is None or not agent.active:
        return None
    if unit.now - session.seen_at > SEEN_EVERY:
        session.seen_at = unit.now
    return agent, session


def _expired(session: AgentSession, now: datetime) -> bool:
    return now - session.seen_at > IDLE_LIMIT or now - session.created_at > SESSION_LIFE


async def leave(unit: Unit, token: str) -> None:
    session = await unit.session.get(AgentSession, _hash(token))
    if session:
        await unit.session.delete(session)


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
