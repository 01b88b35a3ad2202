"""A program may send a request twice, not knowing whether the first arrived: it takes effect once.

The answer is kept in the same transaction as the effect, under the caller and the Idempotency-Key. So a repetition is
told the same, and of two at once the slower one is taken back whole. What took no effect is not kept: it may be sent
again when its fault is mended elsewhere.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from crm_store.repositories import idempotency
from crm_store.store import CONFLICT_TRIES, CONFLICTS, Store

KEPT = timedelta(hours=24)


class OtherBodyError(ValueError):
    """The Idempotency-Key stands for another request already."""

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used for another request; take a new key for a new request")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a program is told: an HTTP status and a JSON object."""

    status: int
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, under which key, and the hash of all that they ask."""

    caller_id: int
    key: str
    body_hash: str


Keep = Callable[[AsyncConnection, Answer], Awaitable[None]]
"""Keeps the answer; to be called in the transaction of the effect."""


async def once(store: Store, asked: Asked | None, work: Callable[[Keep], Awaitable[Answer]]) -> tuple[Answer, bool]:
    """The answer of `work`, or of its first time under this key, and whether it is a repetition.

    Without an Idempotency-Key (None) it just runs. It runs again when somebody else was faster: with this very request,
    or with the same rows. Raises OtherBodyError.
    """

    async def keep(connection: AsyncConnection, answer: Answer) -> None:
        if asked:
            await _keep(connection, asked, answer, store.clock())

    for _ in range(CONFLICT_TRIES - 1):
        if answer := await _earlier(store, asked):
            return answer, True
        try:
            return await work(keep), False
        except CONFLICTS:
            continue
    return await work(keep), False


async def _earlier(store: Store, asked: Asked | None) -> Answer | None:
    if asked is None:
        return None
    async with store.read() as session:
        known = await idempotency.find(session, asked.caller_id, asked.key)
    if known is None:
        return None
    if known.body_hash != asked.body_hash:
        raise OtherBodyError
    return Answer(known.status, known.response)


async def _keep(connection: AsyncConnection, asked: Asked, answer: Answer, now: datetime) -> None:
    await idempotency.keep(
        connection,
        api_key_id=asked.caller_id,
        key=asked.key,
        body_hash=asked.body_hash,
        status=answer.status,
        response=answer.body,
        at=now,
    )
