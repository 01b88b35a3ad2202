"""Meeting people: found or made, renamed, and the conversation that their words belong to."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from crm_store.models import ContactPoint, Conversation, Customer, Touchpoint
from crm_store.store import Store
from crm_store.unit import Unit
from support.people import SILENCE, meet
from support.talk.contact import reachable
from support.talk.inbound import Sender
from tests.support.shop import Shop, open_shop


@pytest.fixture
async def shop(store: Store) -> Shop:
    return await open_shop(store)


def telegram(name: str | None = "Nia", username: str | None = None, language: str | None = None) -> Sender:
    return Sender("telegram", "101", 101, name, username, language)


async def test_a_newcomer_is_a_customer_from_the_first_word(shop: Shop) -> None:
    await shop.run(lambda unit: meet(unit, telegram()))
    (customer,), (contact,), (joined,) = (
        await shop.rows(Customer), await shop.rows(ContactPoint), await shop.rows(Touchpoint),
    )  # fmt: skip
    assert (customer.name, customer.external_id) == ("Nia", None)
    assert (contact.customer_id, contact.address, contact.chat_id, contact.state) == (customer.id, "101", 101, "active")
    assert (joined.kind, joined.direction) == ("joined", "internal")


async def test_the_same_person_is_met_once(shop: Shop) -> None:
    async def twice(unit: Unit) -> None:
        assert await meet(unit, telegram()) is await meet(unit, telegram())

    await shop.run(twice)
    await shop.run(lambda unit: meet(unit, telegram()))
    await asyncio.gather(*(shop.run(lambda unit: meet(unit, Sender("web", "new"))) for _ in range(3)))
    assert len(await shop.rows(Customer)) == 2


async def test_one_number_on_two_channels_is_two_contact_points(shop: Shop) -> None:
    await shop.run(lambda unit: meet(unit, telegram()))
    await shop.run(lambda unit: meet(unit, Sender("web", "101")))
    assert len(await shop.rows(ContactPoint)) == 2


async def test_what_the_channel_says_now_replaces_what_it_said_before(shop: Shop) -> None:
    await shop.run(lambda unit: meet(unit, telegram("Nia", "nia", "en")))
    (before,) = await shop.rows(ContactPoint)
    await shop.run(lambda unit: meet(unit, telegram("Nia Berg", None, "zh-TW")))
    (after,) = await shop.rows(ContactPoint)
    assert (after.display_name, after.username, after.client_language) == ("Nia Berg", "nia", "zh-TW")
    assert after.version == before.version + 1
    await shop.run(lambda unit: meet(unit, telegram("Nia Berg", "nia", "zh-TW")))
    assert (await shop.rows(ContactPoint))[0].version == after.version, "nothing changed, nothing written"


async def test_twelve_hours_of_silence_end_a_conversation(shop: Shop) -> None:
    await shop.hear("how offen do i descale")
    begun = shop.now
    shop.pass_time(hours=12)
    await shop.hear("and the filter?")
    assert len(await shop.rows(Conversation)) == 1
    shop.pass_time(hours=12, seconds=1)
    await shop.hear("hello")
    former, present = await shop.rows(Conversation)
    assert former.ended_at == former.last_at + SILENCE == begun + timedelta(hours=24)
    assert (present.started_at, present.ended_at) == (shop.now, None)
    assert [row.conversation_id for row in await shop.rows(Touchpoint) if row.direction == "in"] == [
        former.id, former.id, present.id,
    ]  # fmt: skip


async def test_a_new_conversation_keeps_the_language_and_forgets_the_matter(shop: Shop) -> None:
    await shop.hear("多久除一次垢")
    shop.pass_time(days=1)
    await shop.hear("ok")
    former, present = await shop.rows(Conversation)
    assert (former.language, present.language) == ("zh-Hans", "zh-Hans")
    assert former.dialog["answered"] == "descale"
    assert "answered" not in present.dialog


async def test_who_cannot_be_reached_is_noted_once_and_told_to_whoever_waits(shop: Shop) -> None:
    sender = Sender("web", "nia")
    await shop.queue_up()
    for _ in range(2):
        await shop.run(lambda unit: reachable(shop.desk, unit, sender, reachable=False))
    (contact,) = await shop.rows(ContactPoint)
    assert (contact.state, contact.state_changed_at) == ("blocked", shop.now)
    await shop.run(lambda unit: reachable(shop.desk, unit, sender, reachable=True))
    kinds = [row.kind for row in await shop.rows(Touchpoint)]
    assert kinds[-2:] == ["blocked", "unblocked"]
    assert [what for what in shop.room.told_of if what[0] == "told"] == [
        ("told", "agent.blocked"),
        ("told", "agent.unblocked"),
    ]


async def test_whoever_writes_can_be_written_to(shop: Shop) -> None:
    sender = Sender("web", "nia")
    await shop.hear("hello")
    await shop.run(lambda unit: reachable(shop.desk, unit, sender, reachable=False))
    await shop.hear("hello again")
    assert (await shop.rows(ContactPoint))[0].state == "active"
