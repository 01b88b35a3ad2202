"""Running an admin's errands: the timetable's job that thinks and then says what it found."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from aiogram import Bot
from aiogram.types import MessageEntity

from crm_store.repositories import agents
from crm_store.repositories import faq_drafts as faq_draft_rows
from crm_store.repositories.lanes import Lane
from crm_store.unit import Unit
from faq.findings import Finding
from handlers.faq import lab_screens as screens
from handlers.faq.draft_screens import draft_screen, trial_screens
from handlers.faq.errands import Errand
from handlers.faq.lab_screens import WORST, Counts
from handlers.faq.press import Screen
from handlers.faq.screens import error_screen
from handlers.faq.steps import ask_for_answer
from handlers.faq.talk import Talk
from handlers.recording import recording
from support.desk import Desk
from support.errors import DeskError
from support.knowledge import drafts as faq_drafts
from support.knowledge import laboratory
from support.knowledge.gaps import draft_gap, missing_language
from support.knowledge.trial import try_with_draft
from support.pages import page_of

GAP_DAYS = 30
PREVIEW_QUESTIONS = 500
"""The last questions that a draft is held against before it is published."""


class Laboratory:
    """Given to the timetable by the composition root."""

    def __init__(self, desk: Desk, bot: Bot) -> None:
        self._desk, self._bot = desk, bot

    async def job(self, unit: Unit, payload: dict[str, Any]) -> None:
        """One errand; who is an admin no longer gets no answer."""
        errand = Errand.model_validate(payload)
        agent = await agents.get(unit, errand.agent_id)
        if agent is None or not agent.active or agent.role != "admin":
            return
        for screen in await self._run(Talk(unit, self._desk, agent, errand.place), errand):
            await self._say(unit, errand, screen)

    async def _run(self, talk: Talk, errand: Errand) -> list[Screen]:
        try:
            return await ERRANDS[errand.kind](talk, errand)
        except DeskError as error:
            return [error_screen(talk.speech, error)]

    async def _say(self, unit: Unit, errand: Errand, screen: Screen) -> None:
        with recording(unit, lane=Lane.ANSWER):
            await self._bot.send_message(
                errand.place.chat_id,
                screen.text,
                message_thread_id=errand.place.thread_id,
                entities=[MessageEntity.model_validate(e) for e in screen.entities] or None,
                reply_markup=screen.keyboard,
            )


async def _check(talk: Talk, errand: Errand) -> list[Screen]:
    findings = await laboratory.check_faq(talk.desk.store, talk.desk.faq)
    page = page_of(findings, errand.number, WORST)
    return [screens.check_screen(talk.speech, Counts.of(findings), page)]


async def _replay(talk: Talk, _errand: Errand) -> list[Screen]:
    """Past questions against the FAQ as all drafts together would make it."""
    faq, session = talk.desk.faq, talk.unit.session
    has_drafts = await faq_draft_rows.exist(session)
    edited = await faq.rehearsed(await laboratory.drafted(session)) if has_drafts else None
    replay = await laboratory.replay_faq(talk.desk.store, faq, edited)
    return [screens.replay_screen(talk.speech, replay, with_drafts=has_drafts)]


async def _preview(talk: Talk, errand: Errand) -> list[Screen]:
    """What publishing this draft alone would do."""
    draft = await faq_drafts.get(talk.unit, errand.entry_id)
    store, faq = talk.desk.store, talk.desk.faq
    edited = await faq.rehearsed(list({**faq.entries, draft.id: draft.entry}.values()))
    findings = [each for each in await laboratory.check_faq(store, faq, edited) if _concerns(each, draft.id)]
    replay = await laboratory.replay_faq(store, faq, edited, limit=PREVIEW_QUESTIONS)
    return [screens.preview_screen(talk.speech, draft, findings, replay)]


def _concerns(finding: Finding, entry_id: str) -> bool:
    facts = finding.facts
    return entry_id in (finding.entry_id, facts.get("other")) or entry_id in facts.get("others", ())


async def _trial(talk: Talk, errand: Errand) -> list[Screen]:
    """A question put to the FAQ as the draft would make it."""
    draft = await faq_drafts.get(talk.unit, errand.entry_id)
    return trial_screens(talk.speech, await try_with_draft(talk.desk, errand.question, draft.entry), draft)


async def _gaps(talk: Talk, errand: Errand) -> list[Screen]:
    found = await laboratory.find_gaps(talk.desk.store, talk.desk.faq, _since(talk))
    page = page_of(found, errand.number, WORST)
    return [screens.gaps_screen(talk.speech, page, len(found), GAP_DAYS)]


async def _fill(talk: Talk, errand: Errand) -> list[Screen]:
    """A gap becomes a draft, and its answer is asked for if no agent has given one."""
    found = await laboratory.find_gaps(talk.desk.store, talk.desk.faq, _since(talk))
    draft = await draft_gap(talk.unit, talk.agent, found, errand.number)
    language = missing_language(draft.entry)
    asked = [ask_for_answer(talk, draft.entry, language)] if language else []
    return [draft_screen(talk.speech, draft), *asked]


def _since(talk: Talk) -> datetime:
    return talk.unit.now - timedelta(days=GAP_DAYS)


ERRANDS: Mapping[str, Callable[[Talk, Errand], Awaitable[list[Screen]]]] = {
    "check": _check,
    "replay": _replay,
    "preview": _preview,
    "trial": _trial,
    "gaps": _gaps,
    "fill": _fill,
}
