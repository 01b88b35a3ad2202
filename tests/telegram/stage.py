"""Where acts are performed, and how a chat is watched from outside."""

from __future__ import annotations

from typing import Any, Protocol

from tests.telegram.seen import Seen
from tests.telegram.waiting import until


class Stage(Protocol):
    """Where acts are performed: in this process or, over HTTP, in another."""

    def act(self, name: str, /, **args: Any) -> Any:
        """Raises AssertionError when it cannot be done on Telegram's side."""
        ...


def messages(stage: Stage, chat_id: int, **which: Any) -> list[Seen]:
    return [Seen(**shown) for shown in stage.act("messages", chat_id=chat_id, **which)]


async def heard_in(stage: Stage, chat_id: int, n: int, seconds: float, **which: Any) -> list[Seen]:
    """The first `n` messages of the bot in a chat, as soon as they are there."""

    def look() -> list[Seen] | None:
        heard = messages(stage, chat_id, bot_only=True, **which)
        return heard[:n] if len(heard) >= n else None

    def complaint() -> str:
        count = len(messages(stage, chat_id, bot_only=True, **which))
        dialogue = "\n".join(stage.act("transcript", chat_id=chat_id))
        return f"{n} messages were to come, {count} came; the dialogue:\n{dialogue}"

    return await until(look, seconds, complaint)
