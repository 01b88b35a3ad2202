"""Every update and every result is what aiogram understands."""

from __future__ import annotations

from collections.abc import AsyncIterator
from io import BytesIO

import pytest
from aiogram import Bot as AiogramBot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import ClientDecodeError, TelegramForbiddenError, TelegramRetryAfter
from aiogram.types import BotCommand, BufferedInputFile, InlineKeyboardButton, InlineKeyboardMarkup, Update

from tests.telegram.conftest import Bot
from tests.telegram.faults import Kind
from tests.telegram.server import FakeTelegram


@pytest.fixture
async def aiogram_bot(tg: FakeTelegram) -> AsyncIterator[AiogramBot]:
    session = AiohttpSession(api=TelegramAPIServer.from_base(tg.url))
    async with AiogramBot(tg.token, session=session) as bot:
        yield bot


async def test_every_kind_of_update_validates(tg: FakeTelegram, bot: Bot) -> None:
    anna = tg.user(101, "Anna", last_name="B", username="anna", language_code="en")
    first = anna.start("campaign-7")
    anna.edit(first, "hello")
    anna.photo("caption")
    anna.voice()
    anna.document()
    anna.sticker()
    anna.location()
    anna.contact()
    anna.album(3, "three")
    anna.send({"video": anna.file("video", b"v")})
    anna.send({"video_note": anna.file("video_note", b"v")})
    anna.press_data("forged")
    anna.press_data("gone", message_id=9999)
    anna.block()
    anna.unblock()
    forum, agent = tg.group(-1001, "Agents", forum=True), tg.user(201, "Mia")
    thread = forum.open_topic(agent, "Anna")
    agent.say_in(forum, thread, "hi")
    forum.close_topic(thread)
    forum.reopen_topic(thread, by=agent)
    forum.rename_topic(thread, "Bo", by=agent)
    forum.migrate(-1002)
    for change in (forum.demote_bot, forum.mute_bot, forum.promote_bot, forum.kick_bot):
        change(by=agent)
    forum.open_topic(agent, "unheard")
    updates = [Update.model_validate(update) for update in await bot.updates()]
    assert len(updates) == 28
    assert updates[0].message is not None
    assert updates[0].message.text == "/start campaign-7"
    albums = {update.message.media_group_id for update in updates if update.message and update.message.media_group_id}
    assert len(albums) == 1


async def test_every_method_through_aiogram(tg: FakeTelegram, aiogram_bot: AiogramBot) -> None:
    anna = tg.user(101, "Anna")
    asked = anna.photo()
    forum = tg.group(-1001, "Agents", forum=True)
    button = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Yes", callback_data="y")]])
    picture = BufferedInputFile(b"picture", "p.jpg")
    bot = aiogram_bot
    assert (await bot.me()).username == "touchdesk_bot"
    sent = await bot.send_message(101, "<b>hi</b>", parse_mode="HTML", reply_markup=button, reply_to_message_id=asked)
    assert sent.reply_markup
    assert sent.reply_markup.inline_keyboard[0][0].callback_data == "y"
    photo = await bot.send_photo(101, picture, caption="c")
    assert photo.photo is not None
    copy = BytesIO()
    await bot.download(photo.photo[-1], copy)
    assert copy.getvalue() == b"picture"
    await bot.send_document(101, picture)
    await bot.send_voice(101, picture)
    await bot.send_chat_action(101, "typing")
    await bot.edit_message_text("two", chat_id=101, message_id=sent.message_id)
    await bot.edit_message_reply_markup(chat_id=101, message_id=sent.message_id, reply_markup=button)
    await bot.pin_chat_message(101, sent.message_id)
    await bot.answer_callback_query(str(anna.press("Yes")), "ok", show_alert=True)
    topic = await bot.create_forum_topic(-1001, "Anna")
    thread = topic.message_thread_id
    assert (await bot.copy_message(-1001, 101, asked, message_thread_id=thread)).message_id > thread
    await bot.edit_forum_topic(-1001, thread, name="Bo")
    await bot.close_forum_topic(-1001, thread)
    await bot.reopen_forum_topic(-1001, thread)
    await bot.delete_forum_topic(-1001, thread)
    assert (await bot.get_chat(101)).first_name == "Anna"
    assert (await bot.get_chat_member(-1001, bot.id)).status == "administrator"
    assert len(await bot.get_chat_administrators(-1001)) == 1
    await bot.set_my_commands([BotCommand(command="start", description="Begin")])
    assert [command.command for command in await bot.get_my_commands()] == ["start"]
    await bot.set_webhook("http://127.0.0.1:9/x", secret_token="s", allowed_updates=["message"])
    assert (await bot.get_webhook_info()).allowed_updates == ["message"]
    await bot.delete_webhook(drop_pending_updates=True)
    assert await bot.get_updates() == []
    await bot.delete_message(101, sent.message_id)
    await bot.leave_chat(-1001)
    assert anna.pinned() == [sent.message_id]
    assert anna.answers()[0]["alert"]
    assert [topic.deleted for topic in forum.topics] == [True]


async def test_refusals_become_aiograms_exceptions(tg: FakeTelegram, aiogram_bot: AiogramBot) -> None:
    anna = tg.user(101, "Anna")
    anna.start()
    tg.fault(Kind.TOO_MANY, "sendMessage", seconds=3)
    with pytest.raises(TelegramRetryAfter) as caught:
        await aiogram_bot.send_message(101, "a")
    assert caught.value.retry_after == 3
    for kind in (Kind.BAD_GATEWAY, Kind.GARBLED, Kind.TRUNCATED):
        tg.fault(kind, "sendMessage")
        with pytest.raises(ClientDecodeError):
            await aiogram_bot.send_message(101, "a")
    anna.block()
    with pytest.raises(TelegramForbiddenError):
        await aiogram_bot.send_message(101, "a")
