"""Two records of one customer become one, and can be taken apart again exactly.

The kept record has everything from then on; the gone one keeps its own columns and names the kept one. Nothing of a
merge depends on how much there is: rows change hands by a few statements, and the ledger not at all, because its rows
belong to contact points.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import flag_modified

from crm_store.ids import new_id
from crm_store.models import Agent, Customer, Merge, Score
from crm_store.repositories import contact_links, merges, people, schedule
from crm_store.unit import Unit
from support.audit import audit
from support.customers.errors import (
    ErasedCustomerError,
    LaterMergeError,
    MergedAlreadyError,
    NotMergedError,
    SameCustomerError,
    UnknownCustomerError,
)
from support.customers.filling import EXTERNAL_ID, empty, fill
from support.scoring.asking import FULL_JOB, ask_to_judge_merged

BY_HAND = {"code": "by_hand"}
"""The evidence of somebody who simply knows."""

RESCORE_AFTER = timedelta(minutes=10)
"""Several merges in a row are followed by one scoring of all, whose ranks they moved."""


async def merge(
    unit: Unit, kept_id: int, gone_id: int, agent: Agent | None, evidence: Sequence[dict[str, Any]] = (BY_HAND,)
) -> Merge:
    """Makes the record `gone_id` part of `kept_id`; `agent` is who confirmed it, None where a customer proved it.

    Raises UnknownCustomerError, SameCustomerError, ErasedCustomerError and MergedAlreadyError.
    """
    if kept_id == gone_id:
        raise SameCustomerError(kept_id)
    kept, gone = await _mergeable(unit, kept_id), await _mergeable(unit, gone_id)
    row = await note_merge(unit, kept, gone, agent, evidence)
    await _become(unit, gone, kept)
    unit.finish_with(lambda session: _give(session, row, gone.external_id))
    return row


async def note_merge(
    unit: Unit, kept: Customer, gone: Customer, agent: Agent | None, evidence: Sequence[dict[str, Any]]
) -> Merge:
    """The merge of two records alone; all that belongs to the gone one is still to be given to the kept one."""
    row = unit.add(
        Merge(
            id=new_id(),
            kept_id=kept.id,
            gone_id=gone.id,
            at=unit.now,
            agent_id=agent.id if agent else None,
            evidence=list(evidence),
            former=fill(kept, gone),
        )
    )
    gone.merged_into_id = kept.id
    _changes(kept)
    await _told(unit, "customer.merged", row, agent)
    return row


async def unmerge(unit: Unit, merge_id: int, agent: Agent | None) -> Merge:
    """Takes a merge back: everything that it gave to the kept customer is the other's again.

    What came after the merge stays with the kept one, except through a contact point that goes back: requests, facts
    that were heard there, cards behind answers. Raises NotMergedError, ErasedCustomerError and, where another merge
    must be undone first, LaterMergeError.
    """
    row = await unit.session.get(Merge, merge_id)
    if row is None or row.undone_at is not None:
        raise NotMergedError(row.gone_id if row else merge_id)
    await _check_order(unit, row)
    kept, gone = await _not_erased(unit, row.kept_id), await _not_erased(unit, row.gone_id)
    empty(kept, gone, row.former)
    gone.merged_into_id = None
    _changes(kept)
    row.undone_at, row.undone_by_id = unit.now, agent.id if agent else None
    external_id = kept.external_id if EXTERNAL_ID in row.former else None
    unit.finish_with(lambda session: _give_back(session, row, external_id))
    await _told(unit, "customer.unmerged", row, agent)
    return row


async def _mergeable(unit: Unit, customer_id: int) -> Customer:
    customer = await _not_erased(unit, customer_id)
    if customer.merged_into_id is not None:
        raise MergedAlreadyError(customer_id, customer.merged_into_id)
    return customer


async def _not_erased(unit: Unit, customer_id: int) -> Customer:
    fresh = (row for row in unit.session.new if isinstance(row, Customer) and row.id == customer_id)
    customer = next(fresh, None) or await unit.session.get(Customer, customer_id)
    if customer is None:
        raise UnknownCustomerError(customer_id)
    if customer.erased_at is not None:
        raise ErasedCustomerError(customer_id)
    return customer


def _changes(customer: Customer) -> None:
    """A unit that changes the customer at the same time (erases, merges) must run again, so the version must move."""
    flag_modified(customer, "attributes")


async def _become(unit: Unit, gone: Customer, kept: Customer) -> None:
    """Whoever the unit has met as the gone one is the kept one for the rest of it."""
    met = people.met(unit, gone.id)
    if met:
        score = await unit.session.get(Score, kept.id)
        for person in met:
            person.customer, person.score = kept, score or person.score


async def _check_order(unit: Unit, row: Merge) -> None:
    later = await merges.present_of(unit.session, row.kept_id) or await merges.newest_into(unit.session, row.kept_id)
    if later and later.id != row.id:
        raise LaterMergeError(later.id, later.gone_id, later.kept_id)


async def _give(session: AsyncSession, row: Merge, external_id: str | None) -> None:
    if external_id and EXTERNAL_ID in row.former:
        await merges.pass_external_id(session, external_id, giver_id=row.gone_id, taker_id=row.kept_id)
    await merges.give(session, row.id, row.kept_id, row.gone_id)


async def _give_back(session: AsyncSession, row: Merge, external_id: str | None) -> None:
    if external_id:
        await merges.pass_external_id(session, external_id, giver_id=row.kept_id, taker_id=row.gone_id)
        await contact_links.take_back(session, row.kept_id, since=row.at)  # made for either of the two by this number
    await merges.give_back(session, row.id, row.kept_id, row.gone_id)


async def _told(unit: Unit, action: str, row: Merge, agent: Agent | None) -> None:
    data = {"merge": str(row.id), "gone": str(row.gone_id), "evidence": [each["code"] for each in row.evidence]}
    audit(unit, action, "customer", row.kept_id, agent_id=agent.id if agent else None, data=data)
    await ask_to_judge_merged(unit, [row.kept_id, row.gone_id])
    await schedule.ask_for(unit, "score:merged", FULL_JOB, unit.now + RESCORE_AFTER)
    unit.touch("queue")
