"""The steps of an admin's work on one entry: what each button does, and what becomes of a text that was asked for.

Each step awaits one use case and gives what is to be shown; what cannot be done raises DeskError.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from faq.entry import FaqEntry
from handlers.faq import screens
from handlers.faq.draft_screens import draft_screen
from handlers.faq.press import FaqPress, Screen, Verb
from handlers.faq.prompt import Prompt, Wanted
from handlers.faq.talk import Talk
from support.errors import DeskError
from support.knowledge import admin as faq_admin
from support.knowledge import drafts as faq_drafts
from support.knowledge.draft import Draft, seen_answer, seen_category, seen_questions
from support.knowledge.errors import ChangedMeanwhileError, UnknownEntryError
from support.knowledge.wordings import answer_of, wordings_of
from support.talk.personal import filled_for_anybody

Press = Callable[[Talk, FaqPress], Awaitable[list[Screen]]]
Taker = Callable[[Talk, Prompt, str], Awaitable[list[Screen]]]


async def search(talk: Talk, query: str) -> list[Screen]:
    """The entry or draft of this id, else the entries that are like the words."""
    found = await faq_admin.find(talk.unit, query, talk.desk.faq)
    if [kept.id for kept in found] == [query.lower()]:
        return [await talk.entry(found[0])]
    draft = await faq_drafts.find(talk.unit, query.lower())
    if draft:
        return [draft_screen(talk.speech, draft)]
    return [await talk.entry(found[0]) if len(found) == 1 else screens.found_screen(talk.speech, query, found)]


async def _help(talk: Talk, _press: FaqPress) -> list[Screen]:
    return [screens.help_screen(talk.speech)]


async def _open(talk: Talk, press: FaqPress) -> list[Screen]:
    """An entry that is not there yet is shown as its draft."""
    try:
        return [await talk.entry(await faq_admin.get(talk.unit, press.entry_id))]
    except UnknownEntryError:
        draft = await faq_drafts.find(talk.unit, press.entry_id)
        if draft is None:
            raise
        return [draft_screen(talk.speech, draft)]


async def _add(talk: Talk, _press: FaqPress) -> list[Screen]:
    talk.wait_for("id")
    return [screens.ask_screen(talk.speech, "faq.send_id")]


async def _take_id(talk: Talk, _prompt: Prompt, text: str) -> list[Screen]:
    entry_id = text.strip()
    await faq_drafts.check_new_id(talk.unit, entry_id)
    talk.forget()
    return [screens.languages_screen(talk.speech, Verb.NEW, entry_id)]


async def _new(talk: Talk, press: FaqPress) -> list[Screen]:
    """The language of a new entry is chosen: its questions come next."""
    await faq_drafts.check_new_id(talk.unit, press.entry_id)
    if not press.language:
        return [screens.languages_screen(talk.speech, Verb.NEW, press.entry_id)]
    talk.wait_for("new_questions", entry_id=press.entry_id, language=press.language)
    return [screens.ask_screen(talk.speech, "faq.send_question", press.language)]


async def _take_new_questions(talk: Talk, prompt: Prompt, text: str) -> list[Screen]:
    questions = "\n".join(wordings_of(prompt.language, text.splitlines()))
    talk.wait_for("new_answer", entry_id=prompt.entry_id, language=prompt.language, questions=questions)
    return [screens.ask_screen(talk.speech, "faq.send_answer", prompt.language)]


async def _take_new_answer(talk: Talk, prompt: Prompt, text: str) -> list[Screen]:
    wordings = wordings_of(prompt.language, prompt.questions.splitlines())
    answer = answer_of(prompt.language, text)
    entry = FaqEntry(prompt.entry_id, {prompt.language: wordings}, {prompt.language: answer})
    draft = await faq_drafts.begin(talk.unit, talk.agent, entry)
    return await answered(talk, prompt, draft)


async def _questions(talk: Talk, press: FaqPress) -> list[Screen]:
    entry = await faq_drafts.meant(talk.unit, press.entry_id)
    if not press.language:
        return [screens.languages_screen(talk.speech, Verb.QUESTIONS, entry.id)]
    seen = seen_questions(entry, press.language)
    talk.wait_for("questions", entry_id=entry.id, language=press.language, seen=seen)
    present = entry.questions.get(press.language, ())
    return [screens.ask_screen(talk.speech, "faq.send_question", press.language, present)]


async def _take_questions(talk: Talk, prompt: Prompt, text: str) -> list[Screen]:
    entry_id, language, lines = prompt.entry_id, prompt.language, text.splitlines()
    try:
        draft = await faq_drafts.set_questions(talk.unit, talk.agent, entry_id, language, lines, prompt.seen)
    except ChangedMeanwhileError as error:
        return await _ask_again(talk, prompt, error, Verb.QUESTIONS, _questions)
    talk.forget()
    return [await talk.drafted(entry_id, draft)]


async def _answer(talk: Talk, press: FaqPress) -> list[Screen]:
    entry = await faq_drafts.meant(talk.unit, press.entry_id)
    if not press.language:
        return [screens.languages_screen(talk.speech, Verb.ANSWER, entry.id)]
    return [ask_for_answer(talk, entry, press.language)]


def ask_for_answer(talk: Talk, entry: FaqEntry, language: str) -> Screen:
    talk.wait_for("answer", entry_id=entry.id, language=language, seen=seen_answer(entry, language))
    return screens.ask_screen(talk.speech, "faq.send_answer", language, [entry.answers.get(language, "")])


async def _take_answer(talk: Talk, prompt: Prompt, text: str) -> list[Screen]:
    entry_id, language = prompt.entry_id, prompt.language
    try:
        draft = await faq_drafts.set_answer(talk.unit, talk.agent, entry_id, language, text, prompt.seen)
    except ChangedMeanwhileError as error:
        return await _ask_again(talk, prompt, error, Verb.ANSWER, _answer)
    return await answered(talk, prompt, draft)


async def _category(talk: Talk, press: FaqPress) -> list[Screen]:
    entry = await faq_drafts.meant(talk.unit, press.entry_id)
    talk.wait_for("category", entry_id=entry.id, seen=seen_category(entry))
    return [screens.ask_screen(talk.speech, "faq.send_category", present=[entry.category])]


async def _take_category(talk: Talk, prompt: Prompt, text: str) -> list[Screen]:
    try:
        draft = await faq_drafts.set_category(talk.unit, talk.agent, prompt.entry_id, text, prompt.seen)
    except ChangedMeanwhileError as error:
        return await _ask_again(talk, prompt, error, Verb.CATEGORY, _category)
    talk.forget()
    return [await talk.drafted(prompt.entry_id, draft)]


async def answered(talk: Talk, prompt: Prompt, draft: Draft | None) -> list[Screen]:
    """The answer as a customer will read it of whom nothing is known, and the draft that holds it."""
    talk.forget()
    answer = filled_for_anybody(talk.desk, draft.entry.answers[prompt.language]) if draft else None
    shown = screens.preview(talk.speech, answer) if answer else []
    return [*shown, await talk.drafted(prompt.entry_id, draft)]


async def _ask_again(talk: Talk, prompt: Prompt, error: DeskError, verb: Verb, step: Press) -> list[Screen]:
    """Somebody else has changed the very text: it is shown as it is now, and asked for once more."""
    press = FaqPress.model_validate({"verb": verb, "entry_id": prompt.entry_id, "language": prompt.language})
    return [Screen(talk.speech.say(error.key, **error.params)), *await step(talk, press)]


async def _withdraw(talk: Talk, press: FaqPress) -> list[Screen]:
    return [screens.confirm_withdrawal(talk.speech, await faq_admin.get(talk.unit, press.entry_id))]


async def _confirm(talk: Talk, press: FaqPress) -> list[Screen]:
    kept = await faq_admin.withdraw(talk.unit, talk.agent, press.entry_id)
    return [await talk.entry(kept, "faq.withdrawn")]


async def _republish(talk: Talk, press: FaqPress) -> list[Screen]:
    kept = await faq_admin.publish(talk.unit, talk.agent, press.entry_id)
    return [await talk.entry(kept, "faq.restored")]


async def _cancel(talk: Talk, _press: FaqPress) -> list[Screen]:
    talk.forget()
    return [Screen(talk.speech.say("faq.cancelled"))]


PRESSES: Mapping[Verb, Press] = {
    Verb.HELP: _help,
    Verb.SHOW: _open,
    Verb.ADD: _add,
    Verb.NEW: _new,
    Verb.QUESTIONS: _questions,
    Verb.ANSWER: _answer,
    Verb.CATEGORY: _category,
    Verb.WITHDRAW: _withdraw,
    Verb.CONFIRM: _confirm,
    Verb.REPUBLISH: _republish,
    Verb.CANCEL: _cancel,
}
TAKERS: Mapping[Wanted, Taker] = {
    "id": _take_id,
    "new_questions": _take_new_questions,
    "new_answer": _take_new_answer,
    "questions": _take_questions,
    "answer": _take_answer,
    "category": _take_category,
}
