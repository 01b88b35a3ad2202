"""A group, perhaps a forum with topics."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.telegram.seen import Seen
from tests.telegram.stage import Stage, heard_in, messages
from tests.telegram.waiting import until

if TYPE_CHECKING:
    from tests.telegram.people import Person


@dataclass(frozen=True)
class TopicSeen:
    thread_id: int
    name: str
    closed: bool
    deleted: bool
    messages: list[Seen]
    """Of all who wrote in it, oldest first, service messages left out."""


@dataclass
class Group:
    stage: Stage
    id: int
    title: str
    _heard: dict[int | None, int] = field(default_factory=dict)
    _topics_met: int = 0

    @property
    def topics(self) -> list[TopicSeen]:
        """In the order in which they were opened, deleted ones too."""
        return [self._topic(found) for found in self.stage.act("topics", chat_id=self.id)]

    def _topic(self, found: dict[str, Any]) -> TopicSeen:
        return TopicSeen(**found, messages=self.messages(found["thread_id"]))

    async def new_topic(self, timeout: float = 15.0) -> TopicSeen:  # noqa: ASYNC109 - names the test's patience
        """The next topic that was not asked for yet. Raises AssertionError in vain."""

        def look() -> dict[str, Any] | None:
            found: list[dict[str, Any]] = self.stage.act("topics", chat_id=self.id)
            return found[self._topics_met] if len(found) > self._topics_met else None

        found = await until(look, timeout, lambda: f"no further topic in {self.title}")
        self._topics_met += 1
        return self._topic(found)

    def messages(self, topic: int | None = None) -> list[Seen]:
        """Of everybody; `topic` 0 is the General one, None means all."""
        return messages(self.stage, self.id, topic=topic)

    async def hears(self, n: int = 1, topic: int | None = None, timeout: float = 15.0) -> list[Seen]:  # noqa: ASYNC109
        """The next `n` messages of the bot, in one topic or anywhere; what was heard is counted per topic asked."""
        heard = await heard_in(self.stage, self.id, n, timeout, after=self._heard.get(topic, 0), topic=topic)
        self._heard[topic] = heard[-1].id
        return heard

    def add(self, person: Person, status: str = "administrator") -> None:
        self.stage.act("member", chat_id=self.id, user_id=person.id, status=status)

    def open_topic(self, by: Person, name: str) -> int:
        return int(self.stage.act("open_topic", chat_id=self.id, sender=by.id, name=name))

    def close_topic(self, topic: int, by: Person | None = None) -> None:
        self._handle("close_topic", topic, by)

    def reopen_topic(self, topic: int, by: Person | None = None) -> None:
        self._handle("reopen_topic", topic, by)

    def rename_topic(self, topic: int, name: str, by: Person | None = None) -> None:
        self._handle("rename_topic", topic, by, name=name)

    def _handle(self, deed: str, topic: int, by: Person | None, **how: Any) -> None:
        self.stage.act(deed, chat_id=self.id, topic=topic, sender=by.id if by else None, **how)

    def delete_topic(self, topic: int) -> None:
        """Bots are not told."""
        self.stage.act("delete_topic", chat_id=self.id, topic=topic)

    def delete(self, message_id: int) -> None:
        """Bots are not told."""
        self.stage.act("erase", chat_id=self.id, message_id=message_id)

    def migrate(self, new_id: int, keep_topics: bool = True) -> None:
        """The group gets a new id, and this handle with it."""
        self.stage.act("migrate", chat_id=self.id, new_id=new_id, keep_topics=keep_topics)
        self.id = new_id

    def kick_bot(self, by: Person) -> None:
        self._stand("kicked", by)

    def mute_bot(self, by: Person) -> None:
        """The bot stays but may not write."""
        self._stand("muted", by)

    def demote_bot(self, by: Person) -> None:
        """The bot may not handle topics and hears only commands and replies to itself."""
        self._stand("member", by)

    def promote_bot(self, by: Person) -> None:
        self._stand("administrator", by)

    def _stand(self, status: str, by: Person) -> None:
        self.stage.act("standing", chat_id=self.id, status=status, by=by.id)
