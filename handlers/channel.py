"""Telegram as a channel: a reply becomes recorded calls of the Bot."""

from __future__ import annotations

from aiogram import Bot
from aiogram.types import ReplyParameters

from crm_store.models import ContactPoint, Touchpoint
from crm_store.unit import Unit
from handlers.recording import StoredInput, recording
from handlers.rendering import LONGEST_CAPTION, keyboard, parts
from support.inbound import Attachment
from support.reply import Reply


class TelegramChannel:
    """Carries replies to private chats. An agent's words are never repeated by themselves after an uncertain send."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    async def send(self, unit: Unit, to: ContactPoint, touchpoint: Touchpoint, reply: Reply) -> None:
        repeat = "never" if touchpoint.author == "agent" else "once"
        with recording(unit, touchpoint_id=touchpoint.id, repeat=repeat):
            if reply.attachment:
                await self._send_file(to, reply, reply.attachment)
            else:
                await self._send_text(to, touchpoint, reply)

    async def _send_text(self, to: ContactPoint, touchpoint: Touchpoint, reply: Reply) -> None:
        pieces = parts(reply)
        for i, (text, entities) in enumerate(pieces):
            await self._bot.send_message(
                _chat(to),
                text,
                entities=list(entities) or None,
                reply_markup=keyboard(touchpoint, reply) if i == len(pieces) - 1 else None,
                reply_parameters=_answering(reply),
            )

    async def _send_file(self, to: ContactPoint, reply: Reply, file: Attachment) -> None:
        texts = parts(reply, LONGEST_CAPTION)
        caption = texts[0][0] if texts else None
        await send_file(self._bot, _chat(to), file, caption)
        for text, _ in texts[1:]:
            await self._bot.send_message(_chat(to), text)


async def send_file(
    bot: Bot, chat_id: int, file: Attachment, caption: str | None, thread_id: int | None = None
) -> None:
    """A photo, voice message or document, by Telegram's own id where it has one, else from our files."""
    source = file.telegram_file_id or StoredInput(file.file_id or 0, file.name or file.kind)
    match file.kind:
        case "photo":
            await bot.send_photo(chat_id, source, caption=caption, message_thread_id=thread_id)
        case "voice":
            await bot.send_voice(chat_id, source, caption=caption, message_thread_id=thread_id)
        case "video":
            await bot.send_video(chat_id, source, caption=caption, message_thread_id=thread_id)
        case _:
            await bot.send_document(chat_id, source, caption=caption, message_thread_id=thread_id)


def _chat(to: ContactPoint) -> int:
    return to.chat_id if to.chat_id is not None else int(to.address)


def _answering(reply: Reply) -> ReplyParameters | None:
    if reply.reply_to_ref is None:
        return None
    return ReplyParameters(message_id=reply.reply_to_ref, allow_sending_without_reply=True)
