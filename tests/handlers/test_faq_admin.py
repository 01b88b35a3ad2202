"""An admin edits the FAQ in Telegram; nobody else does, whatever they press."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crm_store.store import Store
from faq.entry import LANGUAGES, FaqEntry
from handlers.faq.press import FaqPress, Verb, cut, fitted, units
from handlers.faq.prompt import PROMPT_LIFE
from support.access import add_agent
from support.knowledge.importing import import_entries
from tests.handlers.faq_chat import ADMIN, AGENT, CUSTOMER, FORUM, RETURNS, Chat, entry, open_chat


@pytest.fixture
async def chat(sqlite_store: Store) -> Chat:
    return await open_chat(sqlite_store)


async def test_an_entry_is_found_and_its_answer_changed(chat: Chat) -> None:
    assert await chat.say("/faq how can i return my items")
    assert chat.last == "Found:"
    await chat.press_labelled("How do I return an item?")
    assert chat.last.startswith("returns · orders\n\nQuestions, English:\nHow do I return an item?\nReturns\n")
    assert "No answer in this language yet." in chat.last

    await chat.press_labelled("Answer")
    await chat.press_labelled("English")
    assert chat.last == "Send the answer in English.\n\nWithin **30** days."
    await chat.say("Within *14* days.")

    assert [shown["text"] for shown in chat.shown[-2:-1]] == ["Customers will read:\nWithin 14 days."]
    assert chat.shown[-2]["entities"][0]["type"] in ("italic", "bold")
    assert chat.last.startswith("returns · draft, not live yet\n\nChanged last by Lin, today at ")
    assert chat.last.endswith(
        "Answer, English, now:\nWithin **30** days.\n\nAnswer, English, in the draft:\nWithin *14* days."
    )
    assert (await entry(chat)).answers == RETURNS.answers

    await chat.press_labelled("Publish")
    assert chat.last.startswith("returns is saved and live.\n\n")
    assert (await entry(chat)).answers == {"en": "Within *14* days."}
    assert chat.desk.faq.entries["returns"].answers == {"en": "Within *14* days."}
    assert not await chat.say("And this is for somebody else.")
    assert all("parse_mode" not in shown for shown in chat.shown)


async def test_a_preview_says_what_a_stranger_would_read(chat: Chat) -> None:
    await chat.say("/faq returns")
    await chat.press_labelled("Answer")
    await chat.press_labelled("English")
    await chat.say("Hello {first_name|there}! Write to {shop|our shop} about {order_number|your order}.")
    preview = chat.shown[-2]["text"]
    assert preview == f"Customers will read:\nHello there! Write to {chat.desk.shop} about your order."


async def test_an_entry_is_added_step_by_step(chat: Chat) -> None:
    await chat.say("/faq")
    await chat.press_labelled("Add an entry")
    await chat.say("Not an id")
    assert "cannot be an id" in chat.last
    await chat.say("returns")
    assert "exists already" in chat.last
    await chat.say("repair")
    await chat.press_labelled("繁體中文")
    await chat.say("🙂")
    assert chat.last == "Please send it as text."
    await chat.say("可以維修嗎？\n修理")
    await chat.say(None, photo=[{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1}])
    assert chat.last == "Please send it as text."
    await chat.say("可以。")
    assert "A new entry: customers get it once it is published." in chat.last
    await chat.press_labelled("Publish")

    added = await entry(chat, "repair")
    assert (added.questions, added.answers) == ({"zh-Hant": ("可以維修嗎？", "修理")}, {"zh-Hant": "可以。"})
    assert chat.desk.faq.matcher.match("修理")[0].entry_id == "repair"


async def test_questions_are_replaced_line_by_line(chat: Chat) -> None:
    await chat.say("/faq returns")
    await chat.press_labelled("Questions")
    await chat.press_labelled("English")
    assert chat.last.endswith("one a line.\n\nHow do I return an item?\nReturns")
    await chat.say("Can I send it back?\nHow do I return an item?")
    assert "Questions, English:\n+ Can I send it back?\n− Returns" in chat.last
    await chat.press_labelled("Publish")
    assert (await entry(chat)).questions["en"] == ("Can I send it back?", "How do I return an item?")


async def test_withdrawing_is_asked_twice_and_can_be_taken_back(chat: Chat) -> None:
    await chat.say("/faq hours")
    await chat.press_labelled("Withdraw")
    assert "hours" in chat.desk.faq.entries
    await chat.press_labelled("Withdraw")
    assert chat.last.startswith("hours is withdrawn and no longer answers.\n\nhours\n\n")
    assert "hours" not in chat.desk.faq.entries

    await chat.press_labelled("Publish")
    assert "hours" in chat.desk.faq.entries
    await chat.press_labelled("History")
    first, newest, *_ = chat.last.splitlines()
    assert (first, newest.split(" · ")[1:]) == ("History of hours:", ["Lin", "published"])
    assert chat.last.splitlines()[-1].endswith(" · – · imported")


async def test_cancelling_changes_nothing(chat: Chat) -> None:
    await chat.press(FaqPress(verb=Verb.ANSWER, entry_id="returns", language="en").pack())
    await chat.press_labelled("Cancel")
    assert chat.last == "Cancelled; nothing was changed."
    assert not await chat.say("Never.")
    assert (await entry(chat)).answers == RETURNS.answers


async def test_a_text_counts_only_where_and_when_it_was_asked_for(chat: Chat) -> None:
    ask = FaqPress(verb=Verb.ANSWER, entry_id="returns", language="en").pack()
    await chat.press(ask, chat=FORUM, message_thread_id=7, is_topic_message=True)
    assert not await chat.say("Elsewhere.")
    assert not await chat.say("Another topic.", chat=FORUM, message_thread_id=8, is_topic_message=True)
    assert not await chat.say("// a note", chat=FORUM, message_thread_id=7, is_topic_message=True)
    asked_at = datetime.now(UTC)
    chat.desk.store.clock = lambda: asked_at + PROMPT_LIFE + timedelta(seconds=1)
    assert not await chat.say("Too late.", chat=FORUM, message_thread_id=7, is_topic_message=True)
    chat.desk.store.clock = lambda: asked_at
    assert await chat.say("Here.", chat=FORUM, message_thread_id=7, is_topic_message=True)
    assert chat.last.endswith("in the draft:\nHere.")


async def test_only_admins_are_heard_and_only_in_our_chats(chat: Chat) -> None:
    assert not await chat.say("/faq returns", who=CUSTOMER)
    assert not await chat.say("/faq returns", who=AGENT)
    assert not await chat.say("/faq returns", chat=-100999)
    assert not await chat.say("/faq returns", chat=FORUM, sender_chat={"id": FORUM, "type": "supergroup"})
    assert chat.shown == []
    assert await chat.say("/faq@any_bot returns", chat=FORUM)


async def test_forged_presses_do_nothing(chat: Chat) -> None:
    withdraw = FaqPress(verb=Verb.CONFIRM, entry_id="returns").pack()
    assert not await chat.press(withdraw, who=CUSTOMER)
    assert await chat.press(withdraw, who=AGENT)
    assert await chat.press(withdraw, chat=-100999)
    for data in ("faq:", "faq:erase:returns::0", "faq:answer:returns:fr:0", "faq:undo:::-1", "faq:a:b:c:d:e"):
        assert await chat.press(data)
    assert await chat.press(FaqPress(verb=Verb.SHOW, entry_id="gone").pack())

    denied, stale = "Only agents can do this.", "This button is out of date."
    assert chat.toasts == [denied, denied, stale, stale, stale, stale, stale, "There is no entry gone."]
    assert chat.shown == []
    assert "returns" in chat.desk.faq.entries


async def test_who_is_an_admin_no_longer_is_not_heard(chat: Chat) -> None:
    await chat.press(FaqPress(verb=Verb.ANSWER, entry_id="returns", language="en").pack())
    async with chat.desk.store.unit() as unit:
        await add_agent(unit, "Lin", "agent", ADMIN)
    assert not await chat.say("Mine now.")
    assert (await entry(chat)).answers == RETURNS.answers


def test_the_data_of_every_button_fits() -> None:
    longest = "x" * 40
    for verb in Verb:
        for language in LANGUAGES:
            data = FaqPress.model_validate({"verb": verb, "entry_id": longest, "language": language})
            assert len(data.pack().encode()) <= 64
        assert len(FaqPress(verb=verb, number=2**63 - 1).pack().encode()) <= 64
    for verb in (Verb.PUBLISH, Verb.DISCARD, Verb.THROW):
        assert len(FaqPress(verb=verb, entry_id=longest, number=2**32 - 1).pack().encode()) <= 64


async def test_the_largest_entry_fits_one_message(chat: Chat) -> None:
    texts = dict.fromkeys(LANGUAGES, "字" * 4096)
    large = FaqEntry("large", dict.fromkeys(LANGUAGES, ("问" * 500,) * 20), texts)
    await chat.desk.store.run(lambda unit: import_entries(unit, [large]))
    await chat.say("/faq large")
    assert len(chat.last) <= 4096
    await chat.say(f"/faq {'q' * 4000}")
    assert chat.last.count("q") == 59


def test_a_text_is_cut_as_telegram_counts() -> None:
    assert cut("🙂" * 10, 8) == "🙂🙂🙂…"
    assert units(fitted(["🙂" * 4000, "b" * 4000])) <= 4096
