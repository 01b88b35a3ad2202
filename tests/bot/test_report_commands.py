"""`touchdesk report` at a terminal."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest

from crm_store.store import Store
from crm_store.vault import open_vault
from tests.bot.conftest import Run
from tests.databases import SECRET
from tests.support.contacts import Ledger, at, written

DAYS = ("--from", "2026-09-01", "--to", "2026-09-30", "--within", "10")


@pytest.fixture
def happened(run: Run, shop: Path) -> None:
    """Twenty called, got an answer in 90 seconds and ordered; twenty only wrote; a thing has a strange name."""
    assert run("migrate").code == 0

    def tell(ledger: Ledger) -> None:
        for _ in range(20):
            caller, writer = ledger.customer(), ledger.customer()
            ledger.say(caller, at(2), "call")
            ledger.say(caller, at(2) + timedelta(seconds=90), author="agent")
            ledger.order(caller, day=4)
            ledger.say(writer, at(3))
        ledger.say(writer, at(4), "a\x1b[31m\nthing", ticket_id=ledger.ticket(writer, stars=4))

    async def write() -> None:
        open_vault(SECRET)
        store = Store(f"sqlite:///{shop / 'shop.db'}")
        await written(store, tell)
        await store.close()

    asyncio.run(write())


def test_the_page_tells_speed_and_what_followed(run: Run, happened: None) -> None:
    done = run("report", "contacts", *DAYS)
    assert done.code == 0
    lines = done.out.splitlines()
    calls = [" ".join(line.split()) for line in lines if line.startswith("call")]
    assert calls[0] == "call web customer 20 20 20 1.5 min 1.5 min 20 1.5 min 1.5 min"
    assert calls[1].startswith("call web customer 20 20 100% : 0%, +100 (+77 … +100) *")
    [strange, _] = [" ".join(line.split()) for line in lines if line.startswith("a")]
    assert strange == "a [31m thing web customer 1 1 0 few few 0 few few few (1)"
    assert "too few with it" in done.out
    assert "\x1b" not in done.out


def test_json_is_the_same_as_the_apis(run: Run, happened: None) -> None:
    found = json.loads(run("report", "contacts", *DAYS, "--json").out)
    assert (found["from"], found["to"], found["within"], found["left_out"]) == ("2026-09-01", "2026-09-30", 10, 0)
    [call] = [each for each in found["kinds"] if each["kind"] == "call"]
    assert call["answered"] == {"answered": 20, "median": 90, "p90": 90}
    assert call["followed"]["order"]["difference"] == 1.0


def test_days_without_contacts_say_so(run: Run) -> None:
    assert "there were none" in run("report", "contacts").out


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["--from", "2026-09-30", "--to", "2026-09-01"], 1, "after its end"),
        (["--to", "9999-12-31"], 1, "yet to come"),
        (["--from", "soon"], 2, "soon"),
        (["--within", "0"], 2, "within"),
    ],
)
def test_mistakes_are_told(run: Run, words: list[str], code: int, told: str) -> None:
    done = run("report", "contacts", *words)
    assert done.code == code
    assert told in done.err
