"""Who somebody is: by a link of the shop's site, or by Telegram's contact button; others' contacts do not count."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.identity_commands import link_for
from crm_store.models import ContactPoint, Customer, InboxRow, Merge, Touchpoint
from crm_store.repositories import merges
from tests.dialogues.conftest import Shop


async def whose(shop: Shop, user_id: int) -> str | None:
    query = (
        select(Customer.external_id)
        .join(ContactPoint, ContactPoint.customer_id == Customer.id)
        .where(ContactPoint.channel == "telegram", ContactPoint.address == str(user_id))
    )
    (found,) = await shop.rows(query)
    return str(found) if found else None


async def regular(shop: Shop) -> Customer:
    """A customer of the sample shop who is not in Telegram yet."""
    row: Customer
    (row,) = await shop.rows(select(Customer).where(Customer.external_id == "C-1012"))
    return row


async def test_by_the_contact_button(shop: Shop) -> None:
    customer = await regular(shop)
    assert customer.phone
    nia, eve = shop.customer(101, "Nia"), shop.customer(102, "Eve")
    nia.say("987654")
    (asked,) = await nia.hears(1)
    assert "I don't see an order 987654" in asked.text
    nia.press("Find my orders")
    (share,) = await nia.hears(1)
    assert "Share your phone number" in share.text
    assert share.keyboard
    assert share.keyboard["keyboard"][0][0]["request_contact"] is True

    eve.contact(customer.phone, user_id=nia.id)
    assert "contact card" in (await eve.hears(1))[0].text
    await shop.settled()
    assert await whose(shop, eve.id) is None

    eve.send(
        {
            "contact": {"phone_number": customer.phone, "first_name": "Nia", "user_id": eve.id},
            "forward_origin": {"type": "hidden_user", "sender_user_name": "Nia", "date": 1},
        }
    )
    assert "contact card" in (await eve.hears(1))[0].text

    nia.contact(customer.phone.replace("+", ""))
    (found,) = await nia.hears(1)
    assert found.text.startswith(f"Thank you, {customer.name}, I have found you. Your last order is ")
    await shop.settled()
    assert await whose(shop, nia.id) == "C-1012"
    nia.start()
    assert customer.name in (await nia.hears(1))[0].text
    (merged,) = await shop.rows(select(Merge))
    assert merged.kept_id == customer.id
    words = [f"{row.text} {row.payload}" for row in await shop.rows(select(Touchpoint))]
    assert not [line for line in words if customer.phone.lstrip("+").replace(" ", "") in line.replace(" ", "")]


async def test_by_a_link_of_the_shops_own(shop: Shop) -> None:
    customer = await regular(shop)
    address = await asyncio.wait_for(link_for(shop.settings, shop.store, "C-1012", timedelta(days=2)), 10)
    token = address.rsplit("=", 1)[1]
    nia, eve = shop.customer(101, "Nia"), shop.customer(102, "Eve")
    nia.start(token)
    (greeted,) = await nia.hears(1)
    assert greeted.text.startswith(f"Hello {customer.name}")
    eve.start(token)
    assert "welcome" in (await eve.hears(1))[0].text
    await shop.settled()
    assert (await whose(shop, nia.id), await whose(shop, eve.id)) == ("C-1012", None)
    assert not [row for row in await shop.rows(select(Touchpoint)) if token in f"{row.text} {row.payload}"]
    assert not await shop.rows(select(InboxRow).where(InboxRow.state == "failed"))
    async with shop.store.read() as session:
        assert len(await merges.merged_ids(session, customer.id)) == 2


@pytest.mark.parametrize("word", ["id_", "id_x", "campaign-7", "id_" + "a" * 61])
async def test_a_start_with_any_other_word_is_a_plain_start(shop: Shop, word: str) -> None:
    nia = shop.customer(101, "Nia")
    nia.start(word)
    assert (await nia.hears(1))[0].text.startswith("Hello and welcome.")
    await shop.settled()
    assert not await shop.rows(select(Merge))
