"""Facts written as notes: `//fact call after six`, `//promise by Friday a new basket`, `//idea sell a mill for two`,
`//feedback the new lid leaks`; 记住, 承诺, 建议 and 反馈 do the same.

The word follows the mark at once: "// fact is, she is angry" and "//factory reset done" are plain notes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from crm_store.models import Agent, Fact, Touchpoint
from crm_store.person import Person
from crm_store.repositories import ledger
from crm_store.unit import Unit
from support.agents import work
from support.customers import facts
from support.customers.proposing import proposals
from support.desk import Desk
from support.talk.inbound import Attachment
from support.words.due_words import due

_WRITTEN = re.compile(
    r"(?:(?P<promise>promise|承诺|承諾)|(?P<idea>idea|建议|建議)|(?P<feedback>feedback|反馈|反饋|回饋)|fact|记住|記住)"
    r"(?=[\s:：]|$)[\s:：]*(?P<text>.*)",
    re.IGNORECASE | re.DOTALL,
)
COMMON_KIND = "preference"


@dataclass(frozen=True, slots=True)
class Written:
    """A note read as a fact; the words of a promise keep their day."""

    kind: str
    text: str
    due_at: datetime | None = None


async def keep_note(
    desk: Desk, unit: Unit, agent: Agent, person: Person, text: str, attachment: Attachment | None = None
) -> Fact | None:
    """Keeps what follows the mark of a note; returns the fact, where it is written as one.

    Raises what support.agents.work.note and support.customers.facts.note raise; then nothing was kept.
    """
    written = read_note(text, desk.default_language, unit.now.astimezone(desk.timezone))
    if written:
        facts.check(written.kind, written.text, written.due_at)
    source = await work.note(desk, unit, agent, person, text.strip(), attachment)
    return await _keep(desk, unit, agent, person, written, source) if written else None


async def keep_written(desk: Desk, unit: Unit, agent: Agent, person: Person, written: Written, client_key: str) -> None:
    """Keeps a form's fact, with its words as a note in the ledger; a repeated post (same `client_key`) once.

    Raises what support.customers.facts.note raises; then nothing was kept.
    """
    facts.check(written.kind, written.text, written.due_at)
    if await ledger.by_client_key(unit, person.contact.id, client_key) is None:
        source = await work.note(desk, unit, agent, person, written.text, client_key=client_key)
        await _keep(desk, unit, agent, person, written, source)


async def _keep(desk: Desk, unit: Unit, agent: Agent, person: Person, written: Written, source: Touchpoint) -> Fact:
    kind, text, due_at = written.kind, written.text, written.due_at
    return await facts.note(desk, unit, agent, person, kind, text, due_at=due_at, source=source)


def read_note(text: str, language: str, now: datetime) -> Written | None:
    """The fact or promise that the words behind the mark are; None for a plain note. `now` is in the shop's zone."""
    found = _WRITTEN.match(text)
    if found is None:
        return None
    words = " ".join(found["text"].split())
    if found["promise"]:
        return Written("promise", words, due(words, language, now))
    for kind in facts.TAUGHT:
        if found[kind]:
            return Written(kind, words)
    return Written(next((heard.kind for heard in proposals(words, language, now)), COMMON_KIND), words)
