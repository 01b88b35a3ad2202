"""Rows by the API: what is taken, what is refused and how it is told, and requests that are sent again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from operator import add
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select, update

from console.api.cells import LONGEST_CELL, MOST_ROWS
from console.api.turns import RETRY_SECONDS, Turns
from console.body_limit import LARGEST_BATCH
from crm_store.models import Base, Customer, IdempotencyKey, Order, Touchpoint
from crm_store.store import Store
from crm_store.unit import Unit
from support import housekeeping
from support.desk import Desk
from support.idempotency import KEPT
from support.working_hours import WorkingHours
from tests.console import shop
from tests.console.programs import api, new_key, program

ANN = {"customer_id": "ann", "name": "Ann", "phone": "+49 30 901820", "city": "Berlin"}
BOB = {"customer_id": 7, "name": "Bob", "newsletter": True}
NOTHING = {"added": 0, "changed": 0, "unchanged": 0, "refused": 0, "problems": []}


@pytest.fixture
async def desk(store: Store) -> Desk:
    """On each database."""
    return await shop.open_desk(store)


@pytest.fixture
async def till(app: FastAPI, desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    async with program(app, await new_key(desk)) as client:
        yield client


def order(number: int, customer: str = "ann", **more: Any) -> dict[str, Any]:
    return {"order_id": f"o{number}", "customer_id": customer, "date": "2026-03-01", "amount": 12.5, **more}


async def post(
    client: httpx.AsyncClient, kind: str, *rows: object, key: str | None = None, query: str = ""
) -> httpx.Response:
    headers = {"Idempotency-Key": key} if key else {}
    return await client.post(f"/{kind}:batch{query}", json={"rows": rows}, headers=headers)


async def count(desk: Desk, table: type[Base]) -> int:
    async with desk.store.read() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


# What is taken


async def test_customers_orders_and_contacts_are_taken(till: httpx.AsyncClient, desk: Desk) -> None:
    assert (await post(till, "customers", ANN, BOB)).json() == NOTHING | {"added": 2}
    found = await post(till, "customers", ANN, {"customer_id": "7", "name": "Bobby"})
    assert found.json() == NOTHING | {"changed": 1, "unchanged": 1}
    assert (await post(till, "orders", order(1), order(2, "7", channel="fair"))).json() == NOTHING | {"added": 2}
    call = {"external_id": "c1", "customer_id": "ann", "at": "2026-03-02T10:00:00Z", "kind": "call", "text": "Asks."}
    assert (await post(till, "touchpoints", call)).json() == NOTHING | {"added": 1}
    assert (await post(till, "touchpoints", call)).json() == NOTHING | {"unchanged": 1}
    async with desk.store.read() as session:
        attributes = await session.scalar(select(Customer.attributes).where(Customer.external_id == "ann"))
        amounts = list(await session.scalars(select(Order.amount)))
        contact = (await session.scalars(select(Touchpoint).where(Touchpoint.kind == "call"))).one()
    assert (attributes, [str(amount) for amount in amounts]) == ({"city": "Berlin"}, ["12.50", "12.50"])
    assert (contact.text, contact.direction) == ("Asks.", "in")


async def test_a_moment_without_a_zone_is_the_shops(till: httpx.AsyncClient, desk: Desk) -> None:
    desk.hours = WorkingHours.parse(None, "Asia/Shanghai")
    await post(till, "customers", ANN)
    call = {"external_id": "c1", "customer_id": "ann", "at": "2026-03-02T10:00:00", "kind": "call"}
    await post(till, "touchpoints", call, {**call, "external_id": "c2", "at": "2026-03-02T10:00:00Z"})
    async with desk.store.read() as session:
        moments = await session.scalars(select(Touchpoint.at).order_by(Touchpoint.at))
    assert [moment.hour for moment in moments] == [2, 10]


async def test_rows_of_erased_customers_are_left_out_and_told(till: httpx.AsyncClient, desk: Desk) -> None:
    await post(till, "customers", ANN, BOB)

    async def erase(unit: Unit) -> None:
        gone = update(Customer).where(Customer.external_id == "ann").values(erased_at=unit.now)
        await unit.session.execute(gone)

    await desk.store.run(erase)
    answer = await post(till, "orders", order(1), order(2, "7"))
    told = answer.json()
    assert (answer.status_code, told["added"], told["refused"]) == (200, 1, 1)
    assert [(one["row"], one["field"]) for one in told["problems"]] == [(1, "customer_id")]


async def test_no_contact_data_stays_in_a_kept_answer(till: httpx.AsyncClient, desk: Desk) -> None:
    bad = {"customer_id": "eve", "phone": "030 901820 at night", "email": "eve at example.com"}
    told = await post(till, "customers", ANN, bad, key="k1", query="?keep_good=true")
    assert (told.status_code, len(told.json()["problems"])) == (200, 2)
    async with desk.store.read() as session:
        kept = await session.scalar(select(IdempotencyKey.response))
    assert "901820" not in str(kept)
    assert "example.com" not in str(kept)


async def test_nothing_is_kept_of_a_batch_with_a_bad_row(till: httpx.AsyncClient, desk: Desk) -> None:
    await post(till, "customers", ANN)
    answer = await post(till, "orders", order(1), order(2, date="soon"), order(3, amount="much"), order(4, "nobody"))
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    told = answer.json()
    assert [(one["row"], one["field"]) for one in told["problems"]][:2] == [(2, "date"), (3, "amount")]
    assert "'much' is not a number" in told["problems"][1]["problem"]
    assert await count(desk, Order) == 0


async def test_the_good_rows_are_kept_when_asked(till: httpx.AsyncClient, desk: Desk) -> None:
    await post(till, "customers", ANN)
    answer = await post(till, "orders", order(1), order(2, "nobody"), order(3), query="?keep_good=true")
    assert answer.status_code == 200
    told = answer.json()
    (problem,) = told.pop("problems")
    assert told == {"added": 2, "changed": 0, "unchanged": 0, "refused": 1}
    assert (problem["row"], problem["field"]) == (2, "customer_id")
    assert await count(desk, Order) == 2


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({}, {"field": "rows"}),
        ({"rows": []}, {"field": "rows"}),
        ({"rows": [ANN] * (MOST_ROWS + 1)}, {"field": "rows"}),
        ({"rows": {"0": ANN}}, {"field": "rows"}),
        ({"rows": [ANN], "role": "admin"}, {"field": "role"}),
        ({"rows": [ANN, "Ann"]}, {"row": 2, "field": ""}),
        ({"rows": [ANN, {"customer_id": ["ann"]}]}, {"row": 2, "field": "customer_id"}),
        ({"rows": [{"customer_id": {"$ne": 1}}]}, {"row": 1, "field": "customer_id"}),
        ({"rows": [{"customer_id": 2**63}]}, {"row": 1, "field": "customer_id"}),
        ({"rows": [{"customer_id": "ann", "note": "x" * (LONGEST_CELL + 1)}]}, {"row": 1, "field": "note"}),
        ({"rows": [{"customer_id": "ann", "telegram_id": "1abc"}]}, {"row": 1, "field": "telegram_id"}),
        ({"rows": [{"customer_id": "ann", "telegram_id": 1.5}]}, {"row": 1, "field": "telegram_id"}),
        ({"rows": [{"customer_id": "ann", "name": "A\0nn"}]}, {"row": 1, "field": "name"}),
        ({"rows": [{"customer_id": "ann", "name": "\ud800"}]}, {"row": 1, "field": "name"}),
        ({"rows": [{"name": "Ann"}]}, {"row": 1, "field": "customer_id"}),
        ([ANN], {"field": "body"}),
    ],
)
async def test_what_is_wrong_is_told_by_row_and_field(
    till: httpx.AsyncClient, desk: Desk, body: object, problem: dict[str, object]
) -> None:
    answer = await till.post("/customers:batch", content=json.dumps(body), headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    (told,) = answer.json()["problems"]
    assert told.pop("problem")
    assert told == problem
    assert await count(desk, Customer) == 0


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b'{"rows": [1', 400),
        (b"null", 422),
        (b"\xff", 400),
        (b"[" * 100_000, 400),
        (b'{"rows":[{"customer_id":' + b"9" * 5000 + b"}]}", 400),
    ],
)
async def test_what_is_no_json_is_refused(till: httpx.AsyncClient, content: bytes, status: int) -> None:
    answer = await till.post("/customers:batch", content=content, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert ("problems" in answer.json()) == (status == 422)


@pytest.mark.parametrize("name", ["\ud800", "a\0b", "", "x" * 101])
async def test_a_column_of_an_impossible_name_is_refused(till: httpx.AsyncClient, name: str) -> None:
    content = json.dumps({"rows": [{"customer_id": "ann", name: "x"}]})
    answer = await till.post("/customers:batch", content=content, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["problems"][0]["row"]) == (422, 1)


async def test_numbers_beyond_numbers_are_refused(till: httpx.AsyncClient) -> None:
    for number in ("NaN", "Infinity", "1e999", "1" + "0" * 400):
        content = f'{{"rows": [{{"customer_id": "ann", "height": {number}}}]}}'
        answer = await till.post("/customers:batch", content=content, headers={"Content-Type": "application/json"})
        assert answer.status_code == 422, number


@pytest.mark.parametrize("announced", [True, False])
async def test_a_body_of_more_than_two_megabytes_is_refused(till: httpx.AsyncClient, announced: bool) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(LARGEST_BATCH // 65_536 + 1):
            yield b" " * 65_536

    content: Any = b" " * (LARGEST_BATCH + 1) if announced else pieces()
    answer = await till.post("/orders:batch", content=content, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["title"]) == (413, "Request Entity Too Large")


async def test_a_full_batch_fits(till: httpx.AsyncClient, desk: Desk) -> None:
    rows = [{"customer_id": f"c{n}", "name": "A customer of some name", "city": "Berlin"} for n in range(MOST_ROWS)]
    assert (await post(till, "customers", *rows)).json() == NOTHING | {"added": MOST_ROWS}
    assert await count(desk, Customer) == MOST_ROWS


# Sent again


async def test_a_request_sent_again_is_told_the_same_and_does_nothing(till: httpx.AsyncClient, desk: Desk) -> None:
    first = await post(till, "customers", ANN, key="k1")
    await post(till, "customers", {**ANN, "name": "Anna"})
    again = await post(till, "customers", ANN, key="k1")
    assert (again.status_code, again.json()) == (first.status_code, first.json()) == (200, NOTHING | {"added": 1})
    assert [answer.headers.get("idempotency-replayed") for answer in (first, again)] == [None, "true"]
    async with desk.store.read() as session:
        assert await session.scalar(select(Customer.name)) == "Anna"


async def test_a_key_stands_for_one_request_of_one_caller(app: FastAPI, till: httpx.AsyncClient, desk: Desk) -> None:
    await post(till, "customers", ANN, key="k1")
    others = [
        await post(till, "customers", BOB, key="k1"),
        await post(till, "customers", ANN, key="k1", query="?keep_good=true"),
        await post(till, "orders", order(1), key="k1"),
    ]
    assert [answer.status_code for answer in others] == [409, 409, 409]
    assert "take a new key" in others[0].json()["detail"]
    assert (await count(desk, Customer), await count(desk, Order)) == (1, 0)
    async with program(app, await new_key(desk, name="other")) as other:
        assert (await post(other, "customers", BOB, key="k1")).json() == NOTHING | {"added": 1}


async def test_what_took_no_effect_may_be_sent_again(till: httpx.AsyncClient, desk: Desk) -> None:
    assert (await post(till, "orders", order(1), key="k1")).status_code == 422
    assert await count(desk, IdempotencyKey) == 0
    await post(till, "customers", ANN)
    assert (await post(till, "orders", order(1), key="k1")).json() == NOTHING | {"added": 1}


async def test_the_same_request_many_times_at_once_takes_effect_once(till: httpx.AsyncClient, desk: Desk) -> None:
    await post(till, "customers", ANN)
    rows = [order(n) for n in range(50)]
    found = await asyncio.gather(*(post(till, "orders", *rows, key="k1") for _ in range(6)))
    assert [(answer.status_code, answer.json()) for answer in found] == [(200, NOTHING | {"added": 50})] * 6
    assert sum("idempotency-replayed" in answer.headers for answer in found) == 5
    assert (await count(desk, Order), await count(desk, Touchpoint)) == (50, 50)
    assert await count(desk, IdempotencyKey) == 1


async def test_other_requests_under_one_key_at_once_never_mix(till: httpx.AsyncClient, desk: Desk) -> None:
    await post(till, "customers", ANN)
    found = await asyncio.gather(*(post(till, "orders", order(n), key="k1") for n in range(4)))
    assert sorted(answer.status_code for answer in found) == [200, 409, 409, 409]
    assert await count(desk, Order) == 1


async def test_the_same_rows_from_several_programs_at_once_are_kept_once(till: httpx.AsyncClient, desk: Desk) -> None:
    rows = [{"customer_id": f"c{n}", "name": "Ann", "organisation": "Acme"} for n in range(50)]
    found = await asyncio.gather(*(post(till, "customers", *some) for some in (rows, rows[::-1]) * 3))
    assert [answer.status_code for answer in found] == [200] * 6
    assert sum(answer.json()["added"] for answer in found) == 50
    assert await count(desk, Customer) == 50


async def test_too_many_batches_wait_for_their_turn_and_not_for_ever(
    app: FastAPI, till: httpx.AsyncClient, desk: Desk
) -> None:
    turns = Turns(at_once=1, patience=0.2)
    api(app).state.turns = turns
    async with turns.turn():
        answer = await post(till, "customers", ANN, key="k1")
        waiting = asyncio.ensure_future(post(till, "customers", BOB))
        await asyncio.sleep(0.05)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, str(RETRY_SECONDS))
    assert answer.headers["content-type"] == "application/problem+json"
    assert (await waiting).json() == NOTHING | {"added": 1}
    assert (await post(till, "customers", ANN, key="k1")).json() == NOTHING | {"added": 1}


async def test_a_note_that_cannot_be_kept_takes_the_rows_back(
    till: httpx.AsyncClient, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object, **__: object) -> None:
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr("crm_store.repositories.idempotency.keep", full)
        assert (await post(till, "customers", ANN, key="k1")).status_code == 500
    assert await count(desk, Customer) == 0
    assert (await post(till, "customers", ANN, key="k1")).json() == NOTHING | {"added": 1}


async def test_a_key_is_forgotten_after_a_day(till: httpx.AsyncClient, desk: Desk) -> None:
    start = desk.store.clock()
    desk.store.clock = lambda: start
    await post(till, "customers", ANN, key="k1")
    for later, kept in ((KEPT, 1), (KEPT + timedelta(seconds=1), 0)):
        desk.store.clock = partial(add, start, later)
        await desk.store.run(lambda unit: housekeeping.throw_away(unit, {}))
        assert await count(desk, IdempotencyKey) == kept
    assert (await post(till, "customers", BOB, key="k1")).status_code == 200


@pytest.mark.parametrize("key", ["", "a b", "ü", "x" * 256])
async def test_an_idempotency_key_is_a_short_word(till: httpx.AsyncClient, key: str) -> None:
    headers = [(b"idempotency-key", key.encode("latin-1"))]
    answer = await till.post("/customers:batch", json={"rows": [ANN]}, headers=headers)
    assert (answer.status_code, answer.json()["problems"][0]["field"]) == (422, "Idempotency-Key")
