"""What a test looks at: messages, topics, the dialogue, figures."""

from __future__ import annotations

import time
from typing import Any

from tests.telegram.acts.registry import act
from tests.telegram.chats import Message, Wire
from tests.telegram.files import SHAPES
from tests.telegram.world import World


@act
def messages(
    world: World, chat_id: int, after: int = 0, topic: int | None = None, bot_only: bool = False
) -> list[Wire]:
    """Messages with an id above `after`, oldest first; `topic` 0 is the General one. Service messages are left out."""
    found = []
    for message in world.chats[chat_id].messages.values():
        if message.id <= after or not message.content or (bot_only and not message.by_bot):
            continue
        if topic is None or (message.thread_id or 0) == topic:
            found.append(_shown(message))
    return found


def _shown(message: Message) -> Wire:
    return {
        "wire": message.wire,
        "by_bot": message.by_bot,
        "keyboard": message.keyboard,
        "at": message.at,
        "edits": list(message.edits),
        "deleted": message.deleted,
    }


@act
def topics(world: World, chat_id: int) -> list[Wire]:
    return [
        {"thread_id": topic.thread_id, "name": topic.name, "closed": topic.closed, "deleted": topic.deleted}
        for topic in world.chats[chat_id].topics.values()
    ]


@act
def pinned(world: World, chat_id: int) -> list[int]:
    return list(world.chats[chat_id].pinned)


@act
def answers(world: World, user_id: int) -> list[Wire]:
    """What the bot answered to a person's presses, oldest first; unanswered ones are left out."""
    return [press.answer for press in world.presses.values() if press.person == user_id and press.answer is not None]


@act
def transcript(world: World, chat_id: int, topic: int | None = None) -> list[str]:
    """The dialogue to read: "C: …" the customer, "T: … [A] [B]" the bot, in groups people by their names."""
    chat = world.chats[chat_id]
    seen = [message for message in chat.messages.values() if message.content]
    if topic is not None:
        seen = [message for message in seen if (message.thread_id or 0) == topic]
    return [_line(message, chat.is_group) for message in seen]


def _line(message: Message, in_group: bool) -> str:
    speaker = "T" if message.by_bot else message.wire["from"]["first_name"] if in_group else "C"
    media = [f"<{kind}>" for kind in (*SHAPES, "location", "contact", "dice", "poll") if kind in message.wire]
    rows = [row for name in ("inline_keyboard", "keyboard") for row in (message.keyboard or {}).get(name, ())]
    labels = [f"[{button['text'] if isinstance(button, dict) else button}]" for row in rows for button in row]
    marks = ["(edited)"] * bool(message.edits) + ["(deleted)"] * message.deleted
    words = [message.words] if message.words else []
    return f"{speaker}: {' '.join([*media, *words, *labels, *marks])}"


@act
def calls(world: World, method: str | None = None) -> list[Wire]:
    """The bot's calls but getUpdates: method in lower case, params, error or None. Empty in a compact world."""
    return [call for call in world.history if method is None or call["method"] == method.lower()]


@act
def settings(world: World, method: str) -> Any:
    """What the bot last told by setMyCommands and the like, or None."""
    return world.settings.get(method)


@act
def counters(world: World) -> Wire:
    return {
        "calls": dict(world.calls),
        "refusals": dict(world.refusals),
        "violations": dict(world.meter.violations) if world.meter else {},
        "faults": world.faults.struck,
        "faults_by_kind": world.faults.struck_by_kind,
        "sent": sum(chat.bot_messages for chat in world.chats.values()),
        "sent_by_chat": {str(chat.id): chat.bot_messages for chat in world.chats.values() if chat.bot_messages},
        "pending": len(world.queue),
        "confirmed": world.queue.confirmed,
    }


@act
def in_flight(world: World) -> Wire:
    """Calls that came and have no answer yet, by method."""
    return dict(+world.under_way)


@act
def latencies(world: World) -> list[float]:
    """Seconds from an update's handing out to the answer in its chat, since this was last asked."""
    return world.queue.stopwatch.read()


@act
def activity(world: World) -> Wire:
    """Updates not confirmed, calls in progress, and the seconds since the last call or confirmation."""
    idle = time.monotonic() - max(world.last_call_at, world.queue.confirmed_at)
    return {"pending": len(world.queue), "busy": world.under_way.total(), "idle_seconds": idle}
