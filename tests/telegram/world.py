"""Everything the fake Telegram knows: people, chats, files, waiting updates, button presses."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.telegram.calls import Call
from tests.telegram.chats import Chat, Message, Wire
from tests.telegram.errors import bad_request
from tests.telegram.faults import Faults
from tests.telegram.files import FileStore
from tests.telegram.limits import Limits, Meter
from tests.telegram.updates import UpdateQueue

CALLS_KEPT = 20_000


@dataclass(slots=True)
class Press:
    """A button that somebody pressed, and what the bot answered."""

    id: str
    person: int
    at: float
    answer: Wire | None = None


@dataclass(frozen=True, slots=True)
class Webhook:
    url: str
    secret: str
    max_connections: int


@dataclass
class World:
    """The memory behind one bot token. `clock` gives seconds since the epoch."""

    token: str
    clock: Callable[[], float]
    username: str = "touchdesk_bot"
    keep: int | None = None
    limits: Limits | None = None
    first_update_id: int = 700_000_001
    press_life_seconds: float = 15.0
    chats: dict[int, Chat] = field(default_factory=dict)
    users: dict[int, Wire] = field(default_factory=dict)
    files: FileStore = field(default_factory=FileStore)
    faults: Faults = field(default_factory=Faults)
    presses: dict[str, Press] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    """What setMyCommands and its kin were last told, by method."""
    calls: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    history: deque[Wire] = field(default_factory=lambda: deque(maxlen=CALLS_KEPT))
    """The latest calls with parameters and outcome; stays empty when `keep` is set."""
    webhook: Webhook | None = None
    webhook_error: tuple[int, str] | None = None
    under_way: Counter[str] = field(default_factory=Counter)
    """Calls in progress by method, waiting polls aside."""
    last_call_at: float = 0.0
    """When the latest call came or ended, empty polls aside; monotonic seconds."""

    def __post_init__(self) -> None:
        bot_id = int(self.token.partition(":")[0])
        self.bot: Wire = {"id": bot_id, "is_bot": True, "first_name": "Touchdesk", "username": self.username}
        self.queue = UpdateQueue(self.first_update_id)
        self.meter = Meter(self.limits) if self.limits else None

    @contextmanager
    def counting(self, method: str) -> Iterator[None]:
        """As long as the block runs, a call is under way."""
        self.under_way[method] += 1
        self.last_call_at = time.monotonic()
        try:
            yield
        finally:
            self.under_way[method] -= 1
            self.last_call_at = time.monotonic()

    def reachable(self, call: Call, name: str = "chat_id") -> Chat:
        """The chat a call is about. Raises ApiError 400 or 403 if the bot cannot reach it."""
        chat = self.chats.get(call.integer(name))
        if chat is None:
            raise bad_request("chat not found")
        chat.check_reachable()
        return chat

    def post(
        self,
        chat: Chat,
        sender: Wire,
        body: Wire,
        *,
        thread_id: int | None = None,
        reply_to: Message | None = None,
        keyboard: Wire | None = None,
    ) -> Message:
        """Writes a message into a chat; nobody is told of it."""
        now = self.clock()
        wire = {"message_id": chat.next_id(), "from": sender, "chat": chat.wire, "date": int(now), **body}
        if thread_id is not None:
            wire["message_thread_id"] = thread_id
            wire["is_topic_message"] = True
            reply_to = reply_to or chat.find(thread_id)  # in a topic every message answers the topic's first
        if reply_to is not None:
            wire["reply_to_message"] = {k: v for k, v in reply_to.wire.items() if k != "reply_to_message"}
        if keyboard is not None and "inline_keyboard" in keyboard:
            wire["reply_markup"] = keyboard
        message = Message(wire, by_bot=sender is self.bot, keyboard=keyboard, at=now)
        chat.add(message)
        if message.by_bot:
            self.queue.stopwatch.answered(chat.id)
        return message
