"""`touchdesk ledger` at a terminal."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import pytest

from crm_store.store import Store
from crm_store.vault import open_vault
from support.agents import work as agent_work
from tests.bot.conftest import Run
from tests.databases import SECRET
from tests.support.shop import open_shop


@pytest.fixture
def talked(run: Run, shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nia asked for a refund, and Bob answered."""
    assert run("migrate").code == 0

    async def talk() -> None:
        open_vault(SECRET)
        store = Store(f"sqlite:///{shop / 'shop.db'}")
        desk = await open_shop(store)
        await desk.queue_up()
        await desk.hear("Where is my refund? 我的退款呢")
        bob = await desk.staff("Bob")
        await desk.act(agent_work.answer, bob, "Your refund was paid today.")
        await store.close()

    asyncio.run(talk())
    capsys.readouterr()  # the log


def test_what_was_said_is_found(run: Run, talked: None) -> None:
    done = run("ledger", "search", "refund")
    assert done.code == 0
    head, second, first = done.out.splitlines()
    assert head.split() == ["when", "id", "customer", "who", "kind", "words"]
    assert "Your [refund] was paid today." in second
    assert "Bob" in second
    assert "Where is my [refund]? 我的退款呢" in first
    found = json.loads(run("ledger", "search", "退款", "--direction", "in", "--json").out)
    [item] = found["items"]
    assert [item["excerpt"][start:end] for start, end in item["hits"]] == ["退款"]
    assert found["before"] is None


def test_pages_and_filters(run: Run, talked: None) -> None:
    one = run("ledger", "search", "refund", "--limit", "1").out
    before = re.findall(r"--before (\d+)", one)[0]
    other = run("ledger", "search", "refund", "--before", before).out
    # both were said in one millisecond, so either may come first
    assert sorted(page.count("Where is my") for page in (one, other)) == [0, 1]
    assert sorted(page.count("refund] was paid") for page in (one, other)) == [0, 1]
    assert "Your refund" in run("ledger", "search", "--agent", "Bob", "--kind", "text", "--from", "2026-11-20").out
    assert "nothing found" in run("ledger", "search", "refund", "--to", "2026-11-19").out
    assert "nothing found" in run("ledger", "search", "zebra").out


def test_what_the_agent_saw_is_shown(run: Run, talked: None) -> None:
    [item] = json.loads(run("ledger", "search", "paid", "--json").out)["items"]
    done = run("ledger", "show", str(item["id"]))
    assert done.code == 0
    assert "Waiting for 0 minutes" in done.out
    assert done.out.rstrip().endswith("Your refund was paid today.")
    kept = json.loads(run("ledger", "show", str(item["id"]), "--json").out)
    assert kept["card"]["sections"]
    assert kept["ledger"][-1]["id"] == item["id"]


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["search", "--customer", "nobody"], 1, "there is no customer nobody"),
        (["search", "--agent", "Nobody"], 1, "there is no agent 'Nobody'"),
        (["search", "--from", "yesterday"], 2, "yesterday"),
        (["search", "--direction", "sideways"], 2, "sideways"),
        (["search", "--limit", "0"], 2, "limit"),
        (["show", "17"], 1, "there is no touchpoint 17"),
        (["show", "x"], 2, "integer"),
    ],
)
def test_mistakes_are_told(run: Run, words: list[str], code: int, told: str) -> None:
    done = run("ledger", *words)
    assert done.code == code
    assert told in done.err
