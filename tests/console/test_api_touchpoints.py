"""GET /api/v1/touchpoints: the ledger for other programs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI

from crm_store.ids import new_id
from crm_store.models import Touchpoint
from crm_store.unit import Unit
from support.desk import Desk
from tests.console.programs import new_key, program
from tests.crm_store.test_schema import person

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


async def tell(desk: Desk, external_id: str, *texts: str, **of_touchpoint: Any) -> None:
    """A day after the other."""

    async def write(unit: Unit) -> None:
        _, contact = person(unit, external_id=external_id)
        for day, text in enumerate(texts):
            values: dict[str, Any] = {"direction": "in", "author": "customer", "kind": "text", "channel": "web"}
            at = NOON + timedelta(days=day)
            unit.add(Touchpoint(id=new_id(), contact_point_id=contact.id, at=at, text=text, **(values | of_touchpoint)))

    await desk.store.run(write)


async def ask(app: FastAPI, desk: Desk, name: str = "till", **query: str) -> Any:
    async with program(app, await new_key(desk, "touchpoints:read", name=name)) as till:
        return await till.get("touchpoints", params=query)


async def test_words_are_found_with_their_places(app: FastAPI, desk: Desk) -> None:
    await tell(desk, "c1", "我的咖啡機壞了", "something else")
    await tell(desk, "c2", "Where is order KF-1043?")
    answer = await ask(app, desk, q="咖啡机")
    assert answer.status_code == 200
    [found] = answer.json()["items"]
    assert (found["customer_id"], found["customer"], found["excerpt"]) == ("c1", "Anna", "我的咖啡機壞了")
    assert found["hits"] == [[2, 5]]
    assert answer.json()["next"] is None


async def test_filters_and_days(app: FastAPI, desk: Desk) -> None:
    await tell(desk, "c1", "one", "two", "three")
    await tell(desk, "c2", "a call", kind="call", channel="phone")

    async def texts(name: str, **query: str) -> list[str]:
        return [each["text"] for each in (await ask(app, desk, name, **query)).json()["items"]]

    assert await texts("a", customer="c1") == ["three", "two", "one"]
    assert await texts("b", customer="c1", **{"from": "2026-11-21", "to": "2026-11-21"}) == ["two"]
    assert await texts("c", kind="call") == ["a call"]
    assert await texts("d", channel="phone", direction="out") == []


async def test_pages_lead_to_the_end(app: FastAPI, desk: Desk) -> None:
    await tell(desk, "c1", *(f"word {n}" for n in range(7)))
    async with program(app, await new_key(desk)) as till:
        seen, query = [], {"limit": "3"}
        while True:
            page = (await till.get("touchpoints", params=query)).json()
            seen += [each["text"] for each in page["items"]]
            if page["next"] is None:
                break
            query["before"] = page["next"]
    assert seen == [f"word {n}" for n in reversed(range(7))]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"customer": "nobody"}, 404),
        ({"agent": "nobody"}, 404),
        ({"direction": "sideways"}, 422),
        ({"from": "yesterday"}, 422),
        ({"from": "0001-01-01", "to": "9999-12-31"}, 200),
        ({"limit": "0"}, 422),
        ({"limit": "1000"}, 422),
        ({"before": str(2**63)}, 422),
        ({"before": "x"}, 422),
        ({"q": "x" * 201}, 422),
        ({"q": '" OR 1=1 -- "*('}, 200),
        ({"q": "!!!"}, 200),
        ({"kind": "'; drop table touchpoint"}, 200),
        ({"channel": ""}, 422),
    ],
)
async def test_strange_questions_have_clear_answers(
    app: FastAPI, desk: Desk, query: dict[str, str], status: int
) -> None:
    assert (await ask(app, desk, **query)).status_code == status


async def test_a_key_needs_the_scope(app: FastAPI, desk: Desk) -> None:
    async with program(app, await new_key(desk, "orders:write")) as till:
        assert (await till.get("touchpoints")).status_code == 403
    async with program(app) as stranger:
        assert (await stranger.get("touchpoints")).status_code == 401
