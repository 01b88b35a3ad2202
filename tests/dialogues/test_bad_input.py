"""Whatever people send: a clear answer or nothing, recorded, nothing lost, and no update given up."""

from typing import Any

import pytest
from sqlalchemy import select

from crm_store.models import InboxRow, Ticket
from tests.dialogues.conftest import ADMIN, Shop
from tests.telegram.people import Person

BOT_COMMAND = "I don't know that command."
UNCLEAR = "What is it about? A few words are enough."
ZALGO = "h̷̡̢e̸͔̊l̵̙̈p̶̜̚"


async def settled_well(shop: Shop) -> None:
    await shop.settled()
    assert not await shop.set_aside()
    assert not await shop.rows(select(InboxRow).where(InboxRow.state != "done"))


@pytest.mark.parametrize(
    "text",
    [
        "?",
        "😀",
        "👍🏽👨‍👩‍👧‍👦" * 50,
        "\u200b\u200d",
        "\u202e\u2066",
        "...",
        "！！！",
        "\x00\x07",
    ],
)
async def test_nothing_to_understand(shop: Shop, text: str) -> None:
    nia = shop.customer()
    nia.say(text)
    (heard,) = await nia.hears(1)
    assert heard.text == UNCLEAR
    await settled_well(shop)
    assert [row.kind for row in await shop.ledger(nia)] == ["joined", "text", "text"]


@pytest.mark.parametrize(
    "text",
    [
        "long, " * 681 + "long",
        "咖" * 4096,
        "x" * 4096,
        "😀a" * 1365,
        "كم مرة أزيل الترسبات؟",
        "\u202eelacsed i od netfo woh",
        "how\u200b often\u200d do I de\u00adscale",
        ZALGO * 40,
        "<b>bold</b> [link](tg://user?id=1) `code` {name} {0} %s",
        "'; DROP TABLE inbox; --",
        "/",
        "//",
        "/ticket",
        "=cmd|' /C calc'!A0",
    ],
)
async def test_odd_words_are_answered_once_and_kept_whole(shop: Shop, text: str) -> None:
    nia = shop.customer()
    nia.say(text)
    (heard,) = await nia.hears(1)
    assert heard.text
    await settled_well(shop)
    assert not nia.unheard()
    (said,) = [row for row in await shop.ledger(nia) if row.direction == "in"]
    assert said.text == text


@pytest.mark.parametrize("text", ["word, " * 682, "咖" * 4096, "😀" * 2048])
async def test_long_words_reach_agents_and_customers_whole(shop: Shop, text: str) -> None:
    """4,096 characters are Telegram's limit; the name before them in the topic makes them longer."""
    nia, bob = shop.customer(), shop.agent()
    topic = await shop.handed_over(nia)
    nia.say(text)
    await settled_well(shop)
    shown = "".join(message.text.removeprefix("Nia: ") for message in shop.group.messages(topic)[2:])
    assert shown.replace(" ", "") == text.replace(" ", "")
    bob.say_in(shop.group, topic, text)
    await settled_well(shop)
    heard = "".join(message.text for message in nia.unheard() if "our team" not in message.text)
    assert text.replace(" ", "") in heard.replace(" ", "")


@pytest.mark.parametrize(
    "name", ["<b>Nia</b>", "[x](tg://user?id=1)", "{shop}", "N" * 500, ZALGO * 20, "\u202eaiN", "\u200b", " ", "<3"]
)
async def test_a_name_is_never_markup(shop: Shop, name: str) -> None:
    nia = shop.customer(name=name)
    topic = await shop.handed_over(nia)
    nia.say("/ticket <i>leaks</i> & drips")
    await nia.hears(1)
    await settled_well(shop)
    for message in [*shop.group.messages(topic), *nia.messages()]:
        assert [entity["type"] for entity in message.entities] in ([], ["bot_command"])
    assert shop.group.topics[-1].name.strip()
    (ticket, *_) = await shop.rows(select(Ticket).order_by(Ticket.id.desc()))
    assert ticket.subject == "<i>leaks</i> & drips"


async def test_commands_of_another_role(shop: Shop) -> None:
    nia, bob, ada = shop.customer(), shop.agent(), shop.agent(ADMIN, "Ada")
    for person in (nia, bob):
        for text in ("/faq", "/claim", "/resolve 1", "/FAQ x", "/admin", "/start@other_bot_x"):
            person.say(text)
            (heard,) = await person.hears(1)
            assert heard.text.startswith(BOT_COMMAND) or text.startswith("/start")
    ada.say("/faq")
    assert not (await ada.hears(1))[0].text.startswith(BOT_COMMAND)
    await settled_well(shop)


async def test_kinds_that_nobody_can_use(shop: Shop) -> None:
    nia = shop.customer()
    nia.say("hi")
    await nia.hears(1)
    nia.sticker()
    nia.location()
    nia.contact()
    flags = ("is_closed", "is_anonymous", "allows_multiple_answers", "allows_revoting", "members_only")
    poll = {"id": "1", "question": "?", "options": [], "total_voter_count": 0, "type": "regular"}
    nia.send({"poll": poll | dict.fromkeys(flags, False)})
    nia.send({"dice": {"emoji": "🎲", "value": 3}})
    nia.send({"video_note": nia.file("video_note", b"x")})
    heard = await nia.hears(6)
    assert {message.text for message in heard} == {
        "I can't read this kind of message, sorry. Could you put it into words, or send a photo?"
    }
    await settled_well(shop)
    kinds = [row.kind for row in await shop.ledger(nia) if row.direction == "in"]
    assert kinds[1:] == [f"other:{kind}" for kind in ("sticker", "location", "contact", "poll", "dice", "video_note")]


async def test_kinds_of_update_that_nobody_knows(shop: Shop) -> None:
    nia = shop.customer()
    nia.say("hi")
    await nia.hears(1)
    user = {"id": nia.id, "is_bot": False, "first_name": "Nia"}
    chat = {"id": nia.id, "type": "private", "first_name": "Nia"}
    group = {"id": -100_9, "type": "supergroup", "title": "Elsewhere"}
    reaction = {"message_id": 2, "date": 1, "old_reaction": [], "new_reaction": [{"type": "emoji", "emoji": "👍"}]}
    boost = {"boost_id": "1", "add_date": 1, "expiration_date": 2, "source": {"source": "premium", "user": user}}
    shop.tg.world.queue.allowed = []  # whatever is pushed is delivered
    odd: list[dict[str, Any]] = [
        {"message_reaction": reaction | {"chat": chat, "user": user}},
        {"message_reaction": reaction | {"chat": group, "user": user}},
        {"poll_answer": {"poll_id": "1", "user": user, "option_ids": [0], "option_persistent_ids": ["0"]}},
        {"chat_boost": {"chat": group, "boost": boost}},
        {"telepathy": {"from": user, "thought": "tea"}},
        {"telepathy": {"from": {"id": "no number"}}},
        {"telepathy": {"message": "a word where an object was"}},
        {"telepathy": {"chat": {"id": 2**70}}},
        {"channel_post": {"message_id": 1, "date": 1, "chat": group | {"type": "channel"}, "text": "news"}},
    ]
    for update in odd:
        kind, body = next(iter(update.items()))
        shop.tg.world.queue.allowed = [kind]
        shop.tg.push([{kind: body}])
    await settled_well(shop)
    kinds = [row.kind for row in await shop.ledger(nia) if row.kind.startswith("other:")]
    assert kinds == ["other:message_reaction", "other:poll_answer", "other:telepathy"]
    assert not nia.unheard()
    nia.say("how offen do i descale")
    assert await nia.hears(1)


async def test_bots_and_strange_groups_are_not_talked_to(shop: Shop) -> None:
    eve = shop.tg.user(666, "Eve")
    shop.tg.user(667, "Robot")
    shop.tg.world.users[667]["is_bot"] = True
    robot = Person(shop.tg, 667, "Robot")
    for _ in range(3):
        robot.say("how offen do i descale")
    strange = shop.tg.group(-100_777, "Strangers")
    strange.promote_bot(eve)
    eve.say_in(strange, None, "how offen do i descale")
    eve.say_in(strange, None, "/start")
    eve.press_data_in(strange, "a:claim")
    await settled_well(shop)
    assert not robot.unheard()
    assert not [message for message in strange.messages() if message.by_bot]
    assert [call["params"]["chat_id"] for call in shop.tg.calls("leaveChat")] == [strange.id]
