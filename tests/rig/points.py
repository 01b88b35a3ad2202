"""The points at which a process is ended, from an update's coming to its answer's last mark.

Each is a patch of something that the parts have in common with the database or with Telegram, so that it holds however
they are built inside.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any
from weakref import WeakSet

import asyncpg
import pytest
from sqlalchemy import Connection, Engine, event

from crm_store.repositories import inbox, outbox
from crm_store.signals import Signals
from crm_store.store import Store
from crm_store.unit import Unit
from handlers.consequences import Consequences
from handlers.dispatch import Dispatch
from tests.rig.traps import Traps
from workers.api import BotApi

POINTS = (
    "intake_before_insert",
    "intake_after_commit",
    "after_claim",
    "in_handler",
    "before_commit",
    "after_commit",
    "after_mark",
    "in_post",
    "after_answer",
    "in_settle_commit",
    "in_continuation",
    "in_take_over",
)
AMID_COMMIT = "amid_commit"
"""One more on PostgreSQL: locks are held, and the server waits for the rest of a statement. A process that is gone is
noticed there as anywhere; one that only sleeps is not idle to the server, so that no limit of idleness ends it."""
UNRECORDED = frozenset({"getUpdates", "getMe", "getFile", "setWebhook", "deleteWebhook", "getWebhookInfo"})
FLEETING = frozenset({"answerCallbackQuery", "sendChatAction"})
IN_POST_SECONDS = 0.05
"""A call that takes longer is in Telegram's hands; the fake is told to be slow for it."""

_next_commit: ContextVar[tuple[str, Engine] | None] = ContextVar("next_commit", default=None)

Wrap = Callable[..., Any]


def set_traps(patch: pytest.MonkeyPatch, traps: Traps) -> None:
    """Every point of this process is counted from now on."""
    _intake(patch, traps)
    _processing(patch, traps)
    _calls(patch, traps)
    _settling(patch, traps)
    _commits(traps)
    _statements(patch, traps)


def _intake(patch: pytest.MonkeyPatch, traps: Traps) -> None:
    accept, send = inbox.accept, Signals.send
    kept: ContextVar[bool] = ContextVar("kept", default=False)

    async def accept_counted(*args: Any, **kwargs: Any) -> Any:
        traps.passed("intake_before_insert")
        kept.set(True)
        return await accept(*args, **kwargs)

    def send_counted(self: Signals, topics: Any) -> None:
        topics = list(topics)
        if kept.get() and "inbox" in topics:  # told when they are on the disk, before Telegram hears of it
            kept.set(False)
            traps.passed("intake_after_commit")
        send(self, topics)

    patch.setattr(inbox, "accept", accept_counted)
    patch.setattr(Signals, "send", send_counted)


def _processing(patch: pytest.MonkeyPatch, traps: Traps) -> None:
    prepare, dispatch, finish, commit = Dispatch.prepare, Dispatch.__call__, inbox.finish, Store.commit
    of_updates: WeakSet[Unit] = WeakSet()

    async def prepare_counted(*args: Any, **kwargs: Any) -> None:
        traps.passed("after_claim")
        await prepare(*args, **kwargs)

    async def dispatch_counted(*args: Any, **kwargs: Any) -> None:
        await dispatch(*args, **kwargs)
        traps.passed("in_handler")

    async def finish_counted(unit: Unit, *args: Any, **kwargs: Any) -> Any:
        of_updates.add(unit)
        return await finish(unit, *args, **kwargs)

    async def commit_counted(self: Store, unit: Unit) -> None:
        if unit not in of_updates:
            return await commit(self, unit)
        _next_commit.set(("before_commit", self.writer.sync_engine))
        await commit(self, unit)
        traps.passed("after_commit")
        return None

    patch.setattr(Dispatch, "prepare", prepare_counted)
    patch.setattr(Dispatch, "__call__", dispatch_counted)
    patch.setattr(inbox, "finish", finish_counted)
    patch.setattr(Store, "commit", commit_counted)


def _calls(patch: pytest.MonkeyPatch, traps: Traps) -> None:
    call = BotApi.call

    async def call_counted(self: BotApi, method: str, payload: Mapping[str, Any], *args: Any, **kwargs: Any) -> Any:
        if method in UNRECORDED | FLEETING:
            return await call(self, method, payload, *args, **kwargs)
        traps.passed("after_mark")
        posting = asyncio.ensure_future(call(self, method, payload, *args, **kwargs))
        try:
            if not (await asyncio.wait([posting], timeout=IN_POST_SECONDS))[0]:
                traps.passed("in_post")
            answer = await posting
        finally:
            posting.cancel()
        traps.passed("after_answer")
        return answer

    patch.setattr(BotApi, "call", call_counted)


def _settling(patch: pytest.MonkeyPatch, traps: Traps) -> None:
    settle, left_behind, consequence = outbox.settle, outbox.left_behind, Consequences.__call__

    async def settle_counted(connection: Any, *args: Any, **kwargs: Any) -> Any:
        _next_commit.set(("in_settle_commit", connection.engine.sync_engine))
        return await settle(connection, *args, **kwargs)

    async def left_behind_counted(*args: Any, **kwargs: Any) -> Any:
        left = await left_behind(*args, **kwargs)
        if left:
            traps.passed("in_take_over")
        return left

    async def consequence_counted(self: Consequences, unit: Unit, row: Any, outcome: Any) -> None:
        await consequence(self, unit, row, outcome)
        if row.continuation and row.state == "sent":
            traps.passed("in_continuation")

    patch.setattr(outbox, "settle", settle_counted)
    patch.setattr(outbox, "left_behind", left_behind_counted)
    patch.setattr(Consequences, "__call__", consequence_counted)


def _commits(traps: Traps) -> None:
    """Everything is with the database but the word COMMIT."""

    @event.listens_for(Engine, "commit")
    def at_commit(connection: Connection) -> None:
        awaited = _next_commit.get()
        if awaited and connection.engine is awaited[1]:
            _next_commit.set(None)
            traps.passed(awaited[0])


def _statements(patch: pytest.MonkeyPatch, traps: Traps) -> None:
    prepare = asyncpg.Connection.prepare

    async def prepare_counted(*args: Any, **kwargs: Any) -> Any:
        statement = await prepare(*args, **kwargs)
        if _next_commit.get():
            traps.passed(AMID_COMMIT)
        return statement

    patch.setattr(asyncpg.Connection, "prepare", prepare_counted)
