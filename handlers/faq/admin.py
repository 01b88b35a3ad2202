"""/faq: admins find and change what the bot answers, in their private chat with the bot or in the agents' group.

Each press is checked anew: who presses, whether they are an admin now, whether the entry is there. What a text is for
is kept with the admin (handlers.faq.prompt), so a restart forgets nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aiogram import F, Router
from aiogram.enums import ChatType
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, MaybeInaccessibleMessageUnion, Message, MessageEntity

from crm_store.models import Agent
from crm_store.unit import Unit
from handlers.faq import draft_steps as faq_draft_steps
from handlers.faq import lab_steps as faq_lab_steps
from handlers.faq import steps as faq_steps
from handlers.faq.press import FaqPress, Screen, Verb, cut
from handlers.faq.prompt import Place, Prompt, Wanted
from handlers.faq.screens import error_screen, needs_text
from handlers.faq.speech import Speech
from handlers.faq.steps import Press, Taker, search
from handlers.faq.talk import Talk
from handlers.forum.topics import forum_chat
from support.desk import Desk
from support.errors import DeskError

PRESSES: Mapping[Verb, Press] = {**faq_steps.PRESSES, **faq_draft_steps.PRESSES, **faq_lab_steps.PRESSES}
TAKERS: Mapping[Wanted, Taker] = {**faq_steps.TAKERS, **faq_draft_steps.TAKERS}
VERBS = {
    "": Verb.HELP,
    **{verb.value: verb for verb in (Verb.CHECK, Verb.REPLAY, Verb.GAPS, Verb.DRAFTS, Verb.PROPOSALS)},
}
"""What may stand behind /faq besides an id or words to find."""
LONGEST_TOAST = 200
"""Telegram's limit for the answer to a press."""
UNREADABLE = {"photo", "document", "voice", "video", "audio", "sticker", "animation", "video_note"}


def router_for_faq() -> Router:
    """Goes before the routers of agents and customers: it takes what admins say to the FAQ, and the FAQ's buttons.

    Wants `unit`, `desk`, `agent` (the active agent who writes, or None) and `forum` (the agents' group as it is
    configured, or None) among the workflow's data.
    """
    router = Router(name="faq")
    router.message.filter(from_admin)
    # A mention is not compared with the bot's name: that would be a call to Telegram amid a unit of work.
    router.message.register(on_command, Command("faq", ignore_mention=True))
    router.message.register(on_text, F.text, ~F.text.startswith("/"), awaited)
    router.message.register(on_unreadable, F.content_type.in_(UNREADABLE), awaited)
    router.callback_query.filter(is_faq_press)
    router.callback_query.register(on_press, FaqPress.filter(), pressed_by_admin)
    router.callback_query.register(on_stale_press, pressed_by_admin)
    router.callback_query.register(on_foreign_press, by_staff)
    return router


async def is_faq_press(callback: CallbackQuery) -> bool:
    """A coroutine, because aiogram runs any other filter in a thread, and customers' presses pass here too."""
    return (callback.data or "").startswith("faq:")


async def from_admin(message: Message, unit: Unit, agent: Agent | None = None, forum: int | None = None) -> bool:
    """An admin as themselves, not as the group or a channel, in private or in the agents' group."""
    if agent is None or agent.role != "admin" or message.sender_chat is not None:
        return False
    return await _is_ours(message, unit, forum)


async def pressed_by_admin(
    callback: CallbackQuery, unit: Unit, agent: Agent | None = None, forum: int | None = None
) -> bool:
    """Anybody can send any data, and an admin may be one no longer: whoever presses is looked at again."""
    if agent is None or agent.role != "admin" or callback.message is None:
        return False
    return await _is_ours(callback.message, unit, forum)


async def by_staff(_callback: CallbackQuery, agent: Agent | None = None) -> bool:
    """A customer's forged press is left to the customers' router, which records it."""
    return agent is not None


async def _is_ours(message: MaybeInaccessibleMessageUnion, unit: Unit, forum: int | None) -> bool:
    if message.chat.type == ChatType.PRIVATE:
        return True
    return forum is not None and message.chat.id == await forum_chat(unit, forum)


async def awaited(message: Message, unit: Unit, agent: Agent) -> bool | dict[str, Prompt]:
    """A text that we have asked for."""
    prompt = Prompt.awaited(agent, Place.of(message), unit.now)
    return {"prompt": prompt} if prompt else False


async def on_command(message: Message, command: CommandObject, unit: Unit, desk: Desk, agent: Agent) -> None:
    """/faq says what can be done, /faq with words or an id finds entries, /faq check and the like do what they say."""
    query = (command.args or "").strip()
    talk = Talk(unit, desk, agent, Place.of(message))
    talk.forget()
    named = VERBS.get(query.lower())
    screens = await (PRESSES[named](talk, FaqPress(verb=named)) if named else search(talk, query))
    await _show_all(message, talk, screens)


async def on_text(message: Message, unit: Unit, desk: Desk, agent: Agent, prompt: Prompt) -> None:
    """Does with the text what it was asked for; what cannot be done is said, and the text still awaited."""
    talk = Talk(unit, desk, agent, Place.of(message))
    try:
        screens = await TAKERS[prompt.wanted](talk, prompt, message.text or "")
    except DeskError as error:
        screens = [error_screen(talk.speech, error)]
    await _show_all(message, talk, screens)


async def on_unreadable(message: Message, unit: Unit, desk: Desk) -> None:
    await _show(message, needs_text(Speech(desk, unit.now)))


async def on_press(callback: CallbackQuery, callback_data: FaqPress, unit: Unit, desk: Desk, agent: Agent) -> None:
    message = callback.message
    if not isinstance(message, Message):
        await on_stale_press(callback, unit, desk)
        return
    talk = Talk(unit, desk, agent, Place.of(message))
    try:
        screens = await PRESSES[callback_data.verb](talk, callback_data)
    except DeskError as error:
        await callback.answer(cut(talk.speech.say(error.key, **error.params), LONGEST_TOAST))
        return
    await callback.answer(None if screens else talk.speech.say("faq.working"))
    for screen in screens:
        await _show(message, screen)


async def on_stale_press(callback: CallbackQuery, unit: Unit, desk: Desk) -> None:
    """Data that no button of ours has now."""
    await callback.answer(Speech(desk, unit.now).say("agent.stale"))


async def on_foreign_press(callback: CallbackQuery, unit: Unit, desk: Desk) -> None:
    """An agent who is no admin, or an admin in a group that is none of ours."""
    await callback.answer(Speech(desk, unit.now).say("agent.denied"), show_alert=True)


async def _show_all(message: Message, talk: Talk, screens: Sequence[Screen]) -> None:
    """Without a screen the laboratory was asked: its answer follows, and until then there is a word of ours."""
    for screen in screens or [Screen(talk.speech.say("faq.working"))]:
        await _show(message, screen)


async def _show(message: Message, screen: Screen) -> None:
    await message.answer(
        screen.text,
        entities=[MessageEntity.model_validate(e) for e in screen.entities] or None,
        reply_markup=screen.keyboard,
    )
