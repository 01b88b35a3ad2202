"""An edited message: both states are kept, agents see both, and a changed question is answered once more."""

from tests.dialogues.conftest import Shop

DESCALE, DELIVERY, NEITHER = "how offen do i descale", "how long does delivery take", "can i take it on a plane"


async def test_answered_again_once_as_a_reply_if_the_match_changed(shop: Shop) -> None:
    nia = shop.customer()
    asked = nia.say(DESCALE)
    (first,) = await nia.hears(1)
    nia.edit(asked, "how often do I descale?")
    await shop.settled()
    assert not nia.unheard(), "the same question in better spelling"
    nia.edit(asked, DELIVERY)
    (second,) = await nia.hears(1)
    assert second.text.startswith("Thanks, I've noted the change.")
    assert second.text != first.text
    assert second.reply_to == asked
    assert second.labels == ["That helped", "Not quite"]
    nia.edit(asked, DESCALE)
    nia.edit(asked, NEITHER)
    await shop.settled()
    assert not nia.unheard(), "once"
    ledger = await shop.ledger(nia)
    states = [(row.kind, row.text, (row.payload or {}).get("before")) for row in ledger if row.channel_ref == asked]
    assert states == [
        ("text", DESCALE, None),
        ("edit", "how often do I descale?", DESCALE),
        ("edit", DELIVERY, "how often do I descale?"),
        ("edit", DESCALE, DELIVERY),
        ("edit", NEITHER, DESCALE),
    ]
    assert {row.about_id for row in ledger if row.kind == "edit"} <= {row.id for row in ledger}


async def test_an_edit_never_hands_over_and_small_talk_stays_unanswered(shop: Shop) -> None:
    nia = shop.customer()
    asked = nia.say(DESCALE)
    await nia.hears(1)
    nia.edit(asked, "a human please")
    nia.edit(asked, "😀")
    nia.edit(asked, "thanks")
    await shop.settled()
    assert not nia.unheard()
    assert not shop.group.topics


async def test_while_a_human_holds_agents_see_both_and_the_bot_is_silent(shop: Shop) -> None:
    nia, bob = shop.customer(), shop.agent()
    topic = await shop.handed_over(nia)
    queued = nia.say(NEITHER)
    await nia.hears(1)
    nia.edit(queued, DESCALE)
    (answer,) = await nia.hears(1)
    assert answer.reply_to == queued, "still in the queue: a confident answer is given"
    bob.say_in(shop.group, topic, "/claim")
    await nia.hears(1)
    held = nia.say("order 5521")
    nia.edit(held, "order 5512")
    nia.edit(held, "order 5512")
    nia.edit(queued, DELIVERY)
    await shop.settled()
    assert not nia.unheard()
    transcript = shop.in_topic(topic)
    assert transcript.count("Edited.\nBefore: order 5521\nNow: order 5512") == 1
    assert transcript.count("Before: order") == 1, "an edit that changes no words is not shown"
    assert f"Before: {DESCALE}\nNow: {DELIVERY}" in transcript


async def test_an_edit_of_a_message_that_nobody_knows(shop: Shop) -> None:
    """It was written before the bot's time, or its update was lost: recorded, and not answered."""
    nia = shop.customer()
    chat = {"id": nia.id, "type": "private", "first_name": "Nia"}
    sender = {"id": nia.id, "is_bot": False, "first_name": "Nia"}
    message = {"message_id": 5, "date": 1, "edit_date": 2, "chat": chat, "from": sender, "text": DESCALE}
    shop.tg.push([{"edited_message": message}])
    await shop.settled()
    assert [(row.kind, row.text) for row in await shop.ledger(nia)] == [("joined", None), ("edit", DESCALE)]
    assert not await shop.set_aside()
