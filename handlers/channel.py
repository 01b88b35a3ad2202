"""Telegram as a channel: a reply becomes calls to a private chat, queued with the unit."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from crm_store.models import ContactPoint, Touchpoint
from crm_store.repositories.lanes import Lane
from crm_store.unit import Unit
from handlers.recording import enqueue, recording
from handlers.rendering import LONGEST_CAPTION, keyboard, parts
from support.talk.inbound import Attachment
from support.talk.reply import Reply

BOT_WORDS_WANTED_FOR = timedelta(hours=24)
"""How long an answer or a notice of the bot's is worth sending: for as long as Telegram itself keeps what it could not
deliver to a bot. Later the customer has asked again, or somebody else. An agent's words are theirs to take back."""

_METHODS = {"photo": "sendPhoto", "voice": "sendVoice", "video": "sendVideo"}


class TelegramChannel:
    """Carries replies to private chats. An agent's words are never repeated by themselves after an uncertain send."""

    def __init__(self, bot_id: int) -> None:
        self._bot_id = bot_id

    async def send(self, unit: Unit, to: ContactPoint, touchpoint: Touchpoint, reply: Reply) -> None:
        with recording(unit, touchpoint_id=touchpoint.id, **_manner(touchpoint)):
            if reply.attachment:
                self._send_file(to, reply, reply.attachment)
            else:
                self._send_text(to, touchpoint, reply)

    def _send_text(self, to: ContactPoint, touchpoint: Touchpoint, reply: Reply) -> None:
        pieces = parts(reply)
        for i, (text, entities) in enumerate(pieces):
            payload: dict[str, Any] = {"chat_id": _chat(to), "text": text}
            if entities:
                payload["entities"] = entities
            if reply.reply_to_ref:
                payload["reply_parameters"] = {
                    "message_id": reply.reply_to_ref,
                    "allow_sending_without_reply": True,
                }
            if i == len(pieces) - 1 and (markup := keyboard(touchpoint, reply)):
                payload["reply_markup"] = markup
            enqueue(self._bot_id, "sendMessage", payload)

    def _send_file(self, to: ContactPoint, reply: Reply, file: Attachment) -> None:
        texts = parts(reply, LONGEST_CAPTION)
        send_file(self._bot_id, _chat(to), file, texts[0][0] if texts else None)
        for text, _ in texts[1:]:
            enqueue(self._bot_id, "sendMessage", {"chat_id": _chat(to), "text": text})


def send_file(bot_id: int, chat_id: int, file: Attachment, caption: str | None, thread_id: int | None = None) -> None:
    """A photo, voice message, video or document, by Telegram's own id where it has one, else from our files."""
    field = file.kind if file.kind in _METHODS else "document"
    payload: dict[str, Any] = {"chat_id": chat_id}
    if caption:
        payload["caption"] = caption
    if thread_id is not None:
        payload["message_thread_id"] = thread_id
    method = _METHODS.get(file.kind, "sendDocument")
    if file.telegram_file_id:
        enqueue(bot_id, method, payload | {field: file.telegram_file_id})
    elif file.file_id:
        enqueue(bot_id, method, payload, file=(field, file.file_id))


def _manner(said: Touchpoint) -> dict[str, Any]:
    """Fields of Recording. What is about nothing that the customer has just said or pressed is a notice."""
    if said.author == "agent":
        return {"lane": Lane.AGENT, "repeat": "never"}
    return {"lane": Lane.ANSWER if said.about_id else Lane.NOTICE, "wanted_for": BOT_WORDS_WANTED_FOR}


def _chat(to: ContactPoint) -> int:
    return to.chat_id if to.chat_id is not None else int(to.address)
