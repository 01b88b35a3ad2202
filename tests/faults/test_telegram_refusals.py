"""Telegram's error table: refused because of who it was for, or because of what it was."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from structlog.testing import capture_logs

from crm_store.models import ContactPoint, ForumTopic, OutboxRow, StoredFile
from handlers.rendering import LONGEST_CAPTION, LONGEST_TEXT, parts
from support.talk.reply import Reply
from tests.dialogues.conftest import Shop
from tests.faults.at_work import ANSWER, QUESTION, at_work, lines, outbox_when, refuse, soon, states
from tests.telegram.faults import Kind
from tests.telegram.people import Person
from tests.telegram.waiting import until


async def state_of(shop: Shop, person: Person) -> str:
    (state,) = await shop.rows(select(ContactPoint.state).where(ContactPoint.address == str(person.id)))
    return str(state)


async def test_403_blocked(shop: Shop) -> None:
    """Each of the agent's words is shown as not delivered; who came back gets those that the agent sends again."""
    nia, bob = shop.customer(), shop.agent()
    topic = await at_work(shop, nia, bob)
    nia.block()
    bob.say_in(shop.group, topic, "it costs 20 €")
    await shop.settled()
    assert await state_of(shop, nia) == "blocked"
    shown = shop.group.messages(topic)[-1]
    assert (shown.text, shown.labels) == ("Not delivered: Forbidden: bot was blocked by the user", ["Send again"])
    nia.unblock()
    nia.say("hello?")
    await shop.settled()
    assert await state_of(shop, nia) == "active"
    assert not nia.unheard(), "nobody decided to say it again"
    bob.press_in(shop.group, topic, "Send again")
    assert (await nia.hears(1))[0].text == "it costs 20 €"


@pytest.mark.parametrize("learnt", ["by a refusal", "by Telegram's word"])
async def test_403_blocked_while_answers_wait(shop: Shop, learnt: str) -> None:
    """The bot's own words fail without being tried; an agent's are tried, and shown as not delivered."""
    nia, bob = shop.customer(), shop.agent()
    shop.tg.fault(Kind.TOO_MANY, "sendMessage", where={"chat_id": nia.id}, seconds=4)
    for words in (QUESTION, QUESTION, "a human please"):
        nia.say(words)
    topic = (await until(lambda: shop.group.topics or None, 3, lambda: "no topic was made"))[0].thread_id
    bob.say_in(shop.group, topic, "it costs 20 €")
    waiting = await outbox_when(shop, nia, lambda rows: rows[-1].repeat == "never")
    assert (states(waiting), len(waiting)) == ({"waiting"}, 5)
    if learnt == "by a refusal":
        refuse(shop, 403, "Forbidden: bot was blocked by the user", chat_id=nia.id, times=None)
    else:
        nia.block()
    await shop.settled()
    rows = await shop.outbox(nia)
    assert states(rows) == {"failed"}
    assert [row.attempts for row in rows] == [int(learnt == "by a refusal"), 0, 0, 0, 1]
    shown = [message for message in shop.group.messages(topic) if message.text.startswith("Not delivered")]
    assert [message.labels for message in shown] == [["Send again"]]


@pytest.mark.parametrize(
    ("code", "words", "state"),
    [
        (403, "Forbidden: user is deactivated", "deactivated"),
        (400, "Bad Request: chat not found", "blocked"),
        (403, "Forbidden: bot can't initiate conversation with a user", "blocked"),
    ],
)
async def test_403_deactivated_and_400_chat_not_found(shop: Shop, code: int, words: str, state: str) -> None:
    """The agent is told why; nothing is tried again by itself."""
    nia, bob = shop.customer(), shop.agent()
    topic = await at_work(shop, nia, bob)
    before = len(shop.tg.calls("sendMessage"))
    refuse(shop, code, words, chat_id=nia.id, times=None)
    bob.say_in(shop.group, topic, "hello")
    await shop.settled()
    assert f"Not delivered: {words}" in shop.in_topic(topic)
    assert await state_of(shop, nia) == state
    row = (await shop.outbox(nia))[-1]
    assert (row.state, row.error, row.attempts) == ("failed", words, 1)
    told = shop.tg.calls("sendMessage")[before:]
    assert {call["params"]["chat_id"] for call in told} == {shop.group.id}


@pytest.mark.parametrize("how", ["kicked", "left", "deleted"])
async def test_403_kicked(shop: Shop, how: str) -> None:
    """The agents' group is gone for the bot: agents hear it in private, and of each new request, until it is back."""
    nia, kim, bob = shop.customer(), shop.customer(102, "Kim"), shop.agent()
    bob.say("hi")
    await bob.hears(1)
    topic = await at_work(shop, nia, bob)
    if how == "kicked":
        shop.group.kick_bot(by=bob)
    else:  # what Telegram would have said of it did not arrive
        shop.tg.world.chats[shop.group.id].status = how
        nia.say("word 1")
    with capture_logs() as logs:
        assert "The bot was removed from your group" in (await bob.hears(1))[0].text
        await shop.settled()
    assert how == "kicked" or [log for log in logs if log.get("fate") == "shut_out" and log["log_level"] == "error"]
    tried = shop.tg.counters()["refusals"].get("sendmessage 403")
    kim.say("a human please")
    assert await kim.hears(1)
    (told,) = await bob.hears(1)
    assert told.text == "New request #1002: it waits in the console."
    nia.say("word 2")
    await shop.settled()
    assert shop.tg.counters()["refusals"].get("sendmessage 403") == tried, "the group is left alone"
    assert not bob.unheard()
    shop.group.promote_bot(by=bob)
    await shop.settled()
    assert "The bot is back in this group." in shop.group.messages(0)[-1].text
    nia.say("word 3")
    kim.say("hello?")
    await shop.settled()
    assert shop.in_topic(topic).endswith("Nia: word 3")
    assert len(await shop.rows(select(ForumTopic))) == 2


async def test_403_kicked_and_let_in_unnoticed(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Telegram's word of it was lost: the group is tried again after a while, and agents are told of it once only."""
    monkeypatch.setattr("handlers.forum.absence.TRY_AGAIN_SECONDS", 0)
    nia, bob = shop.customer(), shop.agent()
    bob.say("hi")
    await bob.hears(1)
    topic = await at_work(shop, nia, bob)
    chat = shop.tg.world.chats[shop.group.id]
    chat.status = "left"
    for word in ("word 1", "word 2"):
        nia.say(word)
        await shop.settled()
    assert len(bob.unheard()) == 1
    chat.status = "administrator"
    nia.say("word 3")
    await shop.settled()
    assert shop.in_topic(topic).endswith("Nia: word 3")


@pytest.mark.parametrize("words", ["not enough rights to send text messages to the chat", "CHAT_WRITE_FORBIDDEN"])
async def test_400_not_enough_rights(shop: Shop, monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    """What is for the group waits, in order, and the log calls for help; customers notice nothing."""
    soon(monkeypatch, park=0.3)
    nia, ann, bob = shop.customer(), shop.customer(102, "Ann"), shop.agent()
    topic = await at_work(shop, nia, bob)
    refuse(shop, 400, f"Bad Request: {words}", chat_id=shop.group.id, times=None)
    with capture_logs() as logs:
        nia.say("word 1")
        nia.say("word 2")
        ann.say(QUESTION)
        await ann.hears(1)
        await until(lambda: [log for log in logs if log.get("fate") == "parked"] or None, 5, lambda: str(logs))
    assert {log["log_level"] for log in logs if log.get("fate") == "parked"} == {"error"}
    assert "Nia: word" not in shop.in_topic(topic)
    shop.tg.heal()
    await shop.settled()
    assert lines(shop, topic)[-2:] == ["Nia: word 1", "Nia: word 2"]


async def test_400_not_enough_rights_until_they_are_given(shop: Shop) -> None:
    """Telegram tells us of it: nobody waits for the minute to end."""
    nia, bob = shop.customer(), shop.agent()
    topic = await at_work(shop, nia, bob)
    refuse(shop, 400, "Bad Request: CHAT_WRITE_FORBIDDEN", chat_id=shop.group.id, times=None)
    with capture_logs() as logs:
        nia.say("word 1")
        nia.say("word 2")
        await until(lambda: [log for log in logs if log.get("fate") == "parked"] or None, 5, lambda: str(logs))
    shop.tg.heal()
    shop.group.promote_bot(by=bob)
    await shop.settled()
    assert lines(shop, topic)[-2:] == ["Nia: word 1", "Nia: word 2"]


async def test_400_message_is_not_modified(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The card says that already: as good as edited."""
    monkeypatch.setattr("handlers.forum.topics.CARD_EVERY", timedelta(0))
    nia, bob = shop.customer(), shop.agent()
    topic = await at_work(shop, nia, bob)
    refuse(shop, 400, "Bad Request: message is not modified: specified new message content …", "editMessageText")
    bob.say_in(shop.group, topic, "/release")
    await shop.settled()
    (row, *_) = await shop.rows(select(OutboxRow).where(OutboxRow.method == "editMessageText").order_by(-OutboxRow.id))
    assert (row.state, row.attempts) == ("sent", 1)


@pytest.mark.parametrize("words", ["message to edit not found", "message can't be edited"])
async def test_400_edit_gone(shop: Shop, monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    """The card matters: where it cannot be edited any more it is shown anew, and from then on that one is edited."""
    monkeypatch.setattr("handlers.forum.topics.CARD_EVERY", timedelta(0))
    nia, bob = shop.customer(), shop.agent()
    topic = await at_work(shop, nia, bob)
    first = shop.group.messages(topic)[0]
    shop.group.delete(first.id)
    if words == "message can't be edited":
        refuse(shop, 400, f"Bad Request: {words}", "editMessageText")
    bob.say_in(shop.group, topic, "/release")
    await shop.settled()
    cards = [message for message in shop.group.messages(topic) if message.labels]
    assert [card.labels[:2] for card in cards if not card.deleted] == [["Claim", "Resolve"]]
    bob.press_in(shop.group, topic, "Claim")
    await shop.settled()
    cards = [message for message in shop.group.messages(topic) if message.labels and not message.deleted]
    assert [card.labels[:2] for card in cards] == [["Release", "Resolve"]]
    edits = select(OutboxRow.state).where(OutboxRow.method == "editMessageText").order_by(OutboxRow.id)
    assert (await shop.rows(edits))[-2:] == ["dropped", "sent"]


async def test_400_message_to_be_replied_not_found(shop: Shop) -> None:
    """Every answer to a message is sent even where that is gone."""
    nia, bob = shop.customer(), shop.agent()
    topic = await at_work(shop, nia, bob)
    for words in ("// a note", "//promise by Friday a new basket", "/nonsense"):
        shop.group.delete(bob.say_in(shop.group, topic, words))
    shop.group.delete(bob.send_in(shop.group, topic, {"sticker": bob.file("sticker", b"RIFF")}))
    await shop.settled()
    replies = [call for call in shop.tg.calls("sendMessage") if "reply_parameters" in call["params"]]
    assert len(replies) == 4
    assert not [call["error"] for call in replies if call["error"]]
    assert {message.thread_id for message in shop.group.messages() if message.by_bot} == {topic}


async def test_400_cant_parse_entities(shop: Shop) -> None:
    """The same row goes once more as plain text, and the log has a fault of ours to show."""
    nia = shop.customer()
    words = "Bad Request: can't parse entities: unsupported start tag at byte offset 0"
    refuse(shop, 400, words, chat_id=nia.id)
    with capture_logs() as logs:
        nia.say(QUESTION)
        (heard,) = await nia.hears(1)
        await shop.settled()
    assert (heard.text.startswith(ANSWER), heard.entities) == (True, [])
    (row,) = await shop.outbox(nia)
    assert (row.state, row.attempts, row.repeated) == ("sent", 2, False)
    (log,) = [log for log in logs if log.get("fate") == "plain"]
    assert (log["log_level"], log["error"]) == ("error", words)


@given(st.lists(st.text("ab咖😀 ", min_size=1, max_size=12).filter(str.strip), min_size=1, max_size=12))
def test_400_too_long_keeps_entities_over_their_words(words: list[str]) -> None:
    """A piece ends between entities, or closes one and opens it again; no offset leads out of its piece."""
    bold = [word.strip() for word in words]
    pieces = parts(Reply(" and then ".join(f"**{word}**" for word in bold), markdown=True), 40)
    marked = []
    for piece, entities in pieces:
        raw = piece.encode("utf-16-le")
        for entity in entities:
            start, end = entity["offset"], entity["offset"] + entity["length"]
            assert 0 <= start < end <= len(raw) // 2
            marked.append(raw[2 * start : 2 * end].decode("utf-16-le"))
    assert "".join("".join(marked).split()) == "".join("".join(bold).split())


async def test_400_caption_is_too_long(shop: Shop) -> None:
    """An agent's photo with a long caption: what has no room below the photo follows as words."""
    nia, bob = shop.customer(), shop.agent()
    topic = await at_work(shop, nia, bob)
    caption = "word, " * 300
    bob.photo_in(shop.group, topic, caption=caption)
    await shop.settled()
    photo, *more = nia.unheard()
    assert photo.media == "photo"
    assert len(photo.text) <= LONGEST_CAPTION < LONGEST_TEXT
    assert "".join([photo.text, *(message.text for message in more)]).replace(" ", "") == caption.replace(" ", "")


@pytest.mark.parametrize("blank", ["\u200b", "\u2060\u200d", "\u2800 \u3164"])
async def test_400_message_text_is_empty(shop: Shop, blank: str) -> None:
    """Nothing that nobody could see is queued: whoever says it is told."""
    nia, bob = shop.customer(), shop.agent()
    topic = await at_work(shop, nia, bob)
    before = len(await shop.outbox(nia))
    bob.say_in(shop.group, topic, blank)
    await shop.settled()
    assert len(await shop.outbox(nia)) == before
    assert shop.group.messages(topic)[-1].by_bot
    assert not [call for call in shop.tg.calls() if call["error"]]
    assert not await shop.set_aside()


async def test_400_query_is_too_old(shop: Shop) -> None:
    """The press was answered too late: what it asks for is done all the same."""
    nia, bob = shop.customer(), shop.agent()
    topic = await shop.handed_over(nia)
    refuse(shop, 400, "Bad Request: query is too old and response timeout expired", "answerCallbackQuery")
    bob.press_in(shop.group, topic, "Claim")
    assert "Bob" in (await nia.hears(1))[0].text
    await shop.settled()
    assert not await shop.set_aside()
    assert states(await shop.rows(select(OutboxRow))) == {"sent"}


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (400, "Bad Request: wrong file_id or the file is temporarily unavailable"),
        (400, "Bad Request: file is too big"),
        (413, "Request Entity Too Large"),
    ],
)
async def test_413_and_wrong_file(shop: Shop, code: int, words: str) -> None:
    """A file that does not get through leaves its words and the reason, on either side; its metadata stay."""
    nia, bob = shop.customer(), shop.agent()
    topic = await at_work(shop, nia, bob)
    for method in ("sendPhoto", "sendDocument", "getFile"):
        refuse(shop, code, words, method, times=None)
    nia.photo("here it leaks")
    await shop.settled()
    assert shop.group.messages(topic)[-1].text == f"Nia: here it leaks\nNot delivered: {words}"
    bob.document_in(shop.group, topic, "label.pdf", caption="print this")
    await shop.settled()
    shown = shop.group.messages(topic)[-1]
    assert (shown.text, shown.labels) == (f"Not delivered: {words}", ["Send again"])
    assert (await shop.outbox(nia))[-1].attempts == 1, "trying again would change nothing"
    files = await shop.rows(select(StoredFile).order_by(StoredFile.id))
    assert [(file.kind, file.name, file.path, file.error) for file in files] == [
        ("photo", None, None, words),
        ("document", "label.pdf", None, words),
    ]
    said = [(row.kind, row.text) for row in await shop.ledger(nia)][-2:]
    assert said == [("photo", "here it leaks"), ("document", "print this")]
    shop.tg.heal()
    bob.press_in(shop.group, topic, "Send again")
    (heard,) = await nia.hears(1)
    assert (heard.media, heard.text) == ("document", "print this")
