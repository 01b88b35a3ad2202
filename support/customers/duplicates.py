"""Records that may be one customer, suggested to agents with what speaks for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Agent, DuplicateRefusal, Merge
from crm_store.queries import duplicates as found
from crm_store.queries.duplicates import CommonOrder, Pair, Record
from crm_store.unit import Unit
from support.audit import audit
from support.customers.errors import NotSuggestedError
from support.customers.merging import merge
from support.pages import Page, page_from

PAGE = 20


@dataclass(frozen=True, slots=True)
class Evidence:
    """`code` is phone, email, order or organisation; `order` is the one that both have."""

    code: str
    order: CommonOrder | None = None

    def as_json(self) -> dict[str, Any]:
        """As Merge keeps it."""
        if self.order is None:
            return {"code": self.code}
        facts = {"day": self.order.day.isoformat(), "amount": str(self.order.amount), "currency": self.order.currency}
        return {"code": self.code, **facts}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Two records that may be one customer; `kept` is the one that should stay."""

    kept: Record
    gone: Record
    evidence: tuple[Evidence, ...]


async def suggestions(session: AsyncSession, number: int = 0, size: int = PAGE) -> Page[Suggestion]:
    """A page of pairs, the likeliest first."""
    number = max(0, number)
    return page_from(await _told(session, await found.pairs(session, number * size, size + 1)), number, size)


async def merge_suggested(unit: Unit, kept_id: int, gone_id: int, agent: Agent) -> Merge:
    """Merges two records for which something speaks; raises NotSuggestedError otherwise, and as `merge` does."""
    pair = await found.pair(unit.session, kept_id, gone_id)
    if pair is None:
        raise NotSuggestedError(kept_id, gone_id)
    (suggestion,) = await _told(unit.session, [pair])
    return await merge(unit, kept_id, gone_id, agent, [each.as_json() for each in suggestion.evidence])


async def refuse(unit: Unit, one_id: int, other_id: int, agent: Agent | None) -> None:
    """Remembers that these two are not the same, so that nobody is asked again. Raises NotSuggestedError."""
    one, other = sorted((one_id, other_id))
    if await found.pair(unit.session, one, other) is None:
        raise NotSuggestedError(one, other)
    agent_id = agent.id if agent else None
    unit.add(DuplicateRefusal(one_id=one, other_id=other, at=unit.now, agent_id=agent_id))
    audit(unit, "customer.told_apart", "customer", one, agent_id=agent_id, data={"other": str(other)})


async def _told(session: AsyncSession, pairs: Sequence[Pair]) -> list[Suggestion]:
    records = await found.records(session, (row_id for pair in pairs for row_id in pair[:2]))
    with_order = [(pair.one_id, pair.other_id) for pair in pairs if "order" in pair.codes]
    orders = await found.common_orders(session, with_order)
    told = []
    for pair in pairs:
        kept, gone = in_order(records[pair.one_id], records[pair.other_id])
        order = orders.get((pair.one_id, pair.other_id))
        evidence = (Evidence(code, order if code == "order" else None) for code in pair.codes)
        told.append(Suggestion(kept, gone, tuple(evidence)))
    return told


def in_order(one: Record, other: Record) -> tuple[Record, Record]:
    """The record to keep first: the shop's own, then the one with more orders, then the elder."""
    first, second = sorted((one, other), key=lambda record: (record.external_id is None, -record.orders, record.id))
    return first, second
