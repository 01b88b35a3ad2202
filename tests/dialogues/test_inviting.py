"""A customer asks for their own link, and a friend comes by it: in English and in Chinese."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from crm_store.models import ContactPoint, Customer, InboxRow, Touchpoint
from support.judging.referrals import code_of
from tests.dialogues.conftest import Shop

ANN = 101


async def at(shop: Shop, user_id: int) -> Customer:
    query = select(Customer).join(ContactPoint, ContactPoint.customer_id == Customer.id)
    (found,) = await shop.rows(query.where(ContactPoint.address == str(user_id)))
    assert isinstance(found, Customer)
    return found


@pytest.mark.parametrize(
    ("language", "offer", "greeting"),
    [("en", "your own link for friends", "Hello and welcome."), ("zh-hans", "您的专属邀请链接", "您好，欢迎")],
)
async def test_a_friend_comes_by_a_customers_link(shop: Shop, language: str, offer: str, greeting: str) -> None:
    ann = shop.customer(ANN, "Ann", language)
    zoe = shop.customer(102, "Zoe", language)
    ann.say("/invite")
    (told,) = await ann.hears(1)
    assert offer in told.text
    found = re.search(r"https://t\.me/(\w+)\?start=(r_[a-z0-9_]{1,62})(?:\s|$)", told.text)
    assert found
    code = found[2]
    customer = await at(shop, ANN)
    assert code == code_of(customer.id)

    ann.start(code)  # of no use to herself
    await ann.hears(1)
    zoe.start(code)
    assert greeting in (await zoe.hears(1))[0].text
    zoe.start(code)
    await zoe.hears(1)
    await shop.settled()
    assert (await at(shop, 102)).referred_by_id == customer.id
    assert (await at(shop, ANN)).referred_by_id is None
    rows = await shop.rows(select(Touchpoint).where(Touchpoint.direction == "in"))
    assert not [row for row in rows if code in f"{row.text} {row.payload}"]
    assert [row.kind for row in await shop.ledger(zoe)].count("referred") == 1
    assert not await shop.rows(select(InboxRow).where(InboxRow.state == "failed"))


@pytest.mark.parametrize("word", ["r_", "r_1_" + "0" * 32, "r_" + "a" * 62])
async def test_a_made_up_code_is_a_plain_start(shop: Shop, word: str) -> None:
    eve = shop.customer(103, "Eve")
    eve.start(word)
    assert (await eve.hears(1))[0].text.startswith("Hello and welcome.")
    await shop.settled()
    assert (await at(shop, 103)).referred_by_id is None
