"""What the FAQ's questions teach an admin: how far answers help, which wordings might join, what was asked.

Figures and proposals only. No matcher, threshold or answer reads any of it, so whatever customers press, or pretend to
be, changes no decision; a wording joins the FAQ when an admin takes it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from analytics.proportion import wilson
from crm_store.models import Agent, FaqProposal
from crm_store.queries import faq_asked, faq_learning
from crm_store.queries.faq_asked import AskedQuestion
from crm_store.queries.faq_learning import Proposal
from crm_store.repositories import faq_questions
from crm_store.unit import Unit
from support.audit import audit
from support.errors import DeskError
from support.knowledge import drafts as faq_drafts
from support.knowledge.changes import put_questions, record
from support.knowledge.entries import known_row
from support.knowledge.rows import entry_of
from support.knowledge.wordings import wordings_of

__all__ = [
    "AskedQuestion",
    "Helpfulness",
    "Proposal",
    "ProposalDecidedError",
    "UnknownProposalError",
    "asked",
    "decline",
    "forget",
    "helpfulness",
    "proposals",
    "take",
    "unanswered",
]


class UnknownProposalError(DeskError):
    """There is no such proposal; perhaps its author was erased."""

    key = "faq.proposal.gone"

    def __init__(self, proposal_id: int) -> None:
        super().__init__(f"no FAQ proposal {proposal_id}")


class ProposalDecidedError(DeskError):
    """Somebody took or declined the proposal before."""

    key = "faq.proposal.decided"

    def __init__(self, proposal_id: int) -> None:
        super().__init__(f"FAQ proposal {proposal_id} is decided already")


@dataclass(frozen=True, slots=True)
class Helpfulness:
    """Of `people` different customers `helped` said that the answer helped, each counted once, by their latest word.

    `share` is None where nobody said anything; `low` and `high` bound it with 95 % confidence.
    """

    people: int
    helped: int
    share: float | None
    low: float
    high: float


async def proposals(session: AsyncSession, limit: int, offset: int = 0) -> list[Proposal]:
    """Open ones of published entries, those that most people chose first."""
    return await faq_learning.open_proposals(session, limit, offset)


async def take(unit: Unit, agent: Agent, proposal_id: int) -> FaqProposal:
    """Makes the wording one of its entry's phrasings, live, with a revision and a line of the audit.

    Raises UnknownProposalError, ProposalDecidedError and UnknownEntryError.
    """
    row = await _open(unit, proposal_id)
    await _add_phrasing(unit, agent, row)
    if await faq_drafts.find(unit, row.entry_id):  # which would undo it when it is published
        await faq_drafts.add_question(unit, agent, row.entry_id, row.language, row.text)
    return await _decide(unit, agent, row, "taken")


async def _add_phrasing(unit: Unit, agent: Agent, row: FaqProposal) -> None:
    entry = await known_row(unit, row.entry_id)
    present = entry_of(entry).questions.get(row.language, ())
    wordings = wordings_of(row.language, [*present, row.text])
    if wordings != present:
        put_questions(entry, row.language, wordings)
        record(unit, entry, agent, "wording", languages=[row.language])


async def decline(unit: Unit, agent: Agent, proposal_id: int) -> FaqProposal:
    """Puts the wording aside; it is never proposed for this entry again.

    Raises UnknownProposalError and ProposalDecidedError.
    """
    return await _decide(unit, agent, await _open(unit, proposal_id), "declined")


async def helpfulness(session: AsyncSession, entry_ids: Collection[str] | None = None) -> dict[str, Helpfulness]:
    """By entry: each of those named; without names all of which somebody said something."""
    votes = await faq_learning.votes(session, entry_ids)
    silent = {entry_id: faq_learning.Votes(0, 0) for entry_id in entry_ids or ()}
    return {entry_id: _helpfulness(*counted) for entry_id, counted in (silent | votes).items()}


def _helpfulness(people: int, helped: int) -> Helpfulness:
    interval = wilson(helped, people)
    return Helpfulness(people, helped, helped / people if people else None, interval.low, interval.high)


async def asked(
    session: AsyncSession, since: datetime | None = None, until: datetime | None = None, limit: int | None = None
) -> list[AskedQuestion]:
    """Past questions whose words are still kept, `since` ≤ at < `until`, the newest first."""
    return await faq_asked.asked(session, since, until, limit)


async def unanswered(
    session: AsyncSession, since: datetime | None = None, limit: int | None = None
) -> list[AskedQuestion]:
    """Questions that were refused or answered in vain, the newest first; of a repeated one only the repetition."""
    return await faq_asked.unanswered(session, since, limit)


async def forget(unit: Unit, contact_point_ids: Collection[int]) -> None:
    """Erases these contacts' words: in their questions, and the proposals that nobody else stands behind.

    What was decided stays as a figure. A wording that an admin took is the FAQ's own and stays.
    """
    if contact_point_ids:
        await faq_questions.drop_proposals(unit, await faq_learning.only_of(unit.session, contact_point_ids))
        await faq_questions.forget_words(unit, contact_point_ids)


async def _open(unit: Unit, proposal_id: int) -> FaqProposal:
    row = await faq_questions.proposal(unit, proposal_id)
    if row is None:
        raise UnknownProposalError(proposal_id)
    if row.state != "open":
        raise ProposalDecidedError(proposal_id)
    return row


async def _decide(unit: Unit, agent: Agent, row: FaqProposal, state: str) -> FaqProposal:
    if not await faq_questions.decide(unit, row.id, state, agent.id):
        raise ProposalDecidedError(row.id)
    audit(unit, f"faq.{state}", "faq_proposal", row.id, agent_id=agent.id, data={"entry_id": row.entry_id})
    return row
