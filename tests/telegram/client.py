"""What a test can do with the fake Telegram, wherever it runs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from tests.telegram.faults import Kind
from tests.telegram.group import Group
from tests.telegram.people import Person
from tests.telegram.waiting import until

TOKEN = "42:TEST"


class Telegram(ABC):
    """`url` is what TELEGRAM_API_BASE wants, without a slash at its end."""

    url: str
    token: str

    @abstractmethod
    def act(self, name: str, /, **args: Any) -> Any:
        """One act of `tests.telegram.acts`. Raises AssertionError when it cannot be done."""

    def user(
        self, user_id: int, first_name: str, *, last_name: str | None = None, username: str | None = None,
        language_code: str | None = None,
    ) -> Person:  # fmt: skip
        """A person who has not met the bot yet; the first word to it is what makes them reachable."""
        profile = {"first_name": first_name, "last_name": last_name, "username": username}
        self.act("user", user_id=user_id, language_code=language_code, **profile)
        return Person(self, user_id, first_name)

    def group(self, chat_id: int, title: str, *, forum: bool = False) -> Group:
        """A group where the bot is an administrator."""
        self.act("group", chat_id=chat_id, title=title, forum=forum)
        return Group(self, chat_id, title)

    def fault(self, kind: Kind | str, method: str = "*", **how: Any) -> None:
        """Sets a fault: `times`, `every`, `skip`, `where`, `seconds`… as in `tests.telegram.faults.Fault`."""
        self.act("fault", kind=str(kind), method=method, **how)

    def heal(self) -> None:
        self.act("heal")

    def push(self, updates: Sequence[dict[str, Any]]) -> list[int | None]:
        """Raw updates; one with an `update_id` keeps it. Returns their ids, None for kinds that are not wanted."""
        return list(self.act("push", updates=list(updates)))

    def flood(self, chats: int, per_chat: int, texts: Sequence[str], **who: Any) -> int:
        """Messages from many new people at once; `who`: first_user, language. Returns how many."""
        return int(self.act("flood", chats=chats, per_chat=per_chat, texts=list(texts), **who))

    def transcript(self, chat: Person | Group | int, topic: int | None = None) -> list[str]:
        """Lines "C: …", "T: … [A] [B]"; in groups people by name."""
        chat_id = chat if isinstance(chat, int) else chat.id
        return list(self.act("transcript", chat_id=chat_id, topic=topic))

    def calls(self, method: str | None = None) -> list[dict[str, Any]]:
        """The bot's calls so far: method, params, error."""
        return list(self.act("calls", method=method))

    def counters(self) -> dict[str, Any]:
        """calls, refusals, violations, faults, faults_by_kind, sent, sent_by_chat, pending, confirmed."""
        return dict(self.act("counters"))

    def in_flight(self) -> dict[str, int]:
        """How many calls have come and have no answer at this moment, by method in lower case."""
        return dict(self.act("in_flight"))

    def latencies(self) -> list[float]:
        """Seconds from a message's handing out to the bot until its answer, one of each since this was last asked.

        In each chat the bot's next message answers the oldest open one.
        """
        return list(self.act("latencies"))

    def expire_presses(self) -> None:
        self.act("expire_presses")

    def restart_update_ids(self, next_id: int) -> None:
        self.act("restart_update_ids", next_id=next_id)

    async def sent(self, n: int, timeout: float = 60.0) -> None:  # noqa: ASYNC109 - names the test's patience
        """Waits until the bot has sent `n` messages in all. Raises AssertionError in vain."""

        def look() -> bool | None:
            return self.counters()["sent"] >= n or None

        await until(look, timeout, lambda: f"{n} messages were to be sent: {self.counters()}")

    async def quiet(self, idle: float = 0.05, timeout: float = 30.0) -> None:  # noqa: ASYNC109
        """Waits until the bot has confirmed every update and called nothing for `idle` seconds."""

        def look() -> bool | None:
            now = self.act("activity")
            return (not now["pending"] and not now["busy"] and now["idle_seconds"] >= idle) or None

        await until(look, timeout, lambda: f"the bot is not at rest: {self.act('activity')}")
