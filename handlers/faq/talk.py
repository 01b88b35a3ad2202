"""One step of an admin's work on the FAQ: who, where, when, and what every step shows again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from crm_store.models import Agent
from crm_store.unit import Unit
from handlers.faq.draft_screens import draft_screen
from handlers.faq.errands import Errand, ask_for
from handlers.faq.press import Screen
from handlers.faq.prompt import Place, Prompt, Wanted, forget
from handlers.faq.screens import entry_screen
from handlers.faq.speech import Speech
from support.desk import Desk
from support.knowledge import admin as faq_admin
from support.knowledge import drafts as faq_drafts
from support.knowledge import learning
from support.knowledge.draft import Draft
from support.knowledge.drafts import Published
from support.knowledge.entries import KeptEntry


@dataclass(frozen=True, slots=True)
class Talk:
    """What a step may use."""

    unit: Unit
    desk: Desk
    agent: Agent
    place: Place

    @property
    def speech(self) -> Speech:
        return Speech(self.desk, self.unit.now)

    def wait_for(self, wanted: Wanted, **details: Any) -> None:
        """The next text in this place is the one that is wanted; `details` are the other fields of Prompt."""
        Prompt(wanted=wanted, place=self.place, asked_at=self.unit.now, **details).keep(self.agent)

    def forget(self) -> None:
        forget(self.agent)

    async def entry(self, kept: KeptEntry, news: str = "", undo: int | None = None) -> Screen:
        """A published entry with all that is known of it."""
        draft = await faq_drafts.find(self.unit, kept.id)
        helped = (await learning.helpfulness(self.unit.session, [kept.id])).get(kept.id)
        return entry_screen(self.speech, kept, draft, helped, news, undo)

    async def live(self, published: Published, news: str) -> Screen:
        """An entry that has just changed, with the way back."""
        return await self.entry(published.kept, news if published.revision_id else "", published.revision_id)

    async def drafted(self, entry_id: str, draft: Draft | None) -> Screen:
        """The draft after a change; without one, the entry that it equals.

        What publishing it would do follows in a message of its own.
        """
        if draft:
            await ask_for(self.unit, Errand.of(self, "preview", draft.id, draft.stamp))
            return draft_screen(self.speech, draft)
        return await self.entry(await faq_admin.get(self.unit, entry_id), "faq.draft.none_left")
