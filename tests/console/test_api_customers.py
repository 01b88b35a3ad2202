"""GET /api/v1/customers/{external_id}: what an agent's card shows, for programs that may read customers."""

from __future__ import annotations

from urllib.parse import quote

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select, update

from analytics.proportion import wilson
from crm_store.ids import new_id
from crm_store.models import Audit, Customer
from crm_store.unit import Unit
from support.desk import Desk
from tests.console.programs import new_key, program
from tests.crm_store.test_card import fill
from tests.support.contacts import Ledger, written
from tests.support.judging.moving import evaluated, scored


@pytest.fixture
async def reader(app: FastAPI, desk: Desk) -> httpx.AsyncClient:
    return program(app, await new_key(desk, "customers:read"))


@pytest.fixture
async def nia(desk: Desk) -> int:
    return await desk.store.run(fill)


async def test_a_customer_is_told_as_a_whole(reader: httpx.AsyncClient, nia: int) -> None:
    answer = await reader.get("customers/C-1")
    assert answer.status_code == 200
    told = answer.json()
    assert (told["external_id"], told["organisation"], told["since"]) == ("C-1", "Bean & Co", "2026-10-01")
    assert told["standing"]["tier"] == "vip"
    reasons = [{name: each[name] for name in ("code", "figures")} for each in told["why"]["reasons"]]
    assert {"code": "top_spend", "figures": {"share": 1.0}} in reasons
    assert "reasons" not in told["standing"]
    assert (told["standing"]["value_trust"], told["upgrade"]) == (None, None)
    assert told["turnover"][0] == {"currency": "EUR", "count": 7, "amount": "70.70", "first": "2026-10-01"}
    assert [fact["value"] for fact in told["facts"]] == [{"after": "18:00"}, None]
    assert [ticket["number"] for ticket in told["tickets"]] == [1]
    assert told["touchpoints"][1]["text"] == "call 7"
    assert "address" not in answer.text


async def test_how_far_figures_can_be_trusted_and_how_close_the_next_tier_is(
    reader: httpx.AsyncClient, desk: Desk
) -> None:
    def tell(ledger: Ledger) -> None:
        who = ledger.customer(external_id="C-9")
        scored(ledger, who, "small", 80, risk=0.4, at_risk=True)

    await written(desk.store, tell)
    means = {"movers": 3, "movers_mean": 3.0, "stayers": 37, "stayers_mean": 1.0}
    days = {"feature": "order_days", "value": 0.5, "low": 0.2, "high": 0.8} | means
    await evaluated(desk.store, [days, days | {"feature": "contacts", "value": -0.9, "low": -1.0, "high": -0.8}])
    told = (await reader.get("customers/C-9")).json()
    trust = [told["standing"][f"{figure}_trust"] for figure in ("value", "risk", "stage")]
    assert trust == ["good", "none", "too_little"]
    upgrade = told["upgrade"]
    assert (upgrade["target"], upgrade["missing"], upgrade["reached"], upgrade["gain"]) == ("ordinary", 20, 0.8, 70)
    assert upgrade["expected_gain"] == pytest.approx(70 * wilson(3, 40).low)
    assert [(each["feature"], each["difference"]) for each in upgrade["lessons"]] == [
        ("contacts", -0.9),
        ("order_days", 0.5),
    ]


async def test_reading_is_noted(reader: httpx.AsyncClient, desk: Desk, nia: int) -> None:
    await reader.get("customers/C-1")
    async with desk.store.read() as session:
        noted = (await session.scalars(select(Audit.object_id).where(Audit.action == "api.read"))).all()
    assert list(noted) == [str(nia)]


async def test_without_the_scope_nothing_is_told(app: FastAPI, desk: Desk, nia: int) -> None:
    till = program(app, await new_key(desk, "orders:write"))
    assert (await till.get("customers/C-1")).status_code == 403
    assert (await program(app).get("customers/C-1")).status_code == 401


async def test_a_merged_customer_is_the_other_and_an_erased_one_is_gone(
    reader: httpx.AsyncClient, desk: Desk, nia: int
) -> None:
    async def change(unit: Unit) -> None:
        merged = update(Customer).where(Customer.external_id == "C-2").values(merged_into_id=nia)
        await unit.session.execute(merged)
        gone = update(Customer).where(Customer.external_id == "C-3").values(erased_at=unit.now)
        await unit.session.execute(gone)

    await desk.store.run(change)
    assert (await reader.get("customers/C-2")).json()["external_id"] == "C-1"
    gone = await reader.get("customers/C-3")
    assert gone.status_code == 410
    assert "erased" in gone.json()["detail"]


@pytest.mark.parametrize("external_id", ["shop/17", "a/link", "link", "a//b", "/a", "ü 1"])
async def test_an_id_may_have_slashes(reader: httpx.AsyncClient, app: FastAPI, desk: Desk, external_id: str) -> None:
    async def arrive(unit: Unit) -> None:
        unit.add(Customer(id=new_id(), external_id=external_id, name="Ann", created_at=unit.now))

    await desk.store.run(arrive)
    address = f"customers/{quote(external_id, safe='')}"
    assert (await reader.get(address)).json()["external_id"] == external_id
    async with program(app, await new_key(desk, "customers:write", name="shop")) as writer:
        assert (await writer.post(f"{address}/link")).status_code == 201
    async with desk.store.read() as session:
        routes = {line["route"] for line in await session.scalars(select(Audit.data).where(Audit.action == "api.read"))}
    assert routes == {"/customers/{external_id}"}


@pytest.mark.parametrize("external_id", ["nobody", "%00", "x" * 201, "..%2Fkeys"])
async def test_whoever_is_not_there_is_not_found(reader: httpx.AsyncClient, nia: int, external_id: str) -> None:
    answer = await reader.get(f"customers/{external_id}")
    assert answer.status_code in {404, 422}
    assert answer.headers["content-type"] == "application/problem+json"
