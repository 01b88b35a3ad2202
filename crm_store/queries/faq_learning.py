"""What customers' questions tell of the FAQ: votes for its entries, and wordings that may join them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, case, distinct, func, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from crm_store.models import ContactPoint, FaqEntryRow, FaqProposal, FaqQuestion

CHOSEN = ("picked", "helped")
"""Outcomes that stand behind `outcome_entry_id`: this is what the customer meant."""

_VOTES = ("helped", "not_helped")


class Proposal(NamedTuple):
    """A customer's wording that an admin may take; `people` different customers chose the entry for it."""

    id: int
    entry_id: str
    language: str
    text: str
    people: int
    at: datetime


class Votes(NamedTuple):
    """How many different customers said something of an entry's answer, and how many of them that it helped."""

    people: int
    helped: int


async def open_proposals(session: AsyncSession, limit: int, offset: int) -> list[Proposal]:
    """Those that somebody stands behind, most people first; entries that are withdrawn or gone are left out."""
    people = func.count(distinct(ContactPoint.customer_id))
    query = (
        select(FaqProposal.id, FaqProposal.entry_id, FaqProposal.language, FaqProposal.text, people, FaqProposal.at)
        .join(FaqEntryRow, and_(FaqEntryRow.id == FaqProposal.entry_id, FaqEntryRow.withdrawn_at.is_(None)))
        .join(FaqQuestion, _stands_behind())
        .join(ContactPoint, ContactPoint.id == FaqQuestion.contact_point_id)
        .where(FaqProposal.state == "open")
        .group_by(FaqProposal.id)
        .order_by(people.desc(), FaqProposal.id)
        .limit(limit)
        .offset(offset)
    )
    return [Proposal(*row) for row in (await session.execute(query)).all()]


def _stands_behind() -> ColumnElement[bool]:
    return and_(
        FaqQuestion.outcome_entry_id == FaqProposal.entry_id,
        FaqQuestion.normal == FaqProposal.normal,
        FaqQuestion.outcome.in_(CHOSEN),
    )


async def only_of(session: AsyncSession, contact_point_ids: Collection[int]) -> list[int]:
    """Ids of the proposals, not taken, in these contacts' words and nobody else's."""
    theirs = select(FaqQuestion.normal).where(FaqQuestion.contact_point_id.in_(contact_point_ids))
    others = select(FaqQuestion.id).where(_stands_behind(), FaqQuestion.contact_point_id.not_in(contact_point_ids))
    query = select(FaqProposal.id).where(
        FaqProposal.state.in_(("open", "declined")),
        FaqProposal.normal.in_(theirs),
        ~others.correlate(FaqProposal).exists(),
    )
    return list(await session.scalars(query))


async def votes(session: AsyncSession, entry_ids: Collection[str] | None = None) -> dict[str, Votes]:
    """By entry; of all stored entries if none are named. Each customer counts once an entry, with what they said last.

    Entries that nobody spoke of are missing.
    """
    cast = _cast(select(FaqEntryRow.id) if entry_ids is None else list(entry_ids)).subquery()
    newest = func.row_number().over(
        partition_by=(cast.c.entry_id, ContactPoint.customer_id), order_by=(cast.c.at.desc(), cast.c.id.desc())
    )
    counted = (
        select(cast.c.entry_id, cast.c.helped, newest.label("place"))
        .join(ContactPoint, ContactPoint.id == cast.c.contact_point_id)
        .subquery()
    )
    query = (
        select(counted.c.entry_id, func.count(), func.sum(counted.c.helped))
        .where(counted.c.place == 1)
        .group_by(counted.c.entry_id)
    )
    return {entry_id: Votes(people, helped) for entry_id, people, helped in (await session.execute(query)).all()}


def _cast(entry_ids: Select[str] | list[str]) -> CompoundSelect[Any, Any, Any, Any, Any]:
    """Every vote: for what was chosen; where nothing was, for the best match; and where the next best helped after the
    answer did not, against the answer too."""
    helped = FaqQuestion.outcome == "helped"
    nothing_chosen = FaqQuestion.outcome_entry_id.is_(None)
    next_best_helped = and_(
        helped, FaqQuestion.decision == "answer", FaqQuestion.outcome_entry_id != FaqQuestion.entry_id
    )
    return union_all(
        _ballots(FaqQuestion.outcome_entry_id, helped, entry_ids),
        _ballots(FaqQuestion.entry_id, and_(helped, nothing_chosen), entry_ids).where(
            nothing_chosen | next_best_helped
        ),
    )


def _ballots(
    about: InstrumentedAttribute[str | None], helped: ColumnElement[bool], entry_ids: Select[str] | list[str]
) -> Select[Any, Any, Any, Any, Any]:
    return select(
        about.label("entry_id"),
        case((helped, 1), else_=0).label("helped"),
        FaqQuestion.contact_point_id,
        FaqQuestion.outcome_at.label("at"),
        FaqQuestion.id,
    ).where(about.in_(entry_ids), FaqQuestion.outcome.in_(_VOTES))
