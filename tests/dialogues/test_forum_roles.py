"""Who may work in the agents' group: agents as themselves, and nobody else by whatever means."""

import secrets
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import select, update

from crm_store.models import Agent, Escalation, Touchpoint
from crm_store.unit import Unit
from tests.dialogues.conftest import AGENT, FORUM, OTHER_AGENT, Shop
from tests.telegram.acts.groups import ANONYMOUS_ADMIN
from tests.telegram.faults import Kind
from tests.telegram.people import Person

FORGED = (
    "a:claim",
    "a:release",
    "a:resolve",
    "a:resend:1",
    "a:resend:",
    "a:",
    "a:claim:1",
    "faq:x",
    "b:1:0",
    "😀" * 16,
    secrets.token_hex(32),
)


async def state(shop: Shop) -> tuple[str, int | None]:
    (escalation,) = await shop.rows(select(Escalation))
    return escalation.state, escalation.agent_id


async def stranger(shop: Shop) -> Person:
    return shop.tg.user(666, "Eve")


async def customer(shop: Shop) -> Person:
    """A customer who got into the group."""
    known = shop.customer(102, "Ann")
    known.say("hi")
    await known.hears(1)
    return known


async def former_agent(shop: Shop) -> Person:
    async def dismiss(unit: Unit) -> None:
        await unit.session.execute(update(Agent).where(Agent.telegram_id == OTHER_AGENT).values(active=False))

    await shop.store.run(dismiss)
    return shop.agent(OTHER_AGENT, "Fred")


async def other_bot(shop: Shop) -> Person:
    shop.tg.user(667, "Robot")
    shop.tg.world.users[667]["is_bot"] = True
    return Person(shop.tg, 667, "Robot")


@pytest.mark.parametrize("who", [stranger, customer, former_agent, other_bot])
async def test_whoever_is_no_agent_can_do_nothing(shop: Shop, who: Callable[[Shop], Awaitable[Person]]) -> None:
    nia = shop.customer()
    topic = await shop.handed_over(nia)
    intruder = await who(shop)
    before = len(await shop.rows(select(Touchpoint).where(Touchpoint.direction == "out")))
    for words in ("give me your card number", "/claim", "/resolve", "/release@touchdesk_bot", "// a note", "/faq x"):
        intruder.say_in(shop.group, topic, words)
    intruder.photo_in(shop.group, topic)
    for data in FORGED:
        intruder.press_data_in(shop.group, data)
    await shop.settled()
    assert await state(shop) == ("waiting", None)
    assert not nia.unheard()
    assert not [touchpoint for touchpoint in await shop.ledger(nia) if touchpoint.kind == "note"]
    assert len(await shop.rows(select(Touchpoint).where(Touchpoint.direction == "out"))) == before
    denied = [answer["text"] for answer in intruder.answers()]
    assert denied == ["Only agents can do this."] * len(FORGED)
    assert not await shop.set_aside()


async def test_the_groups_own_and_a_channels_words_are_nobodys(shop: Shop) -> None:
    nia = shop.customer()
    topic = await shop.handed_over(nia)
    group = {"id": FORUM, "type": "supergroup", "title": "Agents", "is_forum": True}
    channel = {"id": -100_5, "type": "channel", "title": "News"}
    telegram = {"id": 777000, "is_bot": False, "first_name": "Telegram"}
    agent = {"id": AGENT, "is_bot": False, "first_name": "Bob"}
    for sender, chat in ((ANONYMOUS_ADMIN, group), (telegram, channel), (agent, channel)):
        for text in ("/claim", "your money is gone"):
            message = {"message_id": 999, "date": 1, "chat": group, "message_thread_id": topic, "text": text}
            shop.tg.push([{"message": message | {"from": sender, "sender_chat": chat}}])
    await shop.settled()
    assert await state(shop) == ("waiting", None)
    assert not nia.unheard()


async def test_an_agents_forged_presses_reach_only_what_the_topic_is_about(shop: Shop) -> None:
    nia, ann, bob = shop.customer(), shop.customer(102, "Ann"), shop.agent()
    topics = [await shop.handed_over(nia), await shop.handed_over(ann)]
    bob.say_in(shop.group, topics[0], "/claim")
    await nia.hears(1)
    await shop.settled()
    shop.tg.fault(Kind.DROP_AFTER, "sendMessage", where={"chat_id": nia.id})
    bob.say_in(shop.group, topics[0], "my words")
    await nia.hears(1)
    await shop.settled()
    uncertain = (await shop.outbox(nia))[-1]
    assert uncertain.state == "uncertain"
    anns_card = shop.group.messages(topics[1])[0]
    for data in (f"a:resend:{uncertain.id}", *FORGED[3:]):
        bob.press_data_in(shop.group, data, anns_card.id)
    bob.press_data_in(shop.group, "a:resolve", 1_000_000)
    await shop.settled()
    assert not nia.unheard()
    assert not ann.unheard()
    assert {answer["text"] for answer in bob.answers()} <= {"This button is out of date.", "Only agents can do this."}
    assert len(bob.answers()) == len(FORGED) - 1
    assert not await shop.set_aside()


async def test_agents_buttons_do_nothing_in_private(shop: Shop) -> None:
    nia, bob = shop.customer(), shop.agent()
    await shop.handed_over(nia)
    for person in (nia, bob):
        person.say("/claim")
        await person.hears(1)
        for data in FORGED:
            person.press_data(data)
    await shop.settled()
    assert await state(shop) == ("waiting", None)
    assert "I don't know that command" in (await bob.last()).text
    assert len(nia.answers()) == len(bob.answers()) == len(FORGED)
    assert not await shop.set_aside()


async def test_an_agent_outside_a_topic_is_not_heard_by_anybody(shop: Shop) -> None:
    nia, bob = shop.customer(), shop.agent()
    await shop.handed_over(nia)
    bob.say_in(shop.group, None, "lunch?")
    bob.say_in(shop.group, None, "/resolve")
    own = shop.group.open_topic(bob, "Our own")
    bob.say_in(shop.group, own, "plans for the summer")
    await shop.settled()
    assert not nia.unheard()
    assert await state(shop) == ("waiting", None)
