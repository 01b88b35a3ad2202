"""Calls of the Bot become rows of the outbox, in the unit and nowhere else."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.types import (
    BufferedInputFile,
    FSInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    LinkPreviewOptions,
    Message,
    ReplyParameters,
)
from sqlalchemy import select

from crm_store.models import OutboxRow
from crm_store.store import Store
from crm_store.unit import Unit
from handlers.recording import (
    CannotRecordError,
    EmptyTextError,
    OutsideUnitError,
    RecordingSession,
    StoredInput,
    enqueue,
    make_bot,
    recording,
)

CHAT, GROUP = 101, -100_500


@pytest.fixture
def bot() -> Bot:
    return make_bot("42:TEST")


async def rows(store: Store) -> list[OutboxRow]:
    async with store.read() as session:
        return list(await session.scalars(select(OutboxRow).order_by(OutboxRow.id)))


async def test_a_call_is_a_row_once_the_unit_is_written(store: Store, bot: Bot) -> None:
    with store.signals.listen("outbox") as changed:
        async with store.unit() as unit:
            with recording(unit, touchpoint_id=7, repeat="never", joinable=True, continuation="x"):
                await bot.send_message(CHAT, "hello")
            assert not await rows(store)
        assert await changed.wait(0.01)
    (row,) = await rows(store)
    assert (row.bot_id, row.chat_id, row.method, row.state) == (42, CHAT, "sendMessage", "waiting")
    assert row.payload == {"chat_id": CHAT, "text": "hello"}, "defaults are resolved and nulls left out"
    assert (row.touchpoint_id, row.repeat, row.joinable, row.continuation) == (7, "never", True, "x")


async def test_a_unit_that_fails_says_nothing(sqlite_store: Store, bot: Bot) -> None:
    with pytest.raises(ZeroDivisionError):
        async with sqlite_store.unit() as unit:
            with recording(unit):
                await bot.send_message(CHAT, "hello")
            _ = 1 / 0
    assert not await rows(sqlite_store)


async def test_outside_a_unit_a_call_raises(sqlite_store: Store, bot: Bot) -> None:
    with pytest.raises(OutsideUnitError, match="sendMessage was called outside a unit"):
        await bot.send_message(CHAT, "hello")
    with pytest.raises(OutsideUnitError):
        enqueue(42, "sendMessage", {"chat_id": CHAT, "text": "x"})
    async with sqlite_store.unit() as unit:
        with recording(unit):
            pass
        with pytest.raises(OutsideUnitError):
            await bot.send_message(CHAT, "after the block")


async def test_a_task_that_outlives_the_unit_cannot_speak(sqlite_store: Store, bot: Bot) -> None:
    late = asyncio.Event()
    said: list[Exception] = []

    async def speak() -> None:
        await late.wait()
        for call in (lambda: bot.send_message(CHAT, "too late"), lambda: bot.send_chat_action(CHAT, "typing")):
            with pytest.raises(OutsideUnitError) as raised:
                await call()
            said.append(raised.value)
        with pytest.raises(OutsideUnitError):
            enqueue(42, "sendMessage", {"chat_id": CHAT, "text": "x"})

    async with asyncio.TaskGroup() as tasks:
        async with sqlite_store.unit() as unit:
            with recording(unit):
                tasks.create_task(speak())
        late.set()
    assert len(said) == 2
    assert not await rows(sqlite_store)


async def test_while_a_unit_is_written_nothing_slips_past_it(sqlite_store: Store, bot: Bot) -> None:
    """A call that came between the writing of the rows and the end of the commit would be lost."""
    found: list[str] = []

    async def speak() -> None:
        while True:
            try:
                await bot.send_message(CHAT, "now")
            except OutsideUnitError:
                return
            found.append("kept")
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as tasks, sqlite_store.unit() as unit:
        with recording(unit):
            tasks.create_task(speak())
        for _ in range(5):
            await asyncio.sleep(0)
    assert len(found) == len(await rows(sqlite_store)) > 0


async def test_two_units_at_once_keep_their_own(sqlite_store: Store, bot: Bot) -> None:
    async def handle(name: str, *, fails: bool) -> None:
        async with sqlite_store.unit() as unit:
            with recording(unit):
                await bot.send_message(CHAT, name)
                await asyncio.sleep(0.01)
                await bot.send_message(CHAT, f"{name} again")
            if fails:
                raise ValueError(name)

    results = await asyncio.gather(handle("a", fails=False), handle("b", fails=True), return_exceptions=True)
    assert isinstance(results[1], ValueError)
    assert [row.payload["text"] for row in await rows(sqlite_store)] == ["a", "a again"]


async def test_a_message_that_is_not_sent_yet_can_be_answered_edited_and_deleted(store: Store, bot: Bot) -> None:
    async with store.unit() as unit:
        with recording(unit):
            message = await bot.send_message(GROUP, "card", message_thread_id=-5)
            assert message.message_id < 0
            assert (message.chat.id, message.text) == (GROUP, "card")
            await message.reply("see above")
            await message.edit_text("card again")
            await message.delete()
            photo = await bot.send_photo(CHAT, "file-id")
            await photo.edit_caption(caption="words")
    sent, reply, edit, delete, photo_row, caption = await rows(store)
    assert message.message_id == -sent.id
    assert reply.payload["reply_parameters"]["message_id"] == -sent.id
    assert (edit.method, edit.payload["message_id"], edit.chat_id) == ("editMessageText", -sent.id, GROUP)
    assert delete.payload == {"chat_id": GROUP, "message_id": -sent.id}
    assert caption.payload["message_id"] == -photo_row.id
    assert sent.payload["message_thread_id"] == -5


async def test_what_a_call_returns_follows_its_type(sqlite_store: Store, bot: Bot) -> None:
    async with sqlite_store.unit() as unit:
        with recording(unit):
            topic = await bot.create_forum_topic(GROUP, "Nia")
            copied = await bot.copy_message(CHAT, from_chat_id=GROUP, message_id=3)
            done = await bot.leave_chat(GROUP)
            edited = await bot.edit_message_text("x", chat_id=CHAT, message_id=1)
    made, copy, _, _ = await rows(sqlite_store)
    assert (topic.message_thread_id, topic.name) == (-made.id, "Nia")
    assert copied.message_id == -copy.id
    assert done is True
    assert edited is True


@pytest.mark.parametrize(
    "read",
    [
        lambda bot: bot.get_chat(CHAT),
        lambda bot: bot.get_file("x"),
        lambda bot: bot.get_me(),
        lambda bot: bot.get_updates(),
        lambda bot: bot.get_chat_member(GROUP, 1),
        lambda bot: bot.send_media_group(CHAT, [InputMediaPhoto(media="x"), InputMediaPhoto(media="y")]),
        lambda bot: bot.get_chat_member_count(GROUP),
    ],
)
async def test_what_must_be_known_at_once_cannot_be_queued(sqlite_store: Store, bot: Bot, read: Any) -> None:
    async with sqlite_store.unit() as unit:
        with recording(unit), pytest.raises(CannotRecordError, match="cannot be queued"):
            await read(bot)
    assert not await rows(sqlite_store)


async def test_a_file_cannot_be_downloaded_on_the_way(sqlite_store: Store, bot: Bot) -> None:
    async with sqlite_store.unit() as unit:
        with recording(unit), pytest.raises(CannotRecordError):
            await bot.download_file("photos/1")


async def test_answers_to_presses_and_typing_signs_are_not_kept(sqlite_store: Store, bot: Bot) -> None:
    async with sqlite_store.unit() as unit:
        with recording(unit):
            assert await bot.answer_callback_query("77", text="ok") is True
            assert await bot.send_chat_action(CHAT, "typing") is True
    assert [(method, payload.get("text")) for method, payload in unit.ephemeral] == [
        ("answerCallbackQuery", "ok"),
        ("sendChatAction", None),
    ]
    assert not await rows(sqlite_store)


async def test_only_files_of_ours_can_be_sent_along(store: Store, bot: Bot) -> None:
    async with store.unit() as unit:
        with recording(unit):
            await bot.send_document(CHAT, StoredInput(55, "receipt.pdf"), caption="here")
            for foreign in (BufferedInputFile(b"x", "x"), FSInputFile(__file__)):
                with pytest.raises(CannotRecordError, match="only stored files"):
                    await bot.send_document(CHAT, foreign)
            enqueue(42, "sendPhoto", {"chat_id": CHAT}, file=("photo", 56))
    document, photo = await rows(store)
    (name,) = document.files or {}
    assert document.payload["document"] == f"attach://{name}"
    assert document.files == {name: 55}
    assert (photo.payload["photo"], photo.files) == ("attach://photo", {"photo": 56})


async def test_a_stored_file_is_never_read_here(bot: Bot) -> None:
    with pytest.raises(CannotRecordError):
        await anext(StoredInput(1, "x").read(bot))


async def test_a_bots_defaults_are_resolved_when_recording(sqlite_store: Store) -> None:
    bot = Bot(
        "42:TEST",
        session=RecordingSession(),
        default=DefaultBotProperties(parse_mode="HTML", link_preview_is_disabled=True, protect_content=True),
    )
    keyboard = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="ok", callback_data="x")]])
    async with sqlite_store.unit() as unit:
        with recording(unit):
            await bot.send_message(CHAT, "one", reply_markup=keyboard)
            await bot.send_message(
                CHAT,
                "two",
                parse_mode=None,
                link_preview_options=LinkPreviewOptions(is_disabled=False),
                reply_parameters=ReplyParameters(message_id=3, allow_sending_without_reply=True),
            )
    one, two = (row.payload for row in await rows(sqlite_store))
    assert (one["parse_mode"], one["protect_content"]) == ("HTML", True)
    assert one["link_preview_options"]["is_disabled"] is True
    assert one["reply_markup"] == {"inline_keyboard": [[{"text": "ok", "callback_data": "x"}]]}
    assert "parse_mode" not in two
    assert two["reply_parameters"]["allow_sending_without_reply"] is True


async def test_calls_keep_the_order_in_which_they_were_made(sqlite_store: Store, bot: Bot) -> None:
    async def speak(unit: Unit, n: int) -> Message | None:
        with recording(unit):
            if n % 2:
                enqueue(42, "sendMessage", {"chat_id": CHAT, "text": str(n)})
                return None
            return await bot.send_message(CHAT, str(n))

    async with sqlite_store.unit() as unit:
        for n in range(20):
            await speak(unit, n)
    assert [row.payload["text"] for row in await rows(sqlite_store)] == [str(n) for n in range(20)]


@pytest.mark.parametrize("text", ["", " \n\t", "\u200b\u2060\ufeff", "\u3164\u2800", "\u200e \u00ad"])
@pytest.mark.parametrize("method", ["sendMessage", "editMessageText"])
async def test_a_text_in_which_there_is_nothing_to_see_is_refused(store: Store, method: str, text: str) -> None:
    payload = {"chat_id": CHAT, "text": text, "message_id": 5}
    async with store.unit() as unit:
        with recording(unit), pytest.raises(EmptyTextError, match=f"{method} to {CHAT}: a text without a visible"):
            enqueue(42, method, payload)
    assert not await rows(store)


async def test_the_bots_own_methods_refuse_it_too(store: Store, bot: Bot) -> None:
    async with store.unit() as unit:
        with recording(unit), pytest.raises(EmptyTextError):
            await bot.send_message(CHAT, "\u200b")
    assert not await rows(store)


@pytest.mark.parametrize("text", [".", "\u200b.", "👍", "👩\u200d👧", "مرحبا\u200f", "\u0301a"])
async def test_whatever_shows_something_is_kept_as_it_is(store: Store, text: str) -> None:
    async with store.unit() as unit:
        with recording(unit):
            enqueue(42, "sendMessage", {"chat_id": CHAT, "text": text})
            enqueue(42, "sendPhoto", {"chat_id": CHAT, "photo": "id"})
    assert [row.payload.get("text") for row in await rows(store)] == [text, None]
