"""Telegram's messages as the service understands them."""

from __future__ import annotations

from typing import Any

from aiogram.enums import ContentType
from aiogram.types import Message, User

from support.talk.inbound import Attachment, Inbound, Sender
from support.words.names import clean_name

SAID = frozenset(
    "text photo document voice video audio animation live_photo sticker video_note location venue contact poll "
    "dice game story checklist paid_media rich_message unknown".split()
)
"""Messages by which somebody says something; all others tell what happened in the chat, such as a pinned message."""


def sender_of(user: User) -> Sender:
    """The person behind a Telegram user; their private chat has their own id."""
    return Sender(
        channel="telegram",
        address=str(user.id),
        chat_id=user.id,
        name=clean_name(user.full_name),
        username=user.username,
        client_language=user.language_code,
    )


def inbound_of(message: Message, user: User) -> Inbound:
    """One message. What has neither text nor a file that we can use keeps its kind's name and nothing else."""
    file = attachment_of(message)
    text = message.text or message.caption or ""
    kind = file.kind if file else ("text" if message.text is not None else f"other:{kind_of(message)}")
    details: dict[str, Any] = {}
    if message.media_group_id:
        details["album"] = message.media_group_id
    if message.forward_origin:
        details["forwarded"] = True
    text, start = _without_start_word(text)
    phone = own_phone(message, user)
    kind = "contact" if phone else kind
    return Inbound(sender_of(user), text, kind, file, message.message_id, details=details, start=start, phone=phone)


def _without_start_word(text: str) -> tuple[str, str]:
    """`/start` and the word that its link carried: it may be a secret, and the ledger is read by many."""
    command, _, word = text.partition(" ")
    return (command, word.strip()) if command.split("@", 1)[0] == "/start" else (text, "")


def own_phone(message: Message, user: User) -> str | None:
    """The sender's own number in international form; None for a contact of somebody else, or one that was forwarded."""
    shared = message.contact
    if shared is None or shared.user_id != user.id or message.forward_origin or message.via_bot:
        return None
    digits = "".join(c for c in shared.phone_number if c.isascii() and c.isdecimal())
    return f"+{digits}" if digits else None


def kind_of(message: Message) -> str:
    """What Telegram calls the content: sticker, pinned_message…; unknown if it is newer than this program."""
    return ContentType(message.content_type).value


def attachment_of(message: Message) -> Attachment | None:
    """The photo (its largest size), document, voice message or video of a message."""
    if message.photo:
        largest = message.photo[-1]
        return Attachment("photo", None, "image/jpeg", largest.file_size, largest.file_id, largest.file_unique_id)
    for kind in ("document", "voice", "video"):
        if file := getattr(message, kind):
            name = getattr(file, "file_name", None)
            return Attachment(kind, name, file.mime_type, file.file_size, file.file_id, file.file_unique_id)
    return None
