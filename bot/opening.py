"""Opening the store and putting the desk together: what every command needs and nothing heavy."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.settings import Settings, read_settings
from crm_store.migrate import migrate
from crm_store.store import Store, StoreUnavailableError
from crm_store.vault import open_vault
from support.desk import Desk
from support.knowledge.live_faq import LiveFaq
from support.phones import region_of, set_home
from support.words.texts import Texts
from support.working_hours import WorkingHours

T = TypeVar("T")

log = structlog.get_logger()

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0
DRIVER_SECONDS = 0.2
"""After a failed connection aiosqlite's thread still reports to the loop, and complains where it is closed already."""


class NoSecretError(RuntimeError):
    """SECRET_KEY is missing."""

    def __init__(self) -> None:
        super().__init__(
            "SECRET_KEY is not set: it encrypts personal data and signs log-ins. Make one with\n"
            "  python -c 'import secrets; print(secrets.token_urlsafe(32))'\nand keep it in .env"
        )


@asynccontextmanager
async def open_store(settings: Settings, *, is_patient: bool = False) -> AsyncIterator[Store]:
    """A migrated store. Raises NoSecretError, and StoreUnavailableError unless it is patient enough to wait."""
    if settings.secret_key is None:
        raise NoSecretError
    open_vault(settings.secret_key.get_secret_value())
    set_home(region_of(settings.timezone, settings.default_language))
    store = Store(settings.database_url)
    try:
        await (in_time(lambda: migrate(store)) if is_patient else migrate(store))
        yield store
    except (StoreUnavailableError, SQLAlchemyError):
        await asyncio.sleep(DRIVER_SECONDS)
        raise
    finally:
        await store.close()


async def in_time(work: Callable[[], Awaitable[T]], stopping: asyncio.Event | None = None) -> T:
    """Work of a start that does no harm twice, as soon as the database is there: nobody should have to start us again.

    Raises StoreUnavailableError when asked to stop meanwhile.
    """
    stopping, pause = stopping or asyncio.Event(), FIRST_PAUSE_SECONDS
    while True:
        try:
            return await work()
        except StoreUnavailableError as error:
            log.error("database.awaited", problem=str(error), again_in_seconds=pause)
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), pause)
            if stopping.is_set():
                raise
        pause = min(LONGEST_PAUSE_SECONDS, pause * 2)


def with_store(work: Callable[[Settings, Store], Awaitable[T]]) -> T:
    """A command's work over a migrated store, from the settings to the end. Raises what open_store raises."""

    async def go() -> T:
        settings = read_settings()
        async with open_store(settings) as store:
            return await work(settings, store)

    return asyncio.run(go())


def build_desk(settings: Settings, store: Store) -> Desk:
    return Desk(
        store=store,
        texts=Texts.load(),
        faq=LiveFaq(_set_thresholds(settings)),
        hours=WorkingHours.parse(settings.working_hours, settings.timezone),
        shop=settings.shop_name,
        default_language=settings.default_language,
        chat_url=chat_url(settings),
    )


def chat_url(settings: Settings) -> str | None:
    """Where the web chat is for people elsewhere; None while nobody has said under which address."""
    return f"{settings.base_url}/chat" if settings.public_url else None


def _set_thresholds(settings: Settings) -> dict[str, float]:
    """Those that the admin has set; the others are learned."""
    thresholds = {"answer": settings.faq_answer, "suggest": settings.faq_suggest, "margin": settings.faq_margin}
    return {name: value for name, value in thresholds.items() if value is not None}
