"""What the bot has asked an admin for, kept with the admin between two messages."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from aiogram.types import Message
from pydantic import BaseModel, ConfigDict

from crm_store.models import Agent

PROMPT_LIFE = timedelta(minutes=15)
"""Words that come later were meant for somebody else."""

KEY = "faq"

Wanted = Literal["id", "questions", "answer", "category", "new_questions", "new_answer", "trial"]


class Place(BaseModel):
    """Where an admin writes: a chat, and a topic of it."""

    model_config = ConfigDict(frozen=True)

    chat_id: int
    thread_id: int | None = None

    @classmethod
    def of(cls, message: Message) -> Place:
        return cls(chat_id=message.chat.id, thread_id=message.message_thread_id if message.is_topic_message else None)


class Prompt(BaseModel):
    """The text that is awaited, where, since when, and what it is for.

    `questions` are those of a new entry; `seen` is the stamp of the text replaced (support.knowledge.drafts).
    """

    model_config = ConfigDict(frozen=True)

    wanted: Wanted
    place: Place
    asked_at: datetime
    entry_id: str = ""
    language: str = ""
    questions: str = ""
    seen: int | None = None

    @classmethod
    def awaited(cls, agent: Agent, place: Place, now: datetime) -> Prompt | None:
        """What a text sent in this place now would answer."""
        kept = (agent.dialog or {}).get(KEY)
        prompt = cls.model_validate(kept) if kept else None
        if prompt is None or prompt.place != place or now - prompt.asked_at > PROMPT_LIFE:
            return None
        return prompt

    def keep(self, agent: Agent) -> None:
        agent.dialog = {**(agent.dialog or {}), KEY: self.model_dump(mode="json")}


def forget(agent: Agent) -> None:
    """Nothing is awaited any more."""
    agent.dialog = {key: value for key, value in (agent.dialog or {}).items() if key != KEY} or None
