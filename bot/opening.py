"""Opening the store and putting the desk together: what every command needs and nothing heavy."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.settings import Settings
from crm_store.migrate import migrate
from crm_store.store import Store
from crm_store.vault import open_vault
from support.desk import Desk
from support.live_faq import LiveFaq
from support.texts import Texts
from support.working_hours import WorkingHours


class NoSecretError(RuntimeError):
    """SECRET_KEY is missing."""

    def __init__(self) -> None:
        super().__init__(
            "SECRET_KEY is not set: it encrypts personal data and signs log-ins. Make one with\n"
            "  python -c 'import secrets; print(secrets.token_urlsafe(32))'\nand keep it in .env"
        )


@asynccontextmanager
async def open_store(settings: Settings) -> AsyncIterator[Store]:
    """A migrated store. Raises NoSecretError and StoreUnavailableError."""
    if settings.secret_key is None:
        raise NoSecretError
    open_vault(settings.secret_key.get_secret_value())
    store = Store(settings.database_url)
    try:
        await migrate(store)
        yield store
    finally:
        await store.close()


def build_desk(settings: Settings, store: Store) -> Desk:
    return Desk(
        store=store,
        texts=Texts.load(),
        faq=LiveFaq(),
        hours=WorkingHours.parse(settings.working_hours, settings.timezone),
        shop=settings.shop_name,
        default_language=settings.default_language,
    )
