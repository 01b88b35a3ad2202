"""Links into the chat, made by the shop's own site."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from crm_store.ids import new_id
from crm_store.models import ContactLink, Customer
from crm_store.unit import Unit
from support.customers.linking import LINK_LIFE
from support.desk import Desk
from tests.console.programs import new_key, program

NOW = datetime(2026, 3, 1, 10, tzinfo=UTC)


@pytest.fixture
async def till(app: FastAPI, desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    """Ann is a customer, Eve was one."""
    desk.store.clock = lambda: NOW

    async def arrive(unit: Unit) -> None:
        for name, erased_at in (("ann", None), ("eve", unit.now)):
            unit.add(Customer(id=new_id(), external_id=name, name=name, created_at=unit.now, erased_at=erased_at))

    await desk.store.run(arrive)
    async with program(app, await new_key(desk, "customers:write")) as client:
        yield client


async def test_each_request_makes_a_link_of_which_only_the_hash_is_kept(till: httpx.AsyncClient, desk: Desk) -> None:
    made = [await till.post("/customers/ann/link") for _ in range(2)]
    assert [answer.status_code for answer in made] == [201, 201]
    tokens = {answer.json()["token"] for answer in made}
    assert len(tokens) == 2
    assert datetime.fromisoformat(made[0].json()["expires_at"]) == NOW + LINK_LIFE
    async with desk.store.read() as session:
        kept = list(await session.scalars(select(ContactLink)))
    assert len(kept) == 2
    assert not tokens & {link.token_hash for link in kept}


@pytest.mark.parametrize(("who", "status"), [("nobody", 404), ("eve", 410), ("Ann", 404), ("9223372036854775808", 404)])
async def test_nobody_and_an_erased_customer_get_none(
    till: httpx.AsyncClient, desk: Desk, who: str, status: int
) -> None:
    answer = await till.post(f"/customers/{who}/link")
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["detail"]
    async with desk.store.read() as session:
        assert list(await session.scalars(select(ContactLink))) == []
