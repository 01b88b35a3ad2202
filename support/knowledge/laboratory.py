"""The admin's laboratory: reads what it needs, thinks in a thread, changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.repositories import faq as faq_rows
from crm_store.repositories import faq_drafts
from crm_store.store import Store
from faq.asked import Asked, Progress
from faq.check import check
from faq.entry import FaqEntry
from faq.faq_file import FaqFile
from faq.findings import Finding
from faq.gaps import Gap, gaps
from faq.matcher import Matcher
from faq.replay import Replay, Side, replay
from support.knowledge import learning
from support.knowledge.learning import AskedQuestion
from support.knowledge.live_faq import LiveFaq
from support.knowledge.rows import entry_of
from support.knowledge.snapshots import entry_from
from support.words import signals

MOST_QUESTIONS = 10_000
"""The newest past questions that are looked at unless somebody asks for another number."""


async def check_faq(
    store: Store, faq: LiveFaq, edited: Matcher | None = None, progress: Progress | None = None
) -> list[Finding]:
    """What is wrong with the published FAQ, or with an `edited` one (see LiveFaq.rehearsed)."""
    await faq.refresh(store)
    matcher = edited or faq.matcher
    return await asyncio.to_thread(check, matcher.entries, matcher, taken_for, progress)


async def replay_faq(
    store: Store,
    faq: LiveFaq,
    edited: Matcher | None = None,
    thresholds: Mapping[str, float] | None = None,
    since: datetime | None = None,
    limit: int = MOST_QUESTIONS,
    progress: Progress | None = None,
) -> Replay:
    """Past questions against the published FAQ and against an `edited` one (None: the same) with other `thresholds`
    (fields of Thresholds; those not named stay as they are).
    """
    await faq.refresh(store)
    before, matcher = Side(faq.matcher, faq.matcher.thresholds), edited or faq.matcher
    after = Side(matcher, replace(matcher.thresholds, **(thresholds or {})))
    async with store.read() as session:
        questions = [_asked(row) for row in await learning.asked(session, since, limit=limit)]
    return await asyncio.to_thread(replay, questions, before, after, progress)


async def find_gaps(
    store: Store,
    faq: LiveFaq,
    since: datetime | None = None,
    limit: int = MOST_QUESTIONS,
    progress: Progress | None = None,
) -> list[Gap]:
    """What nobody could answer, among the `limit` newest such questions."""
    await faq.refresh(store)
    async with store.read() as session:
        questions = [_asked(row) for row in await learning.unanswered(session, since, limit)]
    return await asyncio.to_thread(gaps, questions, faq.matcher, progress)


def imported(faq: LiveFaq, file: FaqFile) -> list[FaqEntry]:
    """The FAQ as it will be when the file is imported: what the file does not speak of stays."""
    entries = dict(faq.entries)
    for entry in file.entries:
        known = entries.get(entry.id)
        kept = {name: getattr(known, name) for name in file.silent} if known else {}
        entries[entry.id] = replace(entry, **kept)
    return list(entries.values())


async def drafted(session: AsyncSession) -> list[FaqEntry]:
    """The FAQ as it will be when every draft in the store is published; new entries come last."""
    entries = {row.id: entry_of(row) for row in await faq_rows.published(session)}
    drafts = await faq_drafts.contents(session)
    return list((entries | {entry_id: entry_from(entry_id, content) for entry_id, content in drafts.items()}).values())


def taken_for(text: str) -> str | None:
    """What a message of these words is taken for before the FAQ is asked, if anything: then no entry answers it."""
    read = signals.read(text)
    held = {
        "greeting": read.greeting,
        "thanks": read.thanks,
        "human": read.wants_human,
        "complaint": read.complaint,
        "urgent": read.urgent,
    }
    return next((name for name, holds in held.items() if holds), None)


def _asked(row: AskedQuestion) -> Asked:
    return Asked(
        text=row.text,
        language=row.language,
        person=row.person,
        at=row.at,
        decision=row.decision,
        entry_id=row.entry_id,
        outcome=row.outcome,
        outcome_entry_id=row.outcome_entry_id,
        agent_answer=row.agent_answer,
    )
