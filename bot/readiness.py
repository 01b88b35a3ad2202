"""What keeps a process from being given work."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from crm_store.migrate import ForeignSchemaError, SchemaState, schema_state
from crm_store.repositories import inbox
from crm_store.store import Store, StoreUnavailableError

if TYPE_CHECKING:
    from bot.telegram import Telegram

log = structlog.get_logger()

READY_SECONDS = 3.0


async def problems(store: Store, bot: Telegram | None, stopping: asyncio.Event) -> list[str]:
    """That it stops, the database, its schema, Telegram: in plain words that a stranger may read."""
    if stopping.is_set():
        return ["the service is stopping"]
    try:
        async with asyncio.timeout(READY_SECONDS):
            await store.ping()
            if await schema_state(store) is SchemaState.BEHIND:  # ahead is well: a newer release starts beside us
                return ["the database schema is not current: touchdesk migrate"]
            async with store.read() as session:
                waiting, failed = await inbox.counts(session)
    except (StoreUnavailableError, ForeignSchemaError) as error:
        return [str(error)]
    except TimeoutError:
        return ["the database does not answer"]
    if failed:
        log.warning("inbox.set_aside", updates=failed, waiting=waiting)
    return bot.problems() if bot else []
