"""Chats, their topics and their messages, as Telegram remembers them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.telegram.errors import ApiError, bad_request, forbidden, migrated

Wire = dict[str, Any]
"""A JSON object as the Bot API sends it."""

CONTENT = (
    "text", "entities", "caption", "caption_entities", "photo", "document", "voice", "audio", "video", "animation",
    "sticker", "video_note", "location", "contact", "venue", "dice", "poll",
)  # fmt: skip
GENERAL_TOPIC = 1
REFUSALS: dict[str, Callable[[str], ApiError]] = {
    "never": lambda _: bad_request("chat not found"),
    "blocked": lambda _: forbidden("bot was blocked by the user"),
    "deactivated": lambda _: forbidden("user is deactivated"),
    "kicked": lambda kind: forbidden(f"bot was kicked from the {kind}"),
    "left": lambda kind: forbidden(f"bot is not a member of the {kind}"),
    "deleted": lambda _: forbidden("the group chat was deleted"),
}
"""What the bot hears from a chat where its standing is this, by the kind of chat."""


@dataclass(slots=True)
class Message:
    wire: Wire
    by_bot: bool
    keyboard: Wire | None = None
    """Any kind of reply_markup; the wire form carries only inline keyboards."""
    at: float = 0.0
    """Seconds on the clock of the world."""
    edits: list[str] = field(default_factory=list)
    """Earlier wordings, oldest first."""
    deleted: bool = False

    @property
    def id(self) -> int:
        return int(self.wire["message_id"])

    @property
    def words(self) -> str:
        return str(self.wire.get("text") or self.wire.get("caption") or "")

    @property
    def thread_id(self) -> int | None:
        thread: int | None = self.wire.get("message_thread_id")
        return thread

    @property
    def content(self) -> Wire:
        return {name: self.wire[name] for name in CONTENT if name in self.wire}


@dataclass(slots=True)
class Topic:
    thread_id: int
    name: str
    icon_color: int
    closed: bool = False
    deleted: bool = False


@dataclass(slots=True)
class Chat:
    """A private chat or a group. `status` is the bot's standing in it.

    Private: never (not started), member, blocked, deactivated. Group: administrator, member, muted, kicked, left,
    deleted.
    """

    wire: Wire
    status: str
    keep: int | None = None
    """How many of the newest messages to remember; None: all."""
    last_id: int = 0
    bot_messages: int = 0
    messages: dict[int, Message] = field(default_factory=dict)
    topics: dict[int, Topic] = field(default_factory=dict)
    members: dict[int, str] = field(default_factory=dict)
    pinned: list[int] = field(default_factory=list)
    migrated_to: int | None = None

    @property
    def id(self) -> int:
        return int(self.wire["id"])

    @property
    def is_group(self) -> bool:
        return bool(self.wire["type"] != "private")

    @property
    def is_forum(self) -> bool:
        return bool(self.wire.get("is_forum"))

    def next_id(self) -> int:
        self.last_id += 1
        return self.last_id

    def add(self, message: Message) -> None:
        self.messages[message.wire["message_id"]] = message
        self.bot_messages += message.by_bot
        if self.keep is not None and len(self.messages) > self.keep:
            del self.messages[next(iter(self.messages))]

    def find(self, message_id: int) -> Message | None:
        message = self.messages.get(message_id)
        return None if message is None or message.deleted else message

    def check_reachable(self) -> None:
        """Raises the ApiError that keeps the bot out of this chat, if there is one."""
        if self.migrated_to is not None:
            raise migrated(self.migrated_to)
        refuse = REFUSALS.get(self.status)
        if refuse is not None:
            raise refuse(f"{self.wire['type']} chat")

    def check_may_send(self) -> None:
        if self.status == "muted":
            raise bad_request("not enough rights to send text messages to the chat")

    def open_thread(self, thread_id: int) -> int | None:
        """The thread to post in. Raises ApiError 400 if there is none or it is closed; 0 is the General topic."""
        if not thread_id:
            return None
        topic = self.topics.get(thread_id)
        if topic is None or topic.deleted:
            raise bad_request("message thread not found")
        if topic.closed:
            raise bad_request("TOPIC_CLOSED")
        return thread_id
