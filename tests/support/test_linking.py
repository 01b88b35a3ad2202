"""Somebody unknown turns out to be a customer, by a link or by a number; guesses and strangers' numbers do not help."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from crm_store.models import Audit, ContactLink, ContactPoint, Customer, Merge, Order, Ticket, Touchpoint
from crm_store.person import Person
from crm_store.store import Store
from crm_store.unit import Unit
from support.customers import linking
from support.customers.errors import ErasedCustomerError, UnknownCustomerError
from support.customers.finding import record_named
from support.customers.linking import make_link, share_phone, start_link, use_link
from support.customers.merging import merge, unmerge
from support.people import meet
from support.talk import conversation
from support.talk.inbound import Inbound, Sender
from tests.support.identity import add_contact, add_customer, add_order, owners
from tests.support.shop import Shop, open_shop

PHONE = "+49 170 1234567"


class Telegram:
    """A channel with a memory."""

    def __init__(self) -> None:
        self.sent: list[Any] = []

    async def send(self, unit: Unit, to: ContactPoint, touchpoint: Touchpoint, reply: Any) -> None:
        self.sent.append(reply)


@pytest.fixture
async def shop(store: Store) -> Shop:
    shop = await open_shop(store)
    shop.desk.channels = {**shop.desk.channels, "telegram": Telegram()}
    return shop


async def known(shop: Shop, name: str = "Ann", **values: Any) -> int:
    async def work(unit: Unit) -> int:
        row = add_customer(unit, name, **{"external_id": f"C-{name}", **values})
        add_order(unit, row)
        return row.id

    return await shop.run(work)


async def link_to(shop: Shop, customer_id: int, **more: Any) -> str:
    return await shop.run(lambda unit: make_link(unit, customer_id, **more))


async def used(shop: Shop, token: str, address: str = "101") -> tuple[bool, int]:
    """Whether the link was good, and whose the contact point is afterwards."""

    async def work(unit: Unit) -> bool:
        return await use_link(unit, await meet(unit, Sender("telegram", address)), token)

    good = await shop.run(work)
    return good, await owner(shop, address)


async def shared(shop: Shop, phone: str = PHONE, address: str = "101") -> tuple[bool, int]:
    async def work(unit: Unit) -> bool:
        return await share_phone(unit, await meet(unit, Sender("telegram", address)), phone)

    found = await shop.run(work)
    return found, await owner(shop, address)


async def owner(shop: Shop, address: str) -> int:
    async with shop.store.read() as session:
        query = select(ContactPoint.customer_id).where(ContactPoint.address == address)
        return (await session.scalars(query)).one()


# Links


async def test_a_link_makes_a_newcomer_its_customer_once(shop: Shop) -> None:
    ann = await known(shop)
    token = await link_to(shop, ann)
    assert token.startswith("id_")
    assert len(token) <= 64
    assert start_link("shop_bot", token) == f"https://t.me/shop_bot?start={token}"
    (link,) = await shop.rows(ContactLink)
    assert token not in (link.token_hash, link.token_hash.encode().hex())
    assert await used(shop, token) == (True, ann)
    (merged,) = await shop.rows(Merge)
    (link,) = await shop.rows(ContactLink)
    assert (merged.kept_id, merged.agent_id, merged.evidence[0]["code"]) == (ann, None, "link")
    contact = next(c for c in await shop.rows(ContactPoint) if c.address == "101")
    assert (link.used_by_id, link.used_at) == (contact.id, shop.now)
    assert {a.action for a in await shop.rows(Audit)} >= {"customer.link_made", "customer.merged"}
    good, other = await used(shop, token, "102")
    assert not good
    assert other != ann


async def test_what_a_stranger_had_comes_along(shop: Shop) -> None:
    ann = await known(shop)
    message = Inbound(Sender("telegram", "101"), "/ticket it leaks")
    await shop.run(lambda unit: conversation.hear(shop.desk, unit, message))
    assert await used(shop, await link_to(shop, ann)) == (True, ann)
    assert await owners(shop.store, Ticket) == [ann]
    kinds = [row.kind for row in await shop.rows(Touchpoint)]
    assert kinds[0] == "joined"
    assert kinds[-1] == "linked"


async def test_a_link_expires(shop: Shop) -> None:
    token = await link_to(shop, ann := await known(shop), life=timedelta(hours=1))
    shop.pass_time(hours=1)
    good, whose = await used(shop, token)
    assert (good, whose == ann) == (False, False)


async def test_a_link_leads_to_whoever_the_customer_is_by_then(shop: Shop) -> None:
    ann, anna = await known(shop, "Ann"), await known(shop, "Anna")
    token = await link_to(shop, anna)
    await shop.run(lambda unit: merge(unit, ann, anna, None))
    assert await used(shop, token) == (True, ann)


async def test_a_link_of_a_merged_record_leads_to_that_record_once_it_stands_alone_again(shop: Shop) -> None:
    ann, anna = await known(shop, "Ann"), await known(shop, "Anna")
    merged = await shop.run(lambda unit: merge(unit, ann, anna, None))
    token = await link_to(shop, anna)
    await shop.run(lambda unit: unmerge(unit, merged.id, None))
    assert await used(shop, token) == (True, anna)


async def test_a_link_by_a_number_that_was_taken_over_ends_with_the_merge(shop: Shop) -> None:
    """Whoever made it meant either of the two."""
    ann, anna = await known(shop, "Ann", external_id=None), await known(shop, "Anna")
    before = await link_to(shop, ann)
    shop.pass_time(minutes=1)
    merged = await shop.run(lambda unit: merge(unit, ann, anna, None))
    async with shop.store.read() as session:
        meant = await record_named(session, "C-Anna")
    assert meant == ann
    token = await link_to(shop, meant)
    await shop.run(lambda unit: unmerge(unit, merged.id, None))
    good, whose = await used(shop, token)
    assert (good, whose in (ann, anna)) == (False, False)
    assert await used(shop, before, "102") == (True, ann)


async def test_a_link_does_not_join_two_customers_of_the_shop(shop: Shop) -> None:
    ann, bo = await known(shop, "Ann"), await known(shop, "Bo")
    assert await used(shop, await link_to(shop, bo)) == (True, bo)
    token = await link_to(shop, ann)
    assert await used(shop, token) == (False, bo)
    assert await used(shop, token, "102") == (True, ann), "it is still good for whom it is meant"


async def test_of_two_who_come_at_once_one_is_let_in(shop: Shop) -> None:
    token = await link_to(shop, ann := await known(shop))

    async def both(unit: Unit) -> None:
        for address in ("101", "102"):
            await meet(unit, Sender("telegram", address))

    await shop.run(both)
    found = await asyncio.gather(used(shop, token, "101"), used(shop, token, "102"))
    assert sorted(good for good, _ in found) == [False, True]
    assert [whose for _, whose in found].count(ann) == 1


async def test_one_unit_lets_in_one(shop: Shop) -> None:
    token = await link_to(shop, await known(shop))

    async def work(unit: Unit) -> list[bool]:
        people = [await meet(unit, Sender("telegram", address)) for address in ("101", "102")]
        return [await use_link(unit, person, token) for person in people]

    assert await shop.run(work) == [True, False]


async def test_guesses_are_told_nothing_and_stopped(shop: Shop) -> None:
    ann = await known(shop)
    for n in range(linking.MOST_GUESSES):
        assert not (await used(shop, f"id_{n}"))[0]
    token = await link_to(shop, ann)
    assert not (await used(shop, token))[0], "even a right one is not looked up any more"
    count = len([row for row in await shop.rows(Touchpoint) if row.kind == linking.REFUSED])
    assert count == linking.MOST_GUESSES
    shop.pass_time(hours=1, seconds=1)
    assert await used(shop, token) == (True, ann)


async def test_other_words_of_a_start_are_no_guesses(shop: Shop) -> None:
    for word in ("campaign-7", "", "ref_12", "id_\ud800"):
        assert not (await used(shop, word))[0]
    assert {row.kind for row in await shop.rows(Touchpoint)} == {"joined"}


async def test_no_link_leads_to_nobody(shop: Shop) -> None:
    with pytest.raises(UnknownCustomerError):
        await link_to(shop, 7)
    ann = await known(shop)
    token = await link_to(shop, ann)

    async def erase(unit: Unit) -> None:
        row = await unit.session.get(Customer, ann)
        assert row
        row.erased_at = unit.now

    await shop.run(erase)
    with pytest.raises(ErasedCustomerError):
        await link_to(shop, ann)
    good, whose = await used(shop, token)
    assert (good, whose == ann) == (False, False)


# Numbers


async def test_the_one_customer_with_the_number_is_found(shop: Shop) -> None:
    ann = await known(shop, phone="0049 170 1234567")
    await known(shop, "Bo", phone="+49 170 7654321")
    assert await shared(shop) == (True, ann)
    (merged,) = await shop.rows(Merge)
    assert (merged.kept_id, merged.evidence[0]["code"]) == (ann, "shared_phone")


async def test_of_several_an_agent_decides(shop: Shop) -> None:
    await known(shop, "Ann", phone=PHONE)
    await known(shop, "Anna", phone=PHONE)
    found, whose = await shared(shop)
    assert not found
    assert await shop.rows(Merge) == []
    row = next(c for c in await shop.rows(Customer) if c.id == whose)
    assert row.phone == PHONE, "so that the three are suggested"


async def test_nobodys_number_is_kept_for_later(shop: Shop) -> None:
    found, whose = await shared(shop)
    assert not found
    row = next(c for c in await shop.rows(Customer) if c.id == whose)
    assert (row.phone, row.external_id) == (PHONE, None)


async def test_a_number_with_a_new_owner_opens_nothing(shop: Shop) -> None:
    ann = await known(shop, phone=PHONE)

    async def connect(unit: Unit) -> None:
        row = await unit.session.get(Customer, ann)
        assert row
        add_contact(unit, row, "telegram", "900")

    await shop.run(connect)
    found, whose = await shared(shop)
    assert not found
    assert whose != ann


async def test_a_customer_of_the_shop_stays_who_they_are(shop: Shop) -> None:
    await known(shop, "Ann", phone=PHONE)
    bo = await known(shop, "Bo")
    await used(shop, await link_to(shop, bo))
    assert await shared(shop) == (True, bo)
    assert len(await shop.rows(Merge)) == 1


# In the chat


async def hear(shop: Shop, text: str = "", address: str = "101", **more: Any) -> Any:
    """What the customer is answered."""
    channel = shop.desk.channels["telegram"]
    assert isinstance(channel, Telegram)
    channel.sent.clear()
    message = Inbound(Sender("telegram", address, name="nia"), text, **more)
    await shop.run(lambda unit: conversation.hear(shop.desk, unit, message))
    return channel.sent[0] if channel.sent else None


async def test_a_start_by_link_is_greeted_by_name(shop: Shop) -> None:
    token = await link_to(shop, await known(shop))
    reply = await hear(shop, "/start", start=token)
    assert reply.text.startswith("Hello Ann, good to see you again.")
    assert [row.text for row in await shop.rows(Touchpoint) if row.direction == "in"] == ["/start"]
    stranger = await hear(shop, "/start", "102", start=token)
    assert stranger.text.startswith("Hello and welcome.")


async def test_an_unknown_order_number_leads_to_the_contact_button(shop: Shop) -> None:
    await known(shop, phone=PHONE)
    asked = await hear(shop, "4711")
    assert [button.label for button in asked.buttons] == ["Find my orders", "A person"]
    share = await hear(shop, "Find my orders")
    assert (share.asks_contact, share.buttons) == ("Share my number", ())
    found = await hear(shop, kind="contact", phone=PHONE)
    assert found.text.startswith("Thank you, Ann, I have found you. Your last order is O-")
    assert found.ends_asking
    assert [button.label for button in (await hear(shop, "4711")).buttons] == ["My order", "A person"]
    assert not [row for row in await shop.rows(Touchpoint) if PHONE in f"{row.text}{row.payload}"]


async def test_a_number_of_nobody_is_told_so(shop: Shop) -> None:
    reply = await hear(shop, kind="contact", phone=PHONE)
    assert "no order by it" in reply.text
    assert reply.ends_asking


async def test_somebody_elses_contact_is_a_contact_card(shop: Shop) -> None:
    await known(shop, phone=PHONE)
    assert "contact card" in (await hear(shop, kind="other:contact")).text
    assert await shop.rows(Merge) == []


async def test_the_web_has_no_such_button(shop: Shop) -> None:
    await shop.hear("4711")
    (row,) = [row for row in await shop.rows(Touchpoint) if row.direction == "out"]
    assert [button["label"] for button in (row.payload or {})["buttons"]] == ["A person"]


async def test_while_an_agent_holds_the_chat_it_counts_and_the_bot_is_silent(shop: Shop) -> None:
    ann = await known(shop, phone=PHONE)
    assert await hear(shop, "a human please")

    async def claim(unit: Unit) -> None:
        person: Person = await shop.known(unit, "101", "telegram")
        assert person.escalation
        person.escalation.state = "claimed"

    await shop.run(claim)
    assert await hear(shop, kind="contact", phone=PHONE) is None
    assert await owner(shop, "101") == ann
    assert await owners(shop.store, Order) == [ann]
