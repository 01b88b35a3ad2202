"""Who was brought by whom: a link of one's own, newcomers alone, and nobody who was known, made up or erased."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_store.models import ContactPoint, Customer, Score, Touchpoint
from crm_store.privacy.copying import read_rows
from crm_store.privacy.whose import whose
from crm_store.queries import card
from crm_store.repositories.referrals import refresh_counts
from crm_store.store import Store
from crm_store.unit import Unit
from crm_store.vault import open_vault
from support.customers.erasing import erase
from support.customers.linking import LONGEST_TOKEN
from support.customers.merging import merge, unmerge
from support.files import FileStore
from support.judging.referrals import code_of, invitation, is_code, own_invitation
from support.talk import conversation
from support.talk.inbound import Inbound, Sender
from tests.crm_store.test_indexes import statements
from tests.databases import SECRET
from tests.support.identity import NOW, add_contact, add_customer, add_order
from tests.support.shop import Shop, open_shop, score

LARGEST_ID = 2**63 - 1


@pytest.fixture
async def shop(store: Store) -> Shop:
    return await open_shop(store)


async def known(shop: Shop, name: str = "Ann", *, buys: bool = True, **values: Any) -> int:
    async def work(unit: Unit) -> int:
        row = add_customer(unit, name, **{"external_id": f"C-{name}", **values})
        if buys:
            add_order(unit, row)
        unit.add(score(row.id))
        return row.id

    return await shop.run(work)


async def comes(shop: Shop, code: str, address: str = "nia", text: str = "hello") -> Customer:
    """Somebody's words by a link; who they are afterwards."""
    message = Inbound(Sender("web", address), text, start=code)
    await shop.run(lambda unit: conversation.hear(shop.desk, unit, message))
    return await at(shop, address)


async def at(shop: Shop, address: str) -> Customer:
    query = select(Customer).join(ContactPoint, ContactPoint.customer_id == Customer.id)
    async with shop.store.read() as session:
        return (await session.scalars(query.where(ContactPoint.address == address))).one()


async def buys(shop: Shop, customer_id: int, day: int = 25, amount: str = "10.00") -> None:
    async def work(unit: Unit) -> None:
        row = await unit.session.get(Customer, customer_id)
        assert row
        add_order(unit, row, day, amount)

    await shop.run(work)


async def counted(shop: Shop) -> dict[int, int]:
    await refresh_counts(shop.store)
    return {row.customer_id: row.brought for row in await shop.rows(Score)}


async def came(shop: Shop, customer_id: int) -> int:
    async with shop.store.read() as session:
        found = await card.read(session, customer_id)
    assert found
    return found.came


async def test_counting_waits_for_no_writer_and_overwrites_nobody(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    ann, bo = await known(shop), await known(shop, "Bo", referrer="C-Ann")
    write = shop.store.write

    @asynccontextmanager
    async def slow() -> AsyncIterator[AsyncConnection]:
        async with write() as connection:
            await connection.execute(update(Score).where(Score.customer_id == ann).values(ideas=7))
        async with write() as connection:
            yield connection

    with monkeypatch.context() as patch:
        patch.setattr(shop.store, "write", slow)
        await refresh_counts(shop.store)
    assert {row.customer_id: (row.brought, row.ideas) for row in await shop.rows(Score)} == {ann: (0, 7), bo: (0, 0)}
    assert await counted(shop) == {ann: 1, bo: 0}
    async with shop.store.write():
        await asyncio.wait_for(refresh_counts(shop.store), 5)


def test_a_code_fits_a_start_link_and_says_nothing_of_the_customer() -> None:
    open_vault(SECRET)
    code = code_of(LARGEST_ID)
    assert len(code) <= LONGEST_TOKEN
    assert re.fullmatch(r"[A-Za-z0-9_-]+", code)
    assert code == code_of(LARGEST_ID)
    assert code.rsplit("_", 1)[1] != code_of(LARGEST_ID - 1).rsplit("_", 1)[1]


def test_links_only_to_where_the_shop_is() -> None:
    open_vault(SECRET)
    code = code_of(7)
    both = invitation(7, bot_name="kaffa_bot", chat_url="https://kaffa.example/chat")
    assert both.links == (f"https://t.me/kaffa_bot?start={code}", f"https://kaffa.example/chat?ref={code}")
    assert invitation(7, bot_name=None, chat_url=None).links == ()


async def test_a_newcomer_is_brought_and_greeted_like_anybody(shop: Shop) -> None:
    ann = await known(shop)
    found = await comes(shop, code_of(ann))
    assert found.referred_by_id == ann
    assert await came(shop, ann) == 1
    await shop.hear("hello", "bo")
    first, second = await shop.said()
    assert first == second
    rows = await shop.rows(Touchpoint)
    assert [row.kind for row in rows if row.kind == "referred"] == ["referred"]
    assert not [row for row in rows if code_of(ann) in f"{row.text} {row.payload}" or str(ann) in f"{row.payload}"]


@pytest.mark.parametrize("break_", ["hash", "number", "other", "cut", "long", "upper", "leading", "empty"])
async def test_a_forged_code_brings_nobody(shop: Shop, break_: str) -> None:
    ann = await known(shop)
    bo = await known(shop, "Bo")
    _, number, hash_ = code_of(ann).split("_")
    forged = {
        "hash": f"r_{number}_{'0' * 32}",
        "number": f"r_{'z' * 13}_{hash_}",  # beyond 64 bits
        "other": f"r_{code_of(bo).split('_')[1]}_{hash_}",
        "cut": f"r_{number}_{hash_[:-1]}",
        "long": f"r_{number}_{hash_}{'a' * 40}",
        "upper": f"r_{number}_{hash_}".upper(),
        "leading": f"r_0{number}_{hash_}",
        "empty": "r_",
    }[break_]
    found = await comes(shop, forged)
    assert found.referred_by_id is None
    assert len(await shop.said()) == 1


async def test_nobody_who_was_here_before_is_brought(shop: Shop) -> None:
    ann, bo = await known(shop), await known(shop, "Bo")
    await shop.hear("hello")
    assert (await comes(shop, code_of(ann))).referred_by_id is None
    assert (await comes(shop, code_of(ann), "zoe")).referred_by_id == ann
    assert (await comes(shop, code_of(bo), "zoe")).referred_by_id == ann


async def test_no_customer_of_the_shop_is_brought(shop: Shop) -> None:
    ann, bo = await known(shop), await known(shop, "Bo")

    async def contact(unit: Unit) -> None:
        row = await unit.session.get(Customer, bo)
        assert row
        add_contact(unit, row, address="bo")

    await shop.run(contact)
    assert (await comes(shop, code_of(ann), "bo")).referred_by_id is None


async def test_nobody_brings_themselves(shop: Shop) -> None:
    await shop.hear("hello", "ann")
    ann = (await at(shop, "ann")).id
    assert (await comes(shop, code_of(ann), "ann")).referred_by_id is None
    twin = await comes(shop, code_of(ann), "second-browser")
    assert await came(shop, ann) == 1
    await shop.run(lambda unit: merge(unit, ann, twin.id, None))
    await shop.run(lambda unit: _give_score(unit, ann))
    await buys(shop, ann)
    assert await came(shop, ann) == 0
    assert (await counted(shop))[ann] == 0


async def _give_score(unit: Unit, customer_id: int) -> None:
    unit.add(score(customer_id))


async def test_two_messages_at_once_do_not_make_a_newcomer_twice(shop: Shop) -> None:
    ann = await known(shop)

    async def both(unit: Unit) -> None:
        for text, start in (("hello", ""), ("/start", code_of(ann))):
            await conversation.hear(shop.desk, unit, Inbound(Sender("web", "nia"), text, start=start))

    await shop.run(both)
    assert (await at(shop, "nia")).referred_by_id is None


async def test_only_buyers_count(shop: Shop) -> None:
    ann = await known(shop)
    nia, zoe = [await comes(shop, code_of(ann), address) for address in ("nia", "zoe")]
    await buys(shop, zoe.id, amount="-5.00")
    assert await counted(shop) == {ann: 0}
    await buys(shop, nia.id)
    assert await counted(shop) == {ann: 1}
    assert await came(shop, ann) == 2


async def test_whom_an_import_names_counts_once(shop: Shop) -> None:
    ann = await known(shop)
    await known(shop, "Bo", referrer="C-Ann", referred_by_id=ann)
    await known(shop, "Cy", referrer="C-Ann", buys=False)
    await known(shop, "Di", referrer="C-Di")
    found = await counted(shop)
    assert {count for customer, count in found.items() if customer != ann} == {0}
    assert found[ann] == 1


async def test_counts_that_no_longer_hold_become_nothing(shop: Shop) -> None:
    ann = await known(shop)

    async def stale(unit: Unit) -> None:
        row = await unit.session.get(Score, ann)
        assert row
        row.brought, row.ideas = 9, 9

    await shop.run(stale)
    assert await counted(shop) == {ann: 0}
    (row,) = await shop.rows(Score)
    assert row.ideas == 0


async def test_merged_and_taken_apart_again(shop: Shop) -> None:
    ann, twin = await known(shop), await known(shop, "Anna")
    nia = await comes(shop, code_of(twin))
    await buys(shop, nia.id)
    before = await counted(shop)
    assert (before[ann], before[twin]) == (0, 1)
    row = await shop.run(lambda unit: merge(unit, ann, twin, None))
    assert await counted(shop) == {ann: 1}
    assert await came(shop, ann) == 1
    assert (await comes(shop, code_of(twin), "zoe")).referred_by_id == ann
    await shop.run(lambda unit: unmerge(unit, row.id, None))
    await shop.run(lambda unit: _give_score(unit, twin))
    assert await counted(shop) == before
    assert (await came(shop, twin), await came(shop, ann)) == (1, 1)


async def test_who_turns_out_to_be_known_was_not_brought(shop: Shop) -> None:
    ann = await known(shop)
    bo = await known(shop, "Bo", created_at=NOW - timedelta(days=9))
    nia = await comes(shop, code_of(ann))
    await shop.run(lambda unit: merge(unit, bo, nia.id, None))
    assert (await counted(shop))[ann] == 0


async def test_who_gets_the_shops_number_later_was_brought(shop: Shop) -> None:
    ann = await known(shop)
    nia = await comes(shop, code_of(ann))
    later = await known(shop, "Nia", buys=False, created_at=NOW + timedelta(days=9))
    old = await known(shop, "Old", created_at=NOW + timedelta(days=9))  # orders from before the link was opened
    zoe = await comes(shop, code_of(ann), "zoe")
    await shop.run(lambda unit: merge(unit, later, nia.id, None))
    await shop.run(lambda unit: merge(unit, old, zoe.id, None))
    assert (await counted(shop))[ann] == 0
    await buys(shop, later)
    assert (await counted(shop))[ann] == 1


async def test_an_erased_customers_link_brings_nobody_and_a_copy_names_nobody(shop: Shop, tmp_path: Any) -> None:
    ann = await known(shop)
    nia = await comes(shop, code_of(ann))
    async with shop.store.read() as session:
        copied = await read_rows(session, await whose(session, nia.id))
    assert str(ann) not in str(copied)
    files = FileStore(tmp_path)
    await erase(shop.desk, files, ann)
    assert (await at(shop, "nia")).referred_by_id == ann
    assert (await comes(shop, code_of(ann), "zoe")).referred_by_id is None
    await erase(shop.desk, files, nia.id)
    rows = {row.id: row.referred_by_id for row in await shop.rows(Customer)}
    assert rows[nia.id] is None


async def test_a_former_key_still_opens_links_as_long_as_it_is_kept(shop: Shop) -> None:
    ann = await known(shop)
    code = code_of(ann)
    try:
        open_vault(f"a-newer-secret,{SECRET}")
        assert code_of(ann) != code
        assert (await comes(shop, code, "nia")).referred_by_id == ann
        open_vault("a-newer-secret")
        assert (await comes(shop, code, "zoe")).referred_by_id is None
    finally:
        open_vault(SECRET)


@pytest.mark.parametrize(
    ("language", "words"), [("en", "your own link"), ("zh-Hans", "专属邀请链接"), ("zh-Hant", "專屬的邀請連結")]
)
async def test_invite_gives_ones_own_links(shop: Shop, language: str, words: str) -> None:
    shop.desk.bot_name, shop.desk.default_language = "kaffa_bot", language
    await shop.hear("/invite")
    nia = await at(shop, "nia")
    (said,) = await shop.said()
    assert words in said
    assert said.splitlines()[1:] == [f"https://t.me/kaffa_bot?start={code_of(nia.id)}"]

    async def own(unit: Unit) -> tuple[str, ...]:
        return own_invitation(shop.desk, await shop.known(unit)).links

    assert list(await shop.run(own)) == said.splitlines()[1:]


async def test_of_two_links_each_says_where_it_leads(shop: Shop) -> None:
    shop.desk.bot_name, shop.desk.chat_url = "kaffa_bot", "https://kaffa.example/chat"
    await shop.hear("/invite")
    code, (said,) = code_of((await at(shop, "nia")).id), await shop.said()
    assert said.splitlines()[1:] == [
        f"In Telegram: https://t.me/kaffa_bot?start={code}",
        f"In the web chat: https://kaffa.example/chat?ref={code}",
    ]


async def test_without_an_address_there_is_no_link(shop: Shop) -> None:
    await shop.hear("/invite")
    assert await shop.said() == ["I have no link for friends yet. Just tell them our name."]


async def test_counting_asks_three_statements_and_the_card_scans_no_table(sqlite_store: Store) -> None:
    shop = await open_shop(sqlite_store)
    ann = await known(shop)
    await comes(shop, code_of(ann))
    async with shop.store.read() as session:
        with statements(shop.store) as sent:
            await card.read(session, ann)
    ((statement, parameters),) = sent
    async with shop.store.reader.connect() as connection:
        rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        plan = [str(row[-1]) for row in rows]
    assert [line for line in plan if "referred_by_id" in line]
    assert not [line for line in plan if line.startswith("SCAN customer")]
    with statements(shop.store) as sent:
        await counted(shop)
    assert len([line for line, _ in sent if line.startswith("SELECT")]) <= 4  # the test's own among them
    assert not [line for line, _ in sent if line.startswith("UPDATE")]


def test_other_words_are_no_codes() -> None:
    for word in ("", "id_abc", "r_", "r_1_", "r_1_xyz", f"r_1_{'０' * 32}", f"r_1_{'0' * 32}\n"):
        assert not is_code(word)
