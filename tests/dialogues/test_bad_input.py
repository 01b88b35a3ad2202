"""Whatever people send: a clear answer or nothing, recorded, nothing lost, and no update given up."""

import secrets
from typing import Any

from sqlalchemy import select, update

from crm_store.models import Customer, InboxRow, Ticket
from crm_store.unit import Unit
from tests.dialogues.conftest import ADMIN, AT_RISK, Shop
from tests.telegram.people import Person

BOT_COMMAND = "I don't know that command."
UNCLEAR = "What is it about? A few words are enough."
ZALGO = "h̷̡̢e̸͔̊l̵̙̈p̶̜̚"


async def settled_well(shop: Shop) -> None:
    await shop.settled()
    assert not await shop.set_aside()
    assert not await shop.rows(select(InboxRow).where(InboxRow.state != "done"))


WORDLESS = ["?", "😀", "🍕👨‍👩‍👧‍👦" * 50, "\u200b\u200d", "\u202e\u2066", "...", "！！！", "\x00\x07", "/", "//"]
ODD = [
    "long, " * 681 + "long",
    "咖" * 4096,
    "x" * 4096,
    "1" * 4096,
    "😀a" * 1365,
    "كم مرة أزيل الترسبات؟",
    "\u202eelacsed i od netfo woh",
    "how\u200b often\u200d do I de\u00adscale",
    ZALGO * 40,
    "<b>bold</b> [link](tg://user?id=1) `code` {name} {0} %s",
    "'; DROP TABLE inbox; --",
    "/ticket",
    "=cmd|' /C calc'!A0",
]


async def test_each_is_answered_once_and_kept_whole(shop: Shop) -> None:
    """Each from somebody else; what holds no words is asked about."""
    people = [(shop.customer(700 + n, f"Customer {n}"), text) for n, text in enumerate([*WORDLESS, *ODD])]
    for person, text in people:
        person.say(text)
    await settled_well(shop)
    for person, text in people:
        (heard,) = person.unheard()
        assert (heard.text == UNCLEAR) == (text in WORDLESS), text
        joined, said, answer = await shop.ledger(person)
        assert (joined.kind, said.kind, answer.kind) in {("joined", "text", "text"), ("joined", "text", "answer")}
        assert (said.text, said.direction) == (text, "in")
        assert answer.about_id == said.id


async def test_long_words_reach_agents_and_customers_whole(shop: Shop) -> None:
    """4,096 characters are Telegram's limit; the name before them in the topic makes them longer."""
    bob = shop.agent()
    for n, text in enumerate(("word, " * 682, "咖" * 4096, "😀" * 2048)):
        nia = shop.customer(700 + n)
        topic = await shop.handed_over(nia)
        nia.say(text)
        await settled_well(shop)
        shown = "".join(message.text.removeprefix("Nia: ") for message in shop.group.messages(topic)[2:])
        assert shown.replace(" ", "") == text.replace(" ", "")
        bob.say_in(shop.group, topic, text)
        await settled_well(shop)
        heard = "".join(message.text for message in nia.unheard() if "our team" not in message.text)
        assert text.replace(" ", "") in heard.replace(" ", "")


NAMES = ["<b>Nia</b>", "[x](tg://user?id=1)", "{shop}", "N" * 500, ZALGO * 20, "\u202eaiN", "\u200b", " ", "<3"]


async def test_a_name_is_never_markup(shop: Shop) -> None:
    people = [shop.customer(700 + n, name) for n, name in enumerate(NAMES)]
    for person in people:
        person.say("/ticket <i>leaks</i> & drips")
        person.say("hi")
    await settled_well(shop)
    for message in [*shop.group.messages(), *(message for person in people for message in person.messages())]:
        assert [entity["type"] for entity in message.entities] in ([], ["bot_command"])
    assert all(topic.name.strip() for topic in shop.group.topics)
    assert len(shop.group.topics) == len(NAMES)
    subjects = {ticket.subject for ticket in await shop.rows(select(Ticket))}
    assert subjects == {"<i>leaks</i> & drips"}


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
    nia.contact(user_id=999)
    flags = ("is_closed", "is_anonymous", "allows_multiple_answers", "allows_revoting", "members_only")
    poll = {"id": "1", "question": "?", "options": [], "total_voter_count": 0, "type": "regular"}
    nia.send({"poll": poll | dict.fromkeys(flags, False)})
    nia.send({"dice": {"emoji": "🎲", "value": 3}})
    nia.send({"video_note": nia.file("video_note", b"x")})
    heard = await nia.hears(6)
    assert ["What can I do" in heard[0].text, "Which town" in heard[1].text, "watch" in heard[5].text] == [True] * 3
    assert len({message.text for message in heard}) == 5, "a sticker and a die are answered alike"
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
    for raw in odd:
        kind, body = next(iter(raw.items()))
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


LOOKALIKES = [
    ("<b>Nia</b>", "<b>Nia</b>"),
    ("[x](tg://user?id=1)", "[x](tg://user?id=1)"),
    ("\u202eaiN\u2066", "aiN"),
    ("N\u0301\u0302\u0303\u0304\u0305ia", "Ń\u0302\u0303ia"),
    ("👩\u200d🔧 Nia", "👩\u200d🔧 Nia"),
    ("N" * 500, "N" * 60),
]


async def test_a_name_stays_in_its_place(shop: Shop) -> None:
    """It neither turns the words beside it around nor spreads over the lines above."""
    for n, (name, shown) in enumerate(LOOKALIKES):
        person = shop.customer(700 + n, name)
        topic = await shop.handed_over(person)
        transcript = shop.group.messages(topic)
        assert transcript[0].text.splitlines()[0] == shown
        assert transcript[1].text == f"{shown}: a human please"
        assert shop.group.topics[-1].name == f"{shown} · no orders yet"
    await settled_well(shop)


async def test_nobody_has_a_name_that_cannot_be_seen(shop: Shop) -> None:
    for n, name in enumerate(("\u3164", "\u200b\u2060", "\u2800 \u2800", "\u0301")):
        person = shop.customer(700 + n, name)
        topic = await shop.handed_over(person)
        assert shop.group.messages(topic)[0].text.startswith("#")
        person.press("No need, thanks")
        await person.hears(1)
        person.say("hi")
        assert (await person.hears(1))[0].text.startswith("Hello and welcome.")
    await settled_well(shop)


async def test_a_known_name_amid_an_answer_is_no_markup(shop: Shop) -> None:
    name = "*Anna* [x](tg://user?id=1) `_B_`"

    async def rename(unit: Unit) -> None:
        await unit.session.execute(update(Customer).where(Customer.external_id == "C-1003").values(name=name))

    await shop.store.run(rename)
    anna = shop.customer(AT_RISK, "Anna")
    anna.say("how offen do i descale")
    (heard,) = await anna.hears(1)
    assert f"Good to have you back, {name}." in heard.text
    assert [entity["type"] for entity in heard.entities] == ["text_link"], "the answer's own link only"
    await settled_well(shop)


async def test_forged_presses_are_answered_recorded_and_change_nothing(shop: Shop) -> None:
    nia, eve = shop.customer(), shop.customer(666, "Eve")
    nia.say("how offen do i descale")
    (offered,) = await nia.hears(1)
    eve.say("the water is strange")
    await eve.hears(1)
    theirs = [button.data or "" for row in offered.buttons for button in row]
    forged = [
        *theirs,
        secrets.token_hex(32),
        "b:1:99999",
        "b:0:0",
        "a:claim",
        "a:resend:1",
        "faq:x:returns:",
        "faq:show:descale:en",
        "pick:descale",
        "😀" * 16,
    ]
    for data in forged:
        eve.press_data(data)
    eve.press_data(theirs[0], 1_000_000)
    await settled_well(shop)
    assert {answer["text"] for answer in eve.answers()} == {"This button is from an earlier matter. Just write to me."}
    presses = [row for row in await shop.ledger(eve) if row.kind == "press"]
    assert len(presses) == len(eve.answers()) == len(forged) + 1
    assert not [row for row in await shop.ledger(nia) if row.kind == "press"]
    assert not eve.unheard()
    assert not nia.unheard()
    assert not shop.group.topics
    eve.press("No water")
    assert (await eve.hears(1))[0].labels, "what was really offered still works"


async def test_what_happens_in_a_chat_is_no_message(shop: Shop) -> None:
    """Pinning a message, setting a timer: recorded, and not answered."""
    nia = shop.customer()
    nia.say("hi")
    await nia.hears(1)
    nia.send({"message_auto_delete_timer_changed": {"message_auto_delete_time": 86400}})
    nia.send({"write_access_allowed": {"from_request": True}})
    await settled_well(shop)
    assert not nia.unheard()
    kinds = [row.kind for row in await shop.ledger(nia) if row.direction == "in"]
    assert kinds == ["text", "other:message_auto_delete_timer_changed", "other:write_access_allowed"]


async def test_what_holds_no_words_is_passed_on_while_somebody_waits(shop: Shop) -> None:
    nia = shop.customer()
    topic = await shop.handed_over(nia)
    nia.say("😡")
    assert "is with my colleagues" in (await nia.hears(1))[0].text
    nia.say("???")
    nia.sticker()
    await settled_well(shop)
    assert not nia.unheard(), "said once"
    transcript = shop.in_topic(topic)
    assert all(part in transcript for part in ("😡", "???", "other:sticker"))
