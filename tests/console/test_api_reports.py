"""GET /api/v1/reports/contacts: which contacts matter, for other programs."""

from __future__ import annotations

import pytest
from fastapi import FastAPI

from console.api.reports import RATE
from support.desk import Desk
from tests.console.programs import new_key, program
from tests.support.contacts import Ledger, at, written

DAYS = {"from": "2026-09-01", "to": "2026-09-30", "within": "10"}


def tell(ledger: Ledger) -> None:
    """Twenty wrote, and a quarter of them ordered; twenty called."""
    for n in range(20):
        writer, caller = ledger.customer(), ledger.customer()
        ledger.say(writer, at(2), ticket_id=ledger.ticket(writer, stars=5 if n < 6 else None))
        ledger.say(writer, at(2), "answer", author="bot")
        ledger.say(caller, at(2), "call")
        if n < 5:
            ledger.order(writer, day=3)


async def test_figures_of_each_kind(app: FastAPI, desk: Desk) -> None:
    await written(desk.store, tell)
    async with program(app, await new_key(desk, "reports:read")) as till:
        answer = await till.get("reports/contacts", params=DAYS)
    assert answer.status_code == 200
    report = answer.json()
    assert (report["from"], report["to"], report["within"], report["left_out"]) == ("2026-09-01", "2026-09-30", 10, 0)
    kinds = {each["kind"]: each for each in report["kinds"]}
    assert list(kinds) == ["answer", "call", "text", "order"]
    text = kinds["text"]
    assert (text["contacts"], text["customers"], text["direction"], text["author"]) == (20, 20, "in", "customer")
    assert text["answered"] == {"answered": 20, "median": 0, "p90": 0}
    assert text["rating"] == {"tickets": 6, "mean": 5.0}
    ordered = text["followed"]["order"]
    assert (ordered["having_share"], ordered["lacking_share"], ordered["difference"]) == (0.25, 0.0, 0.25)
    assert 0 < ordered["low"] < 0.25 < ordered["high"] < 1
    assert kinds["answer"]["answered"] is None
    few = kinds["order"]["followed"]
    assert (few["too_few"], few["having"], few["order"]["difference"]) == (True, 0, None)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({}, 200),
        ({"from": "2026-09-30", "to": "2026-09-01"}, 422),
        ({"from": "0001-01-01", "to": "0001-01-02"}, 422),
        ({"to": "9999-12-31"}, 422),
        ({"from": "yesterday"}, 422),
        ({"within": "0"}, 422),
        ({"within": "366"}, 422),
        ({"from": "2020-01-01", "to": "2020-01-01", "within": "365"}, 200),
    ],
)
async def test_strange_questions_have_clear_answers(
    app: FastAPI, desk: Desk, query: dict[str, str], status: int
) -> None:
    async with program(app, await new_key(desk)) as till:
        answer = await till.get("reports/contacts", params=query)
    assert answer.status_code == status, answer.text


async def test_a_key_needs_the_scope_and_patience(app: FastAPI, desk: Desk) -> None:
    async with program(app, await new_key(desk, "touchpoints:read")) as till:
        assert (await till.get("reports/contacts")).status_code == 403
    async with program(app, await new_key(desk, "reports:read", name="office")) as office:
        answers = [await office.get("reports/contacts", params=DAYS) for _ in range(int(RATE.burst) + 1)]
    assert [answer.status_code for answer in answers] == [*[200] * int(RATE.burst), 429]
