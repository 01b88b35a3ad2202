"""What customers agreed to is a history: the newest word of a purpose counts, and nothing of it is ever changed."""

from __future__ import annotations

import pytest
from sqlalchemy import Delete, Update, delete, update
from sqlalchemy.exc import DBAPIError

from crm_store.models import Consent
from crm_store.store import Store
from crm_store.unit import Unit
from support.customers import consents
from support.customers.consents import MARKETING, MEMORY
from support.customers.merging import merge
from tests.support.shop import Shop, open_shop


@pytest.fixture
async def shop(store: Store) -> Shop:
    return await open_shop(store)


async def met(shop: Shop, address: str = "nia") -> int:
    async def work(unit: Unit) -> int:
        return (await shop.met(unit, address)).customer.id

    return await shop.run(work)


async def note(shop: Shop, customer: int, purpose: str, source: consents.Source, *, given: bool) -> None:
    async def work(unit: Unit) -> None:
        consents.note(unit, customer, purpose, source, given=given)

    await shop.run(work)
    shop.pass_time(minutes=1)


async def test_the_newest_word_counts_and_all_are_kept(shop: Shop) -> None:
    nia = await met(shop)
    await note(shop, nia, MARKETING, "chat", given=True)
    await note(shop, nia, MEMORY, "import", given=True)
    await note(shop, nia, MARKETING, "agent", given=False)
    async with shop.store.read() as session:
        assert await consents.current(session, nia) == {MARKETING: False, MEMORY: True}
        found = await consents.history(session, nia)
        assert [(row.purpose, row.given, row.source) for row in found] == [
            (MARKETING, False, "agent"),
            (MEMORY, True, "import"),
            (MARKETING, True, "chat"),
        ]
        assert len(await consents.history(session, nia, limit=2)) == 2


async def test_nobody_agreed_who_was_never_asked(shop: Shop) -> None:
    nia = await met(shop)
    async with shop.store.read() as session:
        assert await consents.current(session, nia) == {}
        assert list(await consents.history(session, nia)) == []


async def test_of_records_that_became_one_the_newest_word_counts(shop: Shop) -> None:
    kept, gone = await met(shop), await met(shop, "nia too")
    await note(shop, kept, MARKETING, "chat", given=True)
    await note(shop, gone, MARKETING, "chat", given=False)
    await shop.run(lambda unit: merge(unit, kept, gone, None))
    async with shop.store.read() as session:
        assert await consents.current(session, kept) == {MARKETING: False}


@pytest.mark.parametrize("statement", [update(Consent).values(given=True), delete(Consent)])
async def test_the_database_lets_nobody_change_one(shop: Shop, statement: Update | Delete) -> None:
    await note(shop, await met(shop), MARKETING, "chat", given=False)
    with pytest.raises(DBAPIError, match="append-only"):
        async with shop.store.write() as connection:
            await connection.execute(statement)
