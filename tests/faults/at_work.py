"""Scenes that tests of Telegram's errors begin with."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence

import pytest

from crm_store.models import OutboxRow
from tests.dialogues.conftest import Shop
from tests.telegram.faults import Kind
from tests.telegram.people import Person

QUESTION = "how offen do i descale"
ANSWER = "Every two to three months"


async def at_work(shop: Shop, customer: Person, agent: Person) -> int:
    """The agent has taken the customer up, and all of it was said; returns the topic."""
    topic = await shop.handed_over(customer)
    agent.say_in(shop.group, topic, "/claim")
    await customer.hears(1)
    await shop.settled()
    return topic


def lines(shop: Shop, topic: int) -> list[str]:
    """What stands in a topic (0: General), line by line: words that waited for long share a message."""
    return "\n".join(message.text for message in shop.group.messages(topic)).splitlines()


def refuse(shop: Shop, code: int, words: str, method: str = "sendMessage", times: int | None = 1, **where: int) -> None:
    """Telegram refuses the next calls of this kind, without an effect."""
    shop.tg.fault(Kind.REFUSE, method, code=code, description=words, times=times, where=where)


async def outbox_when(
    shop: Shop, customer: Person, fit: Callable[[Sequence[OutboxRow]], object], seconds: float = 10
) -> list[OutboxRow]:
    """The calls to a customer, once there are some and they are like that."""
    async with asyncio.timeout(seconds):
        while True:
            rows = await shop.outbox(customer)
            if rows and fit(rows):
                return rows
            await asyncio.sleep(0.01)


def states(rows: Iterable[OutboxRow]) -> set[str]:
    return {row.state for row in rows}


def soon(patch: pytest.MonkeyPatch, **seconds: float) -> None:
    """Shortens what a test would have to wait for: first_backoff, repeat, park, revoked or call seconds."""
    for name, value in seconds.items():
        for place in _PLACES[name]:
            patch.setattr(place, value)


_PLACES: dict[str, Iterable[str]] = {
    "first_backoff": ["workers.outcomes.FIRST_BACKOFF_SECONDS"],
    "repeat": ["workers.outcomes.REPEAT_SECONDS"],
    "park": ["workers.outcomes.PARK_SECONDS"],
    "revoked": ["workers.outcomes.REVOKED_SECONDS"],
    "call": ["workers.calling.CALL_SECONDS"],
}
