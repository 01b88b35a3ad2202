"""Questions put to the FAQ, what became of them, and the wordings proposed because of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.orm.util import identity_key

from crm_store.ids import new_id
from crm_store.models import FaqProposal, FaqQuestion
from crm_store.unit import Unit


def add(unit: Unit, **values: Any) -> int:
    """A new question, see FaqQuestion for its values; returns its id."""
    question_id = new_id()
    unit.insert(FaqQuestion, id=question_id, **values)
    return question_id


def change(unit: Unit, question_id: int, **values: Any) -> None:
    """Changes a question without reading it first, in this unit's transaction; one that the unit made too."""
    row = unit.session.identity_map.get(identity_key(FaqQuestion, question_id))
    if row is None:
        row = FaqQuestion(id=question_id)
        make_transient_to_detached(row)
        unit.session.add(row)
    for name, value in values.items():
        setattr(row, name, value)


async def failed(unit: Unit, contact_point_id: int, since: datetime) -> Sequence[FaqQuestion]:
    """Questions of a contact that the FAQ did not answer or answered in vain, and that no agent has answered yet."""
    query = select(FaqQuestion).where(
        FaqQuestion.contact_point_id == contact_point_id,
        FaqQuestion.at >= since,
        FaqQuestion.outcome_touchpoint_id.is_(None),
        or_(
            FaqQuestion.outcome.in_(("not_helped", "none")),
            and_(FaqQuestion.decision != "answer", func.coalesce(FaqQuestion.outcome, "repeated") == "repeated"),
        ),
    )
    return (await unit.session.scalars(query)).all()


async def propose(unit: Unit, entry_id: str, language: str, text: str, normal: str) -> None:
    """Keeps a wording for an admin to decide on; the same wording of an entry only once, whatever was decided."""
    if not await unit.once(("faq_proposal", entry_id, normal), lambda: _proposed(unit, entry_id, normal)):
        unit.memory["faq_proposal", entry_id, normal] = True
        unit.add(FaqProposal(id=new_id(), entry_id=entry_id, language=language, text=text, normal=normal, at=unit.now))


async def _proposed(unit: Unit, entry_id: str, normal: str) -> bool:
    query = select(FaqProposal.id).where(FaqProposal.entry_id == entry_id, FaqProposal.normal == normal)
    return await unit.session.scalar(query) is not None


async def proposal(unit: Unit, proposal_id: int) -> FaqProposal | None:
    return await unit.session.get(FaqProposal, proposal_id)


async def decide(unit: Unit, proposal_id: int, state: str, agent_id: int) -> bool:
    """Ends an open proposal, in the unit's transaction; False if somebody else did meanwhile, who then had it alone."""
    ended = (
        update(FaqProposal)
        .where(FaqProposal.id == proposal_id, FaqProposal.state == "open")
        .values(state=state, decided_at=unit.now, agent_id=agent_id)
        .returning(FaqProposal.id)
    )
    return await unit.session.scalar(ended) is not None


async def drop_proposals(unit: Unit, ids: Collection[int]) -> None:
    await unit.session.execute(delete(FaqProposal).where(FaqProposal.id.in_(ids)))


async def forget_words(unit: Unit, contact_point_ids: Collection[int]) -> None:
    """What was asked is forgotten; that something was asked, and how it went, stays."""
    query = update(FaqQuestion).where(FaqQuestion.contact_point_id.in_(contact_point_ids))
    await unit.session.execute(query.values(text=None, normal=None))
