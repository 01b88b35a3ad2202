"""A shop in a temporary folder, and people at its web pages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from console.keys import VisitorKeys
from crm_store.store import Store
from support.desk import Desk
from tests.console import shop
from tests.databases import SECRET


@pytest.fixture
async def desk(sqlite_store: Store) -> Desk:
    return await shop.open_desk(sqlite_store)


@pytest.fixture
def app(desk: Desk, tmp_path: Path) -> FastAPI:
    return shop.build(desk, tmp_path)


@pytest.fixture
async def visitor(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody with the chat open who has not written yet."""
    async with shop.browser(app) as client:
        await client.get("/chat")
        yield client


@pytest.fixture
async def agent(app: FastAPI, desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    """Mia, logged in."""
    await shop.add_staff(desk, "Mia")
    async with shop.browser(app) as client:
        await shop.log_in(desk, client, "Mia")
        yield client


@pytest.fixture
async def waiting(desk: Desk, visitor: httpx.AsyncClient) -> int:
    """The visitor's contact point, waiting for a person."""
    await shop.write(visitor, "I want to speak to a human please")
    return await shop.contact_id(desk, address_of(visitor))


def address_of(client: httpx.AsyncClient) -> str:
    address = VisitorKeys(SECRET).cookie.read(client.cookies["visitor"])
    assert address
    return address
