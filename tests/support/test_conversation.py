"""What is said to whom: several questions, follow-ups, small talk, and the two stages before a human."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from crm_store.ids import new_id
from crm_store.models import Escalation, Order, Touchpoint
from crm_store.store import Store
from crm_store.unit import Unit
from faq.entry import FaqEntry
from support.knowledge.importing import import_entries
from support.talk import answering, conversation
from support.talk.inbound import Inbound, Press, Sender
from tests.support.shop import DESCALE, Shop, new_score_for, open_shop


def entry(id_: str, category: str, answer: str, *phrasings: str, zh: str = "") -> FaqEntry:
    return FaqEntry(
        id=id_,
        category=category,
        phrasings={"en": list(phrasings), **({"zh-Hans": [zh]} if zh else {})},
        answers={"en": answer},
    )


FAQ = [
    DESCALE,
    entry("order", "orders", "It is on its way.", "Where is my order?", "Track my parcel", zh="我的订单到哪了？"),
    entry("cost", "delivery", "Delivery is 6 €.", "What does delivery cost?", "How much is shipping?"),
    entry("spain", "delivery", "To Spain it is 14 €.", "What does delivery to Spain cost?", "Do you ship to Spain?"),
    entry("returns", "returns", "Within 30 days.", "How do I return an item?", zh="怎么退货？"),
    entry("no-water", "machines", "Fill the tank.", "The water does not come out"),
    entry("leaks", "machines", "Reseat the tank.", "The water leaks underneath"),
]


@dataclass
class Chat:
    """One web visitor and what they were told."""

    shop: Shop
    address: str = "nia"

    async def say(self, text: str, **more: Any) -> str:
        """Says something; returns the answer, of which there is exactly one."""
        before = len(await self.outgoing())
        await self.shop.hear(text, self.address, **more)
        told = (await self.outgoing())[before:]
        assert len(told) == 1, [row.text for row in told]
        return told[0].text or ""

    async def press(self, label: str) -> str:
        last = (await self.outgoing())[-1]
        index = [button["label"] for button in (last.payload or {})["buttons"]].index(label)
        sender = Sender("web", self.address)
        await self.shop.run(lambda unit: conversation.press(self.shop.desk, unit, Press(sender, last.id, index)))
        return (await self.outgoing())[-1].text or ""

    async def labels(self) -> list[str]:
        last = (await self.outgoing())[-1]
        return [button["label"] for button in (last.payload or {}).get("buttons", [])]

    async def outgoing(self) -> list[Touchpoint]:
        rows = await self.shop.rows(Touchpoint)
        return [row for row in rows if row.direction == "out"]

    async def reasons(self) -> list[str]:
        return [reason["code"] for row in await self.shop.rows(Escalation) for reason in row.reasons]


@pytest.fixture
async def chat(store: Store) -> Chat:
    shop = await open_shop(store)
    await store.run(lambda unit: import_entries(unit, FAQ))
    await shop.desk.faq.refresh(store)
    return Chat(shop)


# Several questions


@pytest.mark.parametrize(
    ("words", "answers"),
    [
        ("Where is my order? And how do I return an item?", ["It is on its way.", "Within 30 days."]),
        ("where is my order and how do I return an item", ["It is on its way.", "Within 30 days."]),
        ("我的订单到哪了？另外怎么退货？", ["It is on its way.", "Within 30 days."]),
        ("How often do I descale the machine? 怎么退货", ["Every two to three months.", "Within 30 days."]),
    ],
)
async def test_both_questions_are_answered_in_one_message(chat: Chat, words: str, answers: list[str]) -> None:
    told = await chat.say(words)
    assert all(answer in told for answer in answers)
    assert len(await chat.labels()) == 2


async def test_what_is_not_right_of_several_is_asked(chat: Chat) -> None:
    await chat.say("Where is my order? How do I return an item?")
    assert "Which of them" in await chat.press("Not quite")
    assert not await chat.shop.rows(Escalation)


async def test_the_known_is_answered_and_the_unknown_admitted(chat: Chat) -> None:
    told = await chat.say("Where is my order? Can I take my `grinder` on a *plane*?")
    assert told.startswith("It is on its way.")
    assert "I'd rather not guess" in told
    assert r"\*plane\*" in told, "a customer's words are no markup"
    assert "Ask a colleague" in await chat.labels()
    await chat.press("Ask a colleague")
    assert await chat.reasons() == ["asked_human"]


@pytest.mark.parametrize("words", ["Where is my order? What can I do?", "Hi! Where is my order? Thank you!"])
async def test_a_sentence_that_asks_nothing_of_its_own_changes_nothing(chat: Chat, words: str) -> None:
    assert await chat.say(words) == "It is on its way."


async def test_a_complaint_among_questions_is_a_complaint(chat: Chat) -> None:
    told = await chat.say("Where is my order? How do I return an item? This is ridiculous!")
    assert "sorry" in told
    assert "30 days" not in told


async def test_a_valued_customer_is_answered_twice_and_queued_once(chat: Chat) -> None:
    async def value(unit: Unit) -> None:
        new_score_for(unit, await chat.shop.met(unit), tier="vip")

    await chat.shop.run(value)
    told = await chat.say("Where is my order? How do I return an item?")
    assert "30 days" in told
    assert "look in shortly" in told
    assert len(await chat.shop.rows(Escalation)) == 1


# Follow-ups


async def test_a_follow_up_uses_the_last_topic(chat: Chat) -> None:
    await chat.say("What does delivery cost?")
    assert await chat.say("and to Spain?") == "To Spain it is 14 €."


async def test_a_follow_up_without_news_is_not_told_the_same_again(chat: Chat) -> None:
    await chat.say("What does delivery cost?")
    told = await chat.say("and to Portugal?")
    assert "no more about this" in told
    assert await chat.labels() == ["Ask a colleague", "Leave a note"]
    assert await chat.say("and to Spain?") == "To Spain it is 14 €."


async def test_the_second_follow_up_without_news_brings_a_human(chat: Chat) -> None:
    await chat.say("What does delivery cost?")
    await chat.say("and to Portugal?")
    await chat.say("and to Malta?")
    assert await chat.reasons() == ["failed_answers"]


async def test_a_follow_up_long_after_is_a_new_matter(chat: Chat) -> None:
    await chat.say("What does delivery cost?")
    chat.shop.pass_time(minutes=11)
    assert "no more about this" not in await chat.say("and to Portugal?")


async def test_a_question_of_its_own_is_no_follow_up(chat: Chat) -> None:
    await chat.say("What does delivery cost?")
    assert await chat.say("and how do I return an item?") == "Within 30 days."


# Two stages before a human


async def test_no_choice_then_other_words_then_a_human(chat: Chat) -> None:
    await chat.say("the water")
    assert "None of these" in await chat.labels()
    told = await chat.press("None of these")
    assert "other words" in told
    assert "“" in told, "an example of what works"
    assert await chat.labels() == ["Ask a colleague", "Leave a note"]
    await chat.say("zzz qqq")
    assert await chat.reasons() == ["failed_answers"]


async def test_an_unknown_question_is_refused_with_an_example(chat: Chat) -> None:
    told = await chat.say("may I bring it aboard a plane")
    assert "rather not guess" in told
    assert "Other words may help" in told
    assert await chat.labels() == ["Ask a colleague", "Leave a note"]


async def test_two_failures_on_one_matter_bring_a_human(chat: Chat) -> None:
    await chat.say("may I bring it aboard a plane")
    await chat.say("is it allowed in cabin luggage")
    assert await chat.reasons() == ["failed_answers"]


async def test_two_failures_on_two_matters_do_not(chat: Chat) -> None:
    await chat.say("may I bring it aboard a plane")
    await chat.say("Where is my order?")
    assert "rather not guess" in await chat.say("who painted your logo")
    assert not await chat.shop.rows(Escalation)


async def test_coming_back_to_the_matter_that_failed_does(chat: Chat) -> None:
    await chat.say("may I bring it aboard a plane")
    await chat.say("Where is my order?")
    await chat.say("so what about the plane then, may I?")
    assert await chat.reasons() == ["failed_answers"]


# Replies of their own


@pytest.mark.parametrize(
    ("words", "part", "buttons"),
    [
        ("bye", "Goodbye", []),
        ("are you a bot?", "Kaffa Tools bot", ["A person"]),
        ("you stupid bot", "what went wrong", ["A person"]),
        ("😡", "what went wrong", ["A person"]),
        ("👍", "You're welcome", []),
        ("🍕", "What is it about?", []),
        ("?!", "What is it about?", []),
        ("\u200b\u0301\u0301", "What is it about?", []),
        ("ok", "All right", []),
    ],
)
async def test_what_is_no_question_has_its_own_reply(chat: Chat, words: str, part: str, buttons: list[str]) -> None:
    assert part in await chat.say(words)
    assert await chat.labels() == buttons
    assert not await chat.shop.rows(Escalation)


@pytest.mark.parametrize(
    ("kind", "part"),
    [
        ("other:sticker", "What can I do"),
        ("other:animation", "What can I do"),
        ("other:video_note", "can't watch"),
        ("other:audio", "can't listen"),
        ("other:location", "Which town"),
        ("other:contact", "in a sentence"),
        ("other:poll", "can't vote"),
        ("other:something_new", "can't read this kind"),
    ],
)
async def test_kinds_without_words(chat: Chat, kind: str, part: str) -> None:
    assert part in await chat.say("", kind=kind)


async def test_a_voice_message_is_kept_and_words_or_a_colleague_are_asked_for(chat: Chat) -> None:
    assert "can't listen" in await chat.say("", kind="voice")
    assert await chat.labels() == ["Ask a colleague"]
    await chat.press("Ask a colleague")
    assert await chat.reasons() == ["asked_human"]


async def test_while_in_line_small_talk_is_only_recorded(chat: Chat) -> None:
    await chat.say("a human please")
    assert "with my colleagues" in await chat.say("you stupid bot")
    before = len(await chat.outgoing())
    await chat.shop.hear("", chat.address, kind="other:sticker")
    assert len(await chat.outgoing()) == before


async def test_a_goodbye_opens_no_request(chat: Chat) -> None:
    await chat.say("/ticket")
    assert "Goodbye" in await chat.say("bye")
    assert not await chat.shop.rows(Escalation)


# A number by itself


async def with_order(chat: Chat, address: str, number: str, **more: Any) -> None:
    async def buy(unit: Unit) -> None:
        person = await chat.shop.met(unit, address)
        values = {"amount": Decimal("26.00"), "currency": "EUR", "product": "Decaf beans 1 kg", "attributes": {}} | more
        unit.add(
            Order(id=new_id(), external_id=number, customer_id=person.customer.id, date=date(2026, 11, 3), **values)
        )

    await chat.shop.run(buy)


@pytest.mark.parametrize("words", ["5512", "order #5512", "订单号 5512"])
async def test_the_number_of_an_order_of_theirs(chat: Chat, words: str) -> None:
    await with_order(chat, "nia", "5512", attributes={"status": "shipped"})
    told = await chat.say(words)
    assert "5512" in told
    assert "on its way" in told or "已发货" in told


async def test_another_systems_long_words_stay_within_a_sentence(chat: Chat) -> None:
    await with_order(chat, "nia", "5512", product="beans " * 60, attributes={"status": "waits for\n" + "y" * 5000})
    told = await chat.say("5512")
    assert "waits for yyy" in told
    assert len(told) < 300


async def test_the_number_of_somebody_elses_order_tells_nothing(chat: Chat) -> None:
    await with_order(chat, "bob", "5512")
    told = await chat.say("5512")
    assert "What is the number about?" in told
    assert "Decaf" not in told


async def test_a_number_while_choices_are_offered_picks_one(chat: Chat) -> None:
    await chat.say("the water")
    assert await chat.say("1") in ("Fill the tank.", "Reseat the tank.")


@pytest.mark.parametrize("words", ["1" * 10_000, "a" * 100_000, "怎么退货" * 3000, "\u200b" * 10_000, "😡" * 10_000])
async def test_an_endless_message_has_one_clear_reply(chat: Chat, words: str) -> None:
    await chat.say("the water")
    assert await chat.say(words)


async def test_one_likely_question_is_asked_for_outright(chat: Chat) -> None:
    async def once(unit: Unit) -> None:
        sender = Sender("web", chat.address)
        turn = conversation._turn(chat.shop.desk, unit, await chat.shop.met(unit), Inbound(sender, "item back"))
        await answering.suggest(turn, ["returns"])
        turn.keep()

    await chat.shop.run(once)
    assert (await chat.outgoing())[-1].text == "Is this what you mean: “How do I return an item?”"
    assert await chat.labels() == ["Yes", "No"]
    assert await chat.say("yes please") == "Within 30 days."


async def test_a_typed_no_to_choices_asks_for_other_words(chat: Chat) -> None:
    await chat.say("the water")
    assert "other words" in await chat.say("nope")
