"""GET /api/v1/reports/migration, upgrades and winback, for other programs."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from console.api.reports import RATE
from crm_store.models import Audit
from support.desk import Desk
from tests.console.programs import new_key, program
from tests.support.contacts import written
from tests.support.judging.moving import climbing_shop, evaluated

DAYS = {"from": "2026-09-01", "to": "2026-09-30"}


async def test_migration_has_moves_and_what_distinguishes_movers(app: FastAPI, desk: Desk) -> None:
    await written(desk.store, climbing_shop)
    async with program(app, await new_key(desk, "reports:read")) as till:
        answer = await till.get("reports/migration", params=DAYS)
    assert answer.status_code == 200, answer.text
    report = answer.json()
    assert {"source": "small", "target": "ordinary", "customers": 12, "share": 12 / 42} in report["moves"]
    assert (report["up"], report["down"], report["stayed"], report["recorded_since"]) == (12, 2, 30, "2026-09-01")
    [days] = [each for each in report["those_up"] if each["feature"] == "order_days"]
    assert (days["movers_mean"], days["stayers_mean"]) == (2.5, 1.0)


async def test_upgrades_are_paged(app: FastAPI, desk: Desk) -> None:
    await written(desk.store, climbing_shop)
    async with program(app, await new_key(desk, "customers:read")) as till:
        first = (await till.get("reports/upgrades", params={"limit": "10"})).json()
        last = (await till.get("reports/upgrades", params={"limit": "10", "offset": str(first["next"])})).json()
    assert (len(first["candidates"]), first["next"], len(last["candidates"]), last["next"]) == (10, 10, 5, None)
    assert {each["id"] for each in first["candidates"]}.isdisjoint(each["id"] for each in last["candidates"])
    assert [step["target"] for step in first["steps"]] == ["ordinary"]


async def test_winback_begins_with_the_highest_priority(app: FastAPI, desk: Desk) -> None:
    await written(desk.store, climbing_shop)
    async with program(app, await new_key(desk, "customers:read")) as till:
        found = (await till.get("reports/winback")).json()
    listed = [(each["stage"], each["priority"], each["served_by"]) for each in found["customers"]]
    assert listed == [("churn", 120.0, None)] * 2


async def test_lists_say_how_far_to_trust_them(app: FastAPI, desk: Desk) -> None:
    await written(desk.store, climbing_shop)
    async with program(app, await new_key(desk, "customers:read")) as till:
        assert (await till.get("reports/upgrades")).json()["trust"] is None
        await evaluated(desk.store, [])
        answers = [(await till.get(f"reports/{name}")).json() for name in ("upgrades", "winback")]
    expected = {"value": "good", "risk": "none", "left": "some", "at_risk": "too_little"}
    assert [answer["trust"] for answer in answers] == [expected] * 2


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("migration", {}, 200),
        ("migration", {"from": "2026-09-30", "to": "2026-09-01"}, 422),
        ("migration", {"from": "0001-01-01"}, 422),
        ("migration", {"to": "9999-12-31"}, 422),
        ("migration", {"to": "0001-01-01"}, 422),
        ("migration", {"by": "mood"}, 422),
        ("upgrades", {"limit": "1001"}, 422),
        ("upgrades", {"offset": "-1"}, 422),
        ("winback", {"limit": "many"}, 422),
    ],
)
async def test_strange_questions_have_clear_answers(
    app: FastAPI, desk: Desk, path: str, query: dict[str, str], status: int
) -> None:
    async with program(app, await new_key(desk)) as till:
        answer = await till.get(f"reports/{path}", params=query)
    assert answer.status_code == status, answer.text


async def test_customers_are_named_only_to_those_who_may_read_them_and_that_is_noted(app: FastAPI, desk: Desk) -> None:
    async with program(app, await new_key(desk, "reports:read")) as office:
        answers = [await office.get(f"reports/{name}") for name in ("upgrades", "winback", "migration")]
    assert [answer.status_code for answer in answers] == [403, 403, 200]
    async with program(app, await new_key(desk, "customers:read", name="market")) as till:
        answers = [await till.get("reports/winback") for _ in range(int(RATE.burst) + 1)]
    assert [answer.status_code for answer in answers] == [*[200] * int(RATE.burst), 429]
    async with desk.store.read() as session:
        reads = list(await session.scalars(select(Audit).where(Audit.action == "api.read")))
    assert {row.object_id for row in reads} == {"*"}
    assert len(reads) == RATE.burst + 1
