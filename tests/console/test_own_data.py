"""A visitor's copy is theirs alone; whoever was erased goes on in the same page as somebody new."""

from __future__ import annotations

from functools import partial
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import httpx
import pytest
from fastapi import FastAPI

from console.chat_events import NewWords
from console.web import Web
from crm_store.repositories import people
from crm_store.unit import Unit
from support.customers.erasing import erase
from support.customers.own_data import OwnData
from support.desk import Desk
from support.files import FileStore
from tests.console.conftest import address_of
from tests.console.shop import browser, contact_id, write
from tests.console.test_chat import offered, page, press


@pytest.fixture
def files(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")


async def customer_of(desk: Desk, address: str) -> int:
    async def find(unit: Unit) -> int:
        person = await people.by_address(unit, "web", address)
        assert person
        return person.customer.id

    return await desk.store.run(find)


async def test_the_copy_is_for_nobody_else(
    desk: Desk, app: FastAPI, visitor: httpx.AsyncClient, files: FileStore
) -> None:
    await write(visitor, "my secret is canary")
    await write(visitor, "/mydata")
    (touchpoint, index, label), *_ = offered(await page(visitor))
    assert label == "Send me a copy"
    assert (await press(visitor, touchpoint, index)).json() == {"notice": None}
    address = address_of(visitor)
    contact, customer = await contact_id(desk, address), await customer_of(desk, address)
    await desk.store.run(partial(OwnData(desk, files).copy, payload={"contact": str(contact)}))
    link = (await page(visitor)).rsplit('href="/files/', 1)[1].split('"', 1)[0]
    copy = await visitor.get(f"/files/{link}")
    assert copy.headers["content-disposition"].startswith("attachment")
    assert "canary" in ZipFile(BytesIO(copy.content)).read("data.json").decode()
    async with browser(app) as thief:
        await write(thief, "hello")
        assert (await thief.get(f"/files/{link}")).status_code == 404
    await erase(desk, files, customer)
    assert (await visitor.get(f"/files/{link}")).status_code == 404


async def test_the_page_goes_on_with_somebody_new(
    desk: Desk, app: FastAPI, visitor: httpx.AsyncClient, files: FileStore
) -> None:
    web: Web = app.state.web
    await write(visitor, "hello")
    words = NewWords(web, address_of(visitor), 0)
    assert len(await words.read()) == 2
    former = await customer_of(desk, address_of(visitor))
    await erase(desk, files, former)
    assert "hello" not in await page(visitor)
    await write(visitor, "hello again")
    assert "hello again" in [row.text for row in await words.read()]
    assert await customer_of(desk, address_of(visitor)) != former
