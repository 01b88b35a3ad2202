"""The steps of an admin's work on the FAQ: what each button does, and what becomes of a text that was asked for.

Each step awaits one use case and gives what is to be shown; what cannot be done raises DeskError.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from crm_store.models import Agent
from crm_store.unit import Unit
from handlers.faq_prompt import Place, Prompt, Wanted, forget
from handlers.faq_screens import FaqPress, Screen, Screens, Verb
from support import faq_admin
from support.desk import Desk


@dataclass(frozen=True, slots=True)
class Talk:
    """One step of an admin's work."""

    unit: Unit
    desk: Desk
    agent: Agent
    place: Place

    @property
    def screens(self) -> Screens:
        return Screens(self.desk)

    def wait_for(self, wanted: Wanted, entry_id: str = "", language: str = "", questions: str = "") -> None:
        Prompt(
            wanted=wanted,
            place=self.place,
            asked_at=self.unit.now,
            entry_id=entry_id,
            language=language,
            questions=questions,
        ).keep(self.agent)


async def _open(talk: Talk, press: FaqPress) -> Screen:
    return talk.screens.entry(await faq_admin.get(talk.unit, press.entry_id))


async def _add(talk: Talk, _press: FaqPress) -> Screen:
    talk.wait_for("id")
    return talk.screens.ask("faq.send_id")


async def _new(talk: Talk, press: FaqPress) -> Screen:
    """The language of a new entry is chosen: its questions come next."""
    await faq_admin.check_new_id(talk.unit, press.entry_id)
    if not press.language:
        return talk.screens.languages(Verb.NEW, press.entry_id)
    talk.wait_for("new_questions", press.entry_id, press.language)
    return talk.screens.ask("faq.send_question", press.language)


async def _questions(talk: Talk, press: FaqPress) -> Screen:
    kept = await faq_admin.get(talk.unit, press.entry_id)
    if not press.language:
        return talk.screens.languages(Verb.QUESTIONS, kept.id)
    talk.wait_for("questions", kept.id, press.language)
    present = kept.entry.questions.get(press.language, ())
    return talk.screens.ask("faq.send_question", press.language, present)


async def _answer(talk: Talk, press: FaqPress) -> Screen:
    kept = await faq_admin.get(talk.unit, press.entry_id)
    if not press.language:
        return talk.screens.languages(Verb.ANSWER, kept.id)
    talk.wait_for("answer", kept.id, press.language)
    return talk.screens.ask("faq.send_answer", press.language, [kept.entry.answers.get(press.language, "")])


async def _withdraw(talk: Talk, press: FaqPress) -> Screen:
    return talk.screens.confirm_withdrawal(await faq_admin.get(talk.unit, press.entry_id))


async def _confirm(talk: Talk, press: FaqPress) -> Screen:
    kept = await faq_admin.withdraw(talk.unit, talk.agent, press.entry_id)
    return talk.screens.entry(kept, "faq.withdrawn")


async def _publish(talk: Talk, press: FaqPress) -> Screen:
    kept = await faq_admin.publish(talk.unit, talk.agent, press.entry_id)
    return talk.screens.entry(kept, "faq.restored")


async def _history(talk: Talk, press: FaqPress) -> Screen:
    lines = await faq_admin.history(talk.unit, press.entry_id)
    return talk.screens.history(press.entry_id, lines, talk.unit.now)


async def _cancel(talk: Talk, _press: FaqPress) -> Screen:
    forget(talk.agent)
    return talk.screens.cancelled()


PRESSES: dict[Verb, Callable[[Talk, FaqPress], Awaitable[Screen]]] = {
    Verb.SHOW: _open,
    Verb.ADD: _add,
    Verb.NEW: _new,
    Verb.QUESTIONS: _questions,
    Verb.ANSWER: _answer,
    Verb.WITHDRAW: _withdraw,
    Verb.CONFIRM: _confirm,
    Verb.PUBLISH: _publish,
    Verb.HISTORY: _history,
    Verb.CANCEL: _cancel,
}


async def _take_id(talk: Talk, _prompt: Prompt, text: str) -> list[Screen]:
    entry_id = text.strip()
    await faq_admin.check_new_id(talk.unit, entry_id)
    forget(talk.agent)
    return [talk.screens.languages(Verb.NEW, entry_id)]


async def _take_new_questions(talk: Talk, prompt: Prompt, text: str) -> list[Screen]:
    wordings = faq_admin.wordings_of(prompt.language, text.splitlines())
    talk.wait_for("new_answer", prompt.entry_id, prompt.language, "\n".join(wordings))
    return [talk.screens.ask("faq.send_answer", prompt.language)]


async def _take_new_answer(talk: Talk, prompt: Prompt, text: str) -> list[Screen]:
    kept = await faq_admin.add_entry(talk.unit, talk.agent, prompt.entry_id, prompt.language, prompt.questions, text)
    forget(talk.agent)
    return [*talk.screens.preview(kept.entry.answers[prompt.language]), talk.screens.entry(kept, "faq.saved")]


async def _take_questions(talk: Talk, prompt: Prompt, text: str) -> list[Screen]:
    kept = await faq_admin.set_questions(talk.unit, talk.agent, prompt.entry_id, prompt.language, text.splitlines())
    forget(talk.agent)
    return [talk.screens.entry(kept, "faq.saved")]


async def _take_answer(talk: Talk, prompt: Prompt, text: str) -> list[Screen]:
    kept = await faq_admin.set_answer(talk.unit, talk.agent, prompt.entry_id, prompt.language, text)
    forget(talk.agent)
    return [*talk.screens.preview(kept.entry.answers[prompt.language]), talk.screens.entry(kept, "faq.saved")]


TAKERS: dict[Wanted, Callable[[Talk, Prompt, str], Awaitable[list[Screen]]]] = {
    "id": _take_id,
    "new_questions": _take_new_questions,
    "new_answer": _take_new_answer,
    "questions": _take_questions,
    "answer": _take_answer,
}
