"""`touchdesk evaluate`, `migration`, `upgrades` and `winback` at a terminal."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from crm_store.store import Store
from crm_store.vault import open_vault
from tests.bot.conftest import Run
from tests.databases import SECRET
from tests.support.contacts import written
from tests.support.judging.moving import climbing_shop, evaluated

DAYS = ("--from", "2026-09-01", "--to", "2026-09-30")


@pytest.fixture
def happened(run: Run, shop: Path) -> None:
    assert run("migrate").code == 0

    async def write() -> None:
        open_vault(SECRET)
        store = Store(f"sqlite:///{shop / 'shop.db'}")
        await written(store, climbing_shop)
        await store.close()

    asyncio.run(write())


def test_migration_is_a_matrix_and_what_distinguishes_movers(run: Run, happened: None) -> None:
    done = run("migration", *DAYS)
    assert done.code == 0, done.err
    lines = [line.split() for line in done.out.splitlines()]
    assert ["ordinary", "small"] in lines
    assert ["small", "12", "30"] in lines
    assert ["major", "2", "."] in lines
    assert ["–", ".", "1"] in lines
    assert "12 customers up, 2 down, 30 stayed" in done.out
    [days] = [line for line in lines if line[:2] == ["order", "days"]]
    assert days[2:4] == ["2.5", "1.0"]


def test_migration_as_json_is_the_same_as_the_apis(run: Run, happened: None) -> None:
    found = json.loads(run("migration", *DAYS, "--by", "stage", "--json").out)
    assert (found["from"], found["to"], found["by"], found["stayed"]) == ("2026-09-01", "2026-09-30", "stage", 30)
    assert {"source": "use", "target": "churn", "customers": 2, "share": 2 / 32} in found["moves"]


def test_days_before_the_record_say_so(run: Run, happened: None) -> None:
    assert "recorded since 2026-09-01" in run("migration", "--from", "2026-08-01", "--to", "2026-09-30").out


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["migration", "--from", "2026-09-30", "--to", "2026-09-01"], 1, "not before"),
        (["migration", "--to", "9999-12-31"], 1, "yet to come"),
        (["migration", "--from", "soon"], 2, "soon"),
        (["migration", "--by", "mood"], 1, "tier, stage, segment"),
        (["evaluate", "--as-of", "9999-12-31"], 1, "yet to come"),
        (["upgrades", "--limit", "0"], 2, "limit"),
        (["winback", "--limit", "1001"], 2, "limit"),
    ],
)
def test_mistakes_are_told(run: Run, words: list[str], code: int, told: str) -> None:
    done = run(*words)
    assert (done.code, told in done.err) == (code, True), done.err


def test_upgrades_and_winback_list_customers(run: Run, happened: None) -> None:
    near = run("upgrades", "--limit", "2").out
    assert "money in EUR" in near
    assert len([line for line in near.splitlines() if " small " in line and "ordinary" in line]) == 2
    listed = json.loads(run("upgrades", "--limit", "2", "--offset", "14", "--json").out)
    assert (len(listed["candidates"]), listed["next"]) == (1, None)
    leaving = json.loads(run("winback", "--limit", "1", "--json").out)
    assert ([each["priority"] for each in leaving["customers"]], leaving["next"]) == ([120.0], 1)
    told = run("winback").out
    assert "who may be approached" in told
    assert "priority: value × risk, no amount of money" in told


def test_lists_say_how_far_to_trust_them(run: Run, shop: Path, happened: None) -> None:
    untested = "how far to trust it is not known yet: `touchdesk evaluate` finds out"
    assert run("upgrades").out.splitlines()[1] == run("winback").out.splitlines()[1] == untested

    async def keep() -> None:
        store = Store(f"sqlite:///{shop / 'shop.db'}")
        await evaluated(store, [])
        await store.close()

    asyncio.run(keep())
    assert run("upgrades").out.splitlines()[1] == "how far to trust it: value well"
    assert run("winback").out.splitlines()[1] == (
        "how far to trust it: value well, risk not, at risk too little history to test, left somewhat"
    )


def test_an_empty_shop_has_nothing_to_say(run: Run) -> None:
    assert "nobody stood anywhere" in run("migration").out
    assert "nobody stands close" in run("upgrades").out
    assert "nobody is at risk" in run("winback").out


def test_evaluate_says_honestly_that_there_is_too_little(run: Run, happened: None) -> None:
    done = run("evaluate", "--as-of", "2026-09-30")
    assert done.code == 0, done.err
    assert done.out.count("too little history to test") == 5
    found = json.loads(run("evaluate", "--json").out)
    assert (found["customers"], found["kept"]) == (42, False)
    assert "touchdesk score" in run("evaluate").out
    assert found["back_test"]["risk"]["trust"] == "too_little"
