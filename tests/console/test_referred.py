"""A referral link into the web chat: its code waits in a cookie for the first words, and is taken once."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from crm_store.models import ContactPoint, Customer
from crm_store.unit import Unit
from support.customers.linking import make_link
from support.desk import Desk
from support.judging.referrals import code_of
from tests.console.conftest import address_of
from tests.console.shop import browser, build, write
from tests.support.identity import add_customer


@pytest.fixture
async def ann(desk: Desk) -> int:
    async def work(unit: Unit) -> int:
        return add_customer(unit, "Ann", external_id="C-1").id

    return await desk.store.run(work)


async def brought_by(desk: Desk, client: httpx.AsyncClient) -> int | None:
    query = select(Customer.referred_by_id).join(ContactPoint, ContactPoint.customer_id == Customer.id)
    async with desk.store.read() as session:
        found: int | None = await session.scalar(query.where(ContactPoint.address == address_of(client)))
    return found


async def test_the_code_leaves_the_address_and_the_first_words_use_it_up(desk: Desk, app: FastAPI, ann: int) -> None:
    async with browser(app) as nia:
        came = await nia.get("/chat", params={"ref": code_of(ann), "lang": "zh-Hans"})
        assert (came.status_code, came.headers["location"]) == (303, "/chat?lang=zh-Hans")
        assert "HttpOnly" in came.headers["set-cookie"]
        page = await nia.get(came.headers["location"])
        assert code_of(ann) not in page.text
        assert (await write(nia, "你好")).status_code == 200
        assert await brought_by(desk, nia) == ann
        assert "ref" not in nia.cookies


async def test_who_wrote_before_is_not_brought(desk: Desk, app: FastAPI, visitor: httpx.AsyncClient, ann: int) -> None:
    await write(visitor, "hello")
    await visitor.get("/chat", params={"ref": code_of(ann)})
    await write(visitor, "hello again")
    assert await brought_by(desk, visitor) is None


@pytest.mark.parametrize("code", ["", "x", "r_1_" + "0" * 32, "r_" + "a" * 5000, "推荐", "\r\nSet-Cookie: a=b"])
async def test_a_made_up_code_opens_the_chat_and_no_more(desk: Desk, app: FastAPI, code: str, ann: int) -> None:
    async with browser(app) as nia:
        came = await nia.get("/chat", params={"ref": code, "lang": "en\r\nx"}, follow_redirects=True)
        assert came.status_code == 200
        assert (await write(nia, "hello")).status_code == 200
        assert await brought_by(desk, nia) is None


async def test_a_link_that_makes_somebody_a_customer_does_not_work_here(desk: Desk, app: FastAPI, ann: int) -> None:
    token = await desk.store.run(lambda unit: make_link(unit, ann))
    async with browser(app) as eve:
        await eve.get("/chat")
        eve.cookies["ref"] = token
        await write(eve, "hello")
        async with desk.store.read() as session:
            rows = (await session.scalars(select(ContactPoint.customer_id))).all()
        assert ann not in rows


async def test_over_https_the_cookie_is_secure(desk: Desk, tmp_path: Path, ann: int) -> None:
    shown = build(desk, tmp_path, public_url="https://kaffa.example")
    async with browser(shown, base="https://kaffa.example") as nia:
        cookie = (await nia.get("/chat", params={"ref": code_of(ann)})).headers["set-cookie"]
    assert cookie.startswith("__Host-ref=")
    assert "Secure" in cookie
