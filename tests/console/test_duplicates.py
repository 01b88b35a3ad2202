"""The page of records that may be one customer: for staff only, and only for pairs that something speaks for."""

from __future__ import annotations

import re

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from crm_store.models import Agent, Audit, DuplicateRefusal, Merge
from crm_store.unit import Unit
from support.desk import Desk
from tests.console.shop import add_staff, browser, csrf_of, log_in
from tests.support.identity import add_customer, add_order, add_organisation

PAGE = "/console/duplicates"


async def settle(desk: Desk) -> tuple[str, str, str]:
    """Ann of the shop, Anna of the chat with the same number, and a stranger; their ids."""

    async def work(unit: Unit) -> tuple[str, str, str]:
        firm = add_organisation(unit, "Firm & Sons")
        anna = add_customer(unit, "<b>Anna</b>", phone="+49 170 1234567")
        ann = add_customer(unit, "Ann", phone="0049 170 1234567", external_id="C-1", organisation_id=firm.id)
        add_order(unit, ann)
        return str(ann.id), str(anna.id), str(add_customer(unit, "Bo").id)

    return await desk.store.run(work)


async def post(client: httpx.AsyncClient, deed: str, **fields: str) -> httpx.Response:
    headers = {"X-CSRF-Token": await csrf_of(client), "HX-Request": "true"}
    return await client.post(f"{PAGE}/{deed}", data=fields, headers=headers)


async def merges(desk: Desk) -> list[Merge]:
    async with desk.store.read() as session:
        return list(await session.scalars(select(Merge).order_by(Merge.id)))


async def test_a_pair_stands_with_its_evidence_and_the_shops_own_record_first(
    agent: httpx.AsyncClient, desk: Desk
) -> None:
    assert "Nothing looks like a duplicate" in (await agent.get(PAGE)).text
    ann, anna, _ = await settle(desk)
    page = (await agent.get(PAGE)).text
    assert f'name="kept" value="{ann}"' in page
    assert f'name="gone" value="{anna}"' in page
    assert "Same phone number" in page
    assert "&lt;b&gt;Anna&lt;/b&gt;" in page
    assert "Firm &amp; Sons" in page
    assert "1 order" in page
    assert "1234567" not in page, "the number itself is not needed to decide"


async def test_merged_by_an_agent_and_undone(agent: httpx.AsyncClient, desk: Desk) -> None:
    ann, anna, _ = await settle(desk)
    shown = await post(agent, "merge", kept=ann, gone=anna)
    assert shown.status_code == 200
    assert "became part of Ann" in shown.text
    (merge,) = await merges(desk)
    assert merge.evidence == [{"code": "phone"}]
    async with desk.store.read() as session:
        mia = (await session.scalars(select(Agent.id))).one()
        assert merge.agent_id == mia
        assert mia in (await session.scalars(select(Audit.agent_id).where(Audit.action == "customer.merged"))).all()
    again = await post(agent, "merge", kept=ann, gone=anna)
    assert (again.status_code, "Load the page again" in again.text) == (409, True)
    undone = await post(agent, "undo", merge_id=str(merge.id))
    assert undone.status_code == 200
    assert "Same phone number" in undone.text
    assert (await merges(desk))[0].undone_by_id == mia
    assert (await post(agent, "undo", merge_id=str(merge.id))).status_code == 409


async def test_refused_by_an_agent(agent: httpx.AsyncClient, desk: Desk) -> None:
    ann, anna, _ = await settle(desk)
    shown = await post(agent, "refuse", one=ann, other=anna)
    assert "Nothing looks like a duplicate" in shown.text
    async with desk.store.read() as session:
        assert (await session.scalars(select(DuplicateRefusal))).one()
    assert (await post(agent, "refuse", one=anna, other=ann)).status_code == 409
    assert (await post(agent, "merge", kept=ann, gone=anna)).status_code == 409


async def test_nobody_is_merged_by_an_id_that_was_not_suggested(agent: httpx.AsyncClient, desk: Desk) -> None:
    ann, _, stranger = await settle(desk)
    for kept, gone in ((ann, stranger), (ann, ann), (ann, "7")):
        assert (await post(agent, "merge", kept=kept, gone=gone)).status_code == 409
        assert (await post(agent, "refuse", one=kept, other=gone)).status_code == 409
    for wrong in ("x", "1e3", "-1", str(2**63), "1abc"):
        assert (await post(agent, "merge", kept=ann, gone=wrong)).status_code == 404, wrong
        assert (await post(agent, "undo", merge_id=wrong)).status_code == 404, wrong
    assert (await post(agent, "undo", merge_id="7")).status_code == 409
    assert (await post(agent, "merge", kept=ann)).status_code == 400
    assert await merges(desk) == []


@pytest.mark.parametrize("role", [None, "visitor", "dismissed", "watcher", "without token", "from elsewhere"])
async def test_only_staff_with_their_own_token_decide(role: str | None, app: FastAPI, desk: Desk) -> None:
    ann, anna, _ = await settle(desk)
    async with browser(app) as client:
        headers = {"HX-Request": "true"}
        if role == "visitor":
            await client.get("/chat")
        elif role:
            await add_staff(desk, "Mia")
            await log_in(desk, client, "Mia")
            if role != "without token":
                headers["X-CSRF-Token"] = await csrf_of(client)
            if role == "from elsewhere":
                headers |= {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
            if role in ("dismissed", "watcher"):
                await change(desk, active=role != "dismissed", role="watcher" if role == "watcher" else "agent")
        for deed, fields in (
            ("merge", {"kept": ann, "gone": anna}),
            ("refuse", {"one": ann, "other": anna}),
            ("undo", {"merge_id": "7"}),
        ):
            answer = await client.post(f"{PAGE}/{deed}", data=fields, headers=headers)
            assert answer.status_code in (401, 403), (deed, answer.status_code)
        if role in (None, "visitor", "dismissed", "watcher"):
            assert (await client.get(PAGE)).status_code in (303, 403)
    assert await merges(desk) == []
    async with desk.store.read() as session:
        assert not (await session.scalars(select(DuplicateRefusal))).all()


async def change(desk: Desk, **values: object) -> None:
    async def work(unit: Unit) -> None:
        agent = (await unit.session.scalars(select(Agent))).one()
        for name, value in values.items():
            setattr(agent, name, value)

    await desk.store.run(work)


async def test_an_admin_decides_too(app: FastAPI, desk: Desk) -> None:
    ann, anna, _ = await settle(desk)
    await add_staff(desk, "Root", "admin")
    async with browser(app) as client:
        await log_in(desk, client, "Root")
        assert (await post(client, "merge", kept=ann, gone=anna)).status_code == 200
    assert len(await merges(desk)) == 1


async def test_the_list_is_paged(agent: httpx.AsyncClient, desk: Desk) -> None:
    async def fill(unit: Unit) -> None:
        for n in range(25):
            for name in ("one", "other"):
                add_customer(unit, f"{name} {n}", phone=f"+49 170 12345{n:02}")

    await desk.store.run(fill)
    first, second = (await agent.get(PAGE)).text, (await agent.get(f"{PAGE}?page=1")).text
    assert [len(re.findall("Same phone number", page)) for page in (first, second)] == [20, 5]
    assert f"{PAGE}?page=1" in first
    assert 'rel="next"' not in second
    assert (await agent.get(f"{PAGE}?page=x")).status_code == 400
