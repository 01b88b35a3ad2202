"""The steps of an admin's work on drafts and on what was there before: try, publish, discard, undo, restore."""

from __future__ import annotations

from collections.abc import Mapping

from faq.normalise import MAX_CHARACTERS
from handlers.faq import draft_screens as screens
from handlers.faq.errands import Errand, ask_for
from handlers.faq.history_screens import former_screen, history_screen
from handlers.faq.press import FaqPress, Screen, Verb
from handlers.faq.prompt import Prompt, Wanted
from handlers.faq.screens import ask_screen
from handlers.faq.steps import Press, Taker
from handlers.faq.talk import Talk
from support.knowledge import admin as faq_admin
from support.knowledge import drafts as faq_drafts
from support.knowledge import history as faq_history
from support.knowledge.difference import difference
from support.knowledge.errors import ChangedMeanwhileError
from support.knowledge.snapshots import stamp
from support.knowledge.trial import try_question


async def _drafts(talk: Talk, press: FaqPress) -> list[Screen]:
    return [screens.drafts_screen(talk.speech, await faq_drafts.page(talk.unit, press.page))]


async def _draft(talk: Talk, press: FaqPress) -> list[Screen]:
    return [screens.draft_screen(talk.speech, await faq_drafts.get(talk.unit, press.entry_id))]


async def _preview(talk: Talk, press: FaqPress) -> list[Screen]:
    draft = await faq_drafts.get(talk.unit, press.entry_id)
    await ask_for(talk.unit, Errand.of(talk, "preview", press.entry_id, draft.stamp))
    return []


async def _publish(talk: Talk, press: FaqPress) -> list[Screen]:
    try:
        published = await faq_drafts.publish(talk.unit, talk.agent, press.entry_id, press.number)
    except ChangedMeanwhileError as error:
        return await _as_it_is_now(talk, press, error)
    return [await talk.live(published, "faq.saved")]


async def _discard(talk: Talk, press: FaqPress) -> list[Screen]:
    draft = await faq_drafts.get(talk.unit, press.entry_id)
    return [screens.confirm_discard(talk.speech, draft)]


async def _throw(talk: Talk, press: FaqPress) -> list[Screen]:
    try:
        await faq_drafts.discard(talk.unit, talk.agent, press.entry_id, press.number)
    except ChangedMeanwhileError as error:
        return await _as_it_is_now(talk, press, error)
    return [Screen(talk.speech.say("faq.draft.discarded", id=press.entry_id))]


async def _as_it_is_now(talk: Talk, press: FaqPress, error: ChangedMeanwhileError) -> list[Screen]:
    """Not what the admin saw: nothing is done, and they see it."""
    return [screens.draft_screen(talk.speech, await faq_drafts.get(talk.unit, press.entry_id), error.key)]


async def _try(talk: Talk, press: FaqPress) -> list[Screen]:
    """A question to the draft, or without one to what is published."""
    if press.entry_id:
        await faq_drafts.get(talk.unit, press.entry_id)
    talk.wait_for("trial", entry_id=press.entry_id)
    return [ask_screen(talk.speech, "faq.send_trial")]


async def _take_trial(talk: Talk, prompt: Prompt, text: str) -> list[Screen]:
    """What is published is tried at once; a draft has to be trained first, so the result follows."""
    if not prompt.entry_id:
        talk.forget()
        return screens.trial_screens(talk.speech, try_question(talk.desk, text), None)
    await faq_drafts.get(talk.unit, prompt.entry_id)
    talk.forget()
    question = text[:MAX_CHARACTERS]
    await ask_for(talk.unit, Errand.of(talk, "trial", prompt.entry_id, stamp(question), question))
    return []


async def _history(talk: Talk, press: FaqPress) -> list[Screen]:
    page = await faq_history.page(talk.unit, press.entry_id, press.page)
    return [history_screen(talk.speech, press.entry_id, page)]


async def _former(talk: Talk, press: FaqPress) -> list[Screen]:
    former = await faq_history.former(talk.unit, press.number)
    present = await faq_admin.get(talk.unit, former.entry.id)
    change = difference(present.entry, former.entry)
    return [former_screen(talk.speech, former, change, is_live=not change and not present.withdrawn)]


async def _redraft(talk: Talk, press: FaqPress) -> list[Screen]:
    former = await faq_history.former(talk.unit, press.number)
    draft = await faq_history.draft_of(talk.unit, talk.agent, press.number)
    return [await talk.drafted(former.entry.id, draft)]


async def _restore(talk: Talk, press: FaqPress) -> list[Screen]:
    return [await talk.live(await faq_history.restore(talk.unit, talk.agent, press.number), "faq.put_back")]


async def _undo(talk: Talk, press: FaqPress) -> list[Screen]:
    return [await talk.live(await faq_history.undo(talk.unit, talk.agent, press.number), "faq.undone")]


PRESSES: Mapping[Verb, Press] = {
    Verb.DRAFTS: _drafts,
    Verb.DRAFT: _draft,
    Verb.PREVIEW: _preview,
    Verb.PUBLISH: _publish,
    Verb.DISCARD: _discard,
    Verb.THROW: _throw,
    Verb.TRY: _try,
    Verb.HISTORY: _history,
    Verb.FORMER: _former,
    Verb.REDRAFT: _redraft,
    Verb.RESTORE: _restore,
    Verb.UNDO: _undo,
}
TAKERS: Mapping[Wanted, Taker] = {"trial": _take_trial}
