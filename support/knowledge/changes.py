"""Writing an FAQ entry's rows, and the trace that each change leaves: a revision and a line of the audit.

Wordings are written over those at the same place, never deleted and made anew: in a flush new rows are written before
old ones are deleted, and two rows would claim one place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Literal

from crm_store.ids import new_id
from crm_store.models import Agent, FaqAnswer, FaqEntryRow, FaqPhrasing, FaqRevision
from crm_store.unit import Unit
from faq.entry import FaqEntry
from support.audit import audit
from support.knowledge.rows import entry_of
from support.knowledge.snapshots import content_of

Action = Literal[
    "created", "wording", "answer", "category", "changed", "withdrawn", "published", "restored", "imported"
]


def new_row(unit: Unit, entry_id: str, position: int) -> FaqEntryRow:
    """An entry without words yet."""
    row = FaqEntryRow(
        id=entry_id,
        category="",
        form=[],
        variants=[],
        position=position,
        changed_at=unit.now,
        phrasings=[],
        answers=[],
    )
    return unit.add(row)


def put_entry(row: FaqEntryRow, entry: FaqEntry) -> None:
    """Makes the row say what the entry says, no more and no less."""
    row.category = entry.category
    row.form = [asdict(field) for field in entry.form]
    row.variants = [asdict(variant) for variant in entry.variants]
    for language in {phrasing.language for phrasing in row.phrasings} | set(entry.questions):
        put_questions(row, language, entry.questions.get(language, ()))
    put_answers(row, entry.answers)


def put_questions(row: FaqEntryRow, language: str, wordings: Sequence[str]) -> None:
    """Replaces the wordings of one language, the canonical one first."""
    kept = {phrasing.position: phrasing for phrasing in row.phrasings if phrasing.language == language}
    for position, text in enumerate(wordings):
        if position in kept:
            kept[position].text = text
        else:
            row.phrasings.append(FaqPhrasing(id=new_id(), language=language, position=position, text=text))
    for position, phrasing in kept.items():
        if position >= len(wordings):
            row.phrasings.remove(phrasing)


def put_answers(row: FaqEntryRow, answers: Mapping[str, str]) -> None:
    """Replaces the answers of all languages."""
    for answer in [answer for answer in row.answers if answer.language not in answers]:
        row.answers.remove(answer)
    for language, text in answers.items():
        put_answer(row, language, text)


def put_answer(row: FaqEntryRow, language: str, text: str) -> None:
    """Sets the answer of one language."""
    known = next((answer for answer in row.answers if answer.language == language), None)
    if known:
        known.text = text
    else:
        row.answers.append(FaqAnswer(language=language, text=text))


def record(unit: Unit, row: FaqEntryRow, agent: Agent | None, action: Action, **data: object) -> FaqRevision:
    """Keeps what the entry is now, who made it so and how, and tells the FAQ's readers. `agent` None: the system."""
    row.changed_at = unit.now
    agent_id = agent.id if agent else None
    kept = content_of(entry_of(row), withdrawn=row.withdrawn_at is not None)
    revision = FaqRevision(id=new_id(), entry_id=row.id, at=unit.now, agent_id=agent_id, action=action, snapshot=kept)
    audit(unit, f"faq.{action}", "faq_entry", row.id, agent_id=agent_id, data=data or None)
    unit.touch("faq")
    return unit.add(revision)
