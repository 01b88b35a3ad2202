"""`touchdesk customer show` at a terminal."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import update

from crm_store.models import ContactPoint, Customer
from crm_store.store import Store
from crm_store.unit import Unit
from crm_store.vault import open_vault
from support.imports.contact_data import email_hash, phone_hash
from tests.bot.conftest import Run
from tests.crm_store.test_card import PHONE, fill
from tests.databases import SECRET

SHARED = "office@bean.example"


@pytest.fixture
def filled(run: Run, shop: Path, capsys: pytest.CaptureFixture[str]) -> int:
    """A shop with the customers of the card's tests; the id of the first."""
    assert run("migrate").code == 0

    async def work(unit: Unit) -> int:
        customer_id = await fill(unit)
        made = sorted(unit.session.new, key=lambda row: getattr(row, "id", 0))
        first, second = [row for row in made if isinstance(row, Customer)][:2]
        first.email_hash = second.email_hash = email_hash(SHARED)
        first.phone_hash = phone_hash(PHONE)
        contact = next(row for row in made if isinstance(row, ContactPoint) and row.customer_id == customer_id)
        contact.channel, contact.address, contact.username = "telegram", "4711", "NiaBrews"
        return customer_id

    return asyncio.run(in_store(shop, work))


async def in_store(shop: Path, work: Callable[[Unit], Awaitable[int]]) -> int:
    open_vault(SECRET)
    store = Store(f"sqlite:///{shop / 'shop.db'}")
    done = await store.run(work)
    await store.close()
    return done


@pytest.mark.parametrize("words", ["C-1", "@4711", "@niabrews", PHONE, "0049 30 1234567"])
def test_a_customer_is_shown_by_whatever_is_known(run: Run, filled: int, words: str) -> None:
    done = run("customer", "show", words)
    assert done.code == 0, done.err
    head, *lines = done.out.splitlines()
    assert head == "Nia 1 (C-1)"
    assert "Tier: VIP" in lines
    for part in ("Organisation: Bean & Co", "Hours: call after six", "Promises", "O-7 · 7 October", "Last contacts"):
        assert part in done.out


def test_by_our_own_id_and_as_json(run: Run, filled: int) -> None:
    told = json.loads(run("customer", "show", str(filled), "--json").out)
    assert (told["external_id"], told["standing"]["tier"], len(told["orders"])) == ("C-1", "vip", 5)


@pytest.mark.parametrize("words", ["nobody", "@nobody", "@1", "a@b.example", "+49 30 7654321", "9" * 30])
def test_whoever_is_not_there_is_told(run: Run, filled: int, words: str) -> None:
    done = run("customer", "show", words)
    assert (done.code, done.out) == (1, "")
    assert f"there is no customer {words}" in done.err


def test_an_address_of_several_names_them(run: Run, filled: int) -> None:
    done = run("customer", "show", SHARED)
    assert done.code == 1
    assert f"{SHARED} belongs to several customers" in done.err
    assert str(filled) in done.err


def test_an_erased_customer_says_so(run: Run, shop: Path, filled: int) -> None:
    async def erase(unit: Unit) -> int:
        await unit.session.execute(update(Customer).values(erased_at=datetime(2026, 11, 3, tzinfo=UTC), name=""))
        return 0

    asyncio.run(in_store(shop, erase))
    done = run("customer", "show", "C-1")
    assert (done.code, done.out.strip()) == (0, "Erased on 3 November: nothing is kept of this customer")
    failed = run("customer", "show", "C-1", "--json")
    assert failed.code == 1
    assert "was erased" in failed.err
