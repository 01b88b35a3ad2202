"""A form after an answer: asked question by question, corrected, left, sent; on both databases, in the web chat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from crm_store.ids import new_id
from crm_store.models import Conversation, Order, Ticket, TicketEvent, Touchpoint
from crm_store.store import Store
from crm_store.unit import Unit
from faq.entry import FaqEntry, FormField
from support.agents import work as agent_work
from support.agents.card import read_card
from support.knowledge.importing import import_entries
from support.talk import conversation
from support.talk.dialog import Dialog
from support.talk.inbound import Attachment, Press, Sender
from support.talk.reply import Button
from support.talk.turn import Turn
from support.ticket_details import Detail, details_of
from tests.support.shop import DESCALE, Shop, new_score_for, open_shop

ORDER = FormField("order", "order_number", True, {"en": "Which order?", "zh-Hans": "哪一个订单？"})
REASON = FormField(
    "reason",
    "choice",
    True,
    {"en": "What is the reason?", "zh-Hans": "什么原因？"},
    {"en": ("Too big", "Faulty"), "zh-Hans": ("太大", "坏了")},
)
NOTE = FormField("note", "text", False, {"en": "Anything else?", "zh-Hans": "还有吗？"})
TITLE = "How do I return an item?"


def returns(*fields: FormField) -> FaqEntry:
    return FaqEntry(
        "returns",
        {"en": [TITLE], "zh-Hans": ["怎么退货？"]},
        {"en": "Within 30 days.", "zh-Hans": "30 天内都可以退。"},
        form=fields,
    )


@dataclass
class Chat:
    """One customer before the web chat."""

    shop: Shop
    who: str = "nia"
    labels: Sequence[str] = field(default_factory=list)

    async def says(self, text: str, **more: object) -> str:
        """What the bot answers to it: one message, or none."""
        before = len(await self.shop.rows(Touchpoint))
        await self.shop.hear(text, self.who, **more)
        return await self._answer(before)

    async def presses(self, label: str) -> str:
        before = await self.shop.rows(Touchpoint)
        asked = [row for row in before if row.direction == "out" and label in labels_of(row)][-1]
        press = Press(Sender("web", self.who), asked.id, labels_of(asked).index(label))
        await self.shop.run(lambda unit: conversation.press(self.shop.desk, unit, press))
        return await self._answer(len(before))

    async def _answer(self, before: int) -> str:
        new = [row for row in (await self.shop.rows(Touchpoint))[before:] if row.direction == "out"]
        assert len(new) <= 1, "one message a turn"
        self.labels = labels_of(new[0]) if new else []
        assert len(self.labels) <= 4
        return (new[0].text or "") if new else ""

    async def ticket(self) -> Ticket:
        (ticket,) = await self.shop.rows(Ticket)
        return ticket

    async def told(self) -> dict[str, tuple[str, bool]]:
        """slot → (answer, whether it was understood) of the one ticket."""
        return {d.slot: (d.answer, d.sure) for d in details_of((await self.ticket()).details)}


def labels_of(row: Touchpoint) -> list[str]:
    return [str(button["label"]) for button in (row.payload or {}).get("buttons", [])]


async def publish(shop: Shop, *entries: FaqEntry) -> None:
    await shop.run(lambda unit: import_entries(unit, entries))
    await shop.desk.faq.refresh(shop.store)


async def chat_with(store: Store, *fields: FormField) -> Chat:
    shop = await open_shop(store)
    await publish(shop, returns(*fields))
    return Chat(shop)


async def orders(shop: Shop, *orders: tuple[str, int], who: str = "nia") -> None:
    """(number, days ago) of a customer's orders."""

    async def work(unit: Unit) -> None:
        person = await shop.met(unit, who)
        for number, days in orders:
            on: date = (shop.now - timedelta(days=days)).date()
            customer_id = person.customer.id
            unit.add(Order(id=new_id(), external_id=number, customer_id=customer_id, date=on, amount=Decimal(9)))

    await shop.run(work)


# The way through


async def test_from_the_question_to_the_ticket(store: Store) -> None:
    chat = await chat_with(store, ORDER, REASON, NOTE)
    await orders(chat.shop, ("5512", 20), ("4000", 200))
    assert await chat.says(TITLE) == "Within 30 days.\n\nWhich order?"
    assert chat.labels == ["5512", "Leave it", "Not quite", "That helped"]
    assert await chat.presses("5512") == "What is the reason?"
    assert chat.labels == ["Too big", "Faulty", "Leave it"]
    assert await chat.says("faulti") == "Anything else?"
    assert chat.labels == ["Skip", "Leave it"]
    summary = await chat.says("It hums.\nLoudly")
    assert summary == (
        "This is what I have:\nWhich order? 5512\nWhat is the reason? Faulty\nAnything else? It hums. Loudly\n"
        "Shall I send it to my colleagues?"
    )
    assert chat.labels == ["Send", "Correct", "Leave it"]
    opened = await chat.presses("Send")
    assert opened == f"Request #1001: “{TITLE}”, order 5512. You'll hear from us by today at 20:00."
    ticket = await chat.ticket()
    assert (ticket.subject, ticket.status) == (TITLE, "new")
    assert details_of(ticket.details) == [
        Detail("order", "Which order?", "5512"),
        Detail("reason", "What is the reason?", "Faulty"),
        Detail("note", "Anything else?", "It hums.\nLoudly"),
    ]
    kinds = [event.kind for event in await chat.shop.rows(TicketEvent)]
    assert kinds == ["opened", "details", "escalated"]
    (now,) = await chat.shop.rows(Conversation)
    assert "form" not in now.dialog
    assert await chat.presses("Send") == "", "an old button does nothing twice"


async def test_in_the_language_of_the_customer_and_of_the_desk(store: Store) -> None:
    chat = await chat_with(store, REASON, NOTE)
    assert await chat.says("怎么退货？") == "30 天内都可以退。\n\n什么原因？"
    assert await chat.says("1") == "还有吗？", "a figure is the place in the list"
    summary = await chat.says("没有")
    assert "太大" in summary
    assert "Shall" not in summary
    await chat.says("可以")
    ticket = await chat.ticket()
    assert ticket.subject == "怎么退货？"
    assert details_of(ticket.details) == [Detail("reason", "What is the reason?", "Too big")]


async def test_agents_read_the_details_on_the_card(store: Store) -> None:
    chat = await chat_with(store, FormField("cups", "number", True, {"en": "How many cups?"}), NOTE)
    await chat.says(TITLE)
    for words in ("many", "a lot", "well, a lot"):
        await chat.says(words)
    await chat.says("skip")
    await chat.presses("Send")

    async def card(unit: Unit) -> dict[int, tuple[str, ...]]:
        return dict((await read_card(chat.shop.desk, unit, await chat.shop.known(unit), unit.now)).details)

    assert await chat.shop.run(card) == {1001: ("How many cups? “well, a lot” (their words, please check)",)}


async def test_an_entry_without_a_form_asks_nothing(store: Store) -> None:
    chat = await chat_with(store)
    assert await chat.says("How often do I descale the machine?") == "Every two to three months."
    assert await chat.says(TITLE) == "Within 30 days."


# Answers


async def test_a_wrong_answer_is_told_kindly_twice_and_then_kept(store: Store) -> None:
    chat = await chat_with(store, FormField("cups", "number", True, {"en": "How many cups?"}), NOTE)
    await chat.says(TITLE)
    for words in ("many", "3 or 4"):
        told = await chat.says(words)
        assert told == "I'm looking for a single number here, such as 2 or 1,200. How many cups?"
    assert await chat.says("lots and lots") == "I've noted it in your words. Anything else?"
    await chat.presses("Skip")
    await chat.presses("Send")
    assert await chat.told() == {"cups": ("lots and lots", False)}


async def test_a_figure_is_an_answer_and_not_the_second_button(store: Store) -> None:
    chat = await chat_with(store, FormField("cups", "number", False, {"en": "How many cups?"}))
    await chat.says(TITLE)
    assert "How many cups? 2\n" in await chat.says("2")


@pytest.mark.parametrize("own", [True, False])
async def test_an_unknown_order_is_asked_for_once_more_and_then_believed(store: Store, *, own: bool) -> None:
    """Nobody learns whether somebody else has an order of that number."""
    chat = await chat_with(store, ORDER)
    await orders(chat.shop, ("7001", 5), who="nia" if own else "eve")
    await chat.says(TITLE)
    if own:
        assert "Which order? 7001" in await chat.says("#7001 I think")
        return
    assert "7001" not in chat.labels
    for words in ("7001", "7002"):
        other = await chat_with_another(chat.shop, words)
        assert await other.says(words) == (
            "I can't see that one among your orders; could you check it, please? "
            "The number is in your order confirmation. Which order?"
        )
        assert f"Which order? {words}" in await other.says(words)
        assert "7001" not in (await other.presses("Send")).replace(words, "")
    assert [d.sure for t in await chat.shop.rows(Ticket) for d in details_of(t.details)] == [False, False]
    assert not any(ticket.order_id for ticket in await chat.shop.rows(Ticket))


async def test_what_is_no_number_at_all_is_told_apart(store: Store) -> None:
    chat = await chat_with(store, ORDER)
    await chat.says(TITLE)
    assert await chat.says("no") == (
        "I'm looking for an order number here; it is in your order confirmation. Which order?"
    )


async def test_a_short_answer_is_none_of_the_faqs_questions(store: Store) -> None:
    """Whatever entry "no" and a figure resemble."""
    shop = await open_shop(store)
    near = FaqEntry("no-water", {"en": ["No 7001", "No water", "7001"]}, {"en": "Fill the tank."})
    await publish(shop, returns(REASON), near)
    chat = Chat(shop)
    await chat.says(TITLE)
    for words in ("no", "7001"):
        assert "Please pick one of these" in await chat.says(words), words
        await chat.says("Leave it")
        await chat.says(TITLE)


async def chat_with_another(shop: Shop, who: str) -> Chat:
    chat = Chat(shop, f"v{who}")
    await chat.says(TITLE)
    return chat


async def test_what_the_store_knows_is_offered_masked_and_not_copied(store: Store) -> None:
    phone = FormField("phone", "phone", True, {"en": "Which number may we call?"})
    chat = await chat_with(store, phone, FormField("mail", "email", True, {"en": "Where may we write?"}))

    async def known(unit: Unit) -> None:
        person = await chat.shop.met(unit)
        person.customer.phone, person.customer.email = "+886912345678", "nia@example.com"

    await chat.shop.run(known)
    await chat.says(TITLE)
    assert "••• 678" in chat.labels
    await chat.presses("••• 678")
    assert "n•••@example.com" in chat.labels
    summary = await chat.presses("n•••@example.com")
    assert "••• 678" in summary
    await chat.presses("Send")
    ticket = await chat.ticket()
    said = [row.text or "" for row in await chat.shop.rows(Touchpoint)] + [str(ticket.details)]
    assert not any("345678" in text or "nia@" in text for text in said)

    async def told(unit: Unit, *, to_keep: bool) -> tuple[str, ...]:
        person = await chat.shop.known(unit)
        return (await read_card(chat.shop.desk, unit, person, unit.now, to_keep=to_keep)).details[1001]

    assert await chat.shop.run(lambda unit: told(unit, to_keep=False)) == (
        "Which number may we call? +886912345678",
        "Where may we write? nia@example.com",
    )
    assert await chat.shop.run(lambda unit: told(unit, to_keep=True)) == (
        "Which number may we call? (the phone number on record)",
        "Where may we write? (the e-mail address on record)",
    )


async def test_more_choices_than_buttons(store: Store) -> None:
    sizes = FormField("size", "choice", True, {"en": "Which size?"}, {"en": ("S", "M", "L", "XL", "XXL")})
    chat = await chat_with(store, sizes)
    assert (await chat.says(TITLE)).endswith("Which size?\n1. S\n2. M\n3. L\n4. XL\n5. XXL")
    seen: list[str] = []
    for _ in range(3):
        seen += chat.labels[:-2]
        assert chat.labels[-2:] == ["More", "Leave it"]
        await chat.presses("More")
    assert seen == ["S", "M", "L", "XL", "XXL"]
    assert chat.labels[:2] == ["S", "M"], "round again"
    assert "Which size? XXL" in await chat.says("5")


# Correcting and leaving


async def test_one_answer_is_corrected_and_the_others_stand(store: Store) -> None:
    chat = await chat_with(store, ORDER, REASON, NOTE, FormField("day", "date", False, {"en": "Since when?"}))
    await orders(chat.shop, ("5512", 2))
    await chat.says(TITLE)
    for words in ("5512", "too big", "skip"):
        await chat.says(words)
    assert "Since when? 19 November" in await chat.says("yesterday")
    assert await chat.presses("Correct") == "Which one shall I change?"
    assert chat.labels == ["Which order?", "What is the reason?", "More", "Leave it"]
    await chat.presses("More")
    assert chat.labels == ["Anything else?", "Since when?", "More", "Leave it"]
    assert await chat.presses("Since when?") == "Since when?"
    summary = await chat.says("18 November")
    assert "5512" in summary
    assert "Since when? 18 November" in summary
    await chat.says("no")
    await chat.says("What is the reason?")
    assert "Faulty" in await chat.presses("Faulty")
    await chat.says("Send")
    assert {slot: answer for slot, (answer, _) in (await chat.told()).items()} == {
        "order": "5512",
        "reason": "Faulty",
        "day": "18 November",
    }


@pytest.mark.parametrize("way", ["Leave it", "never mind", "算了", "不用了", "cancel", "bye"])
@pytest.mark.parametrize("after", [0, 1, 2])
async def test_leaving_leaves_nothing(sqlite_store: Store, way: str, after: int) -> None:
    chat = await chat_with(sqlite_store, REASON, NOTE)
    await chat.says(TITLE)
    for words in ("Faulty", "a note")[:after]:
        await chat.says(words)
    left = await chat.says(way)
    assert "nothing was sent" in left or "什么都没有提交" in left
    assert not await chat.shop.rows(Ticket)
    (now,) = await chat.shop.rows(Conversation)
    assert "form" not in now.dialog
    assert "What is" not in await chat.says("Faulty")


async def test_thanks_for_the_answer_end_the_form_before_it_began(store: Store) -> None:
    chat = await chat_with(store, ORDER, REASON)
    await chat.says(TITLE)
    assert await chat.says("thanks") == "You're welcome. I'm here whenever you need something."
    assert "Which order?" in await chat.says(TITLE)
    assert await chat.presses("That helped") == "Glad that helped. If anything else comes up, just write."
    assert not await chat.shop.rows(Ticket)


# Something else


@pytest.mark.parametrize(("words", "first"), [("hi", "Hello, I'm here."), ("你好", "您好，我在。")])
async def test_a_greeting_is_no_answer(store: Store, words: str, first: str) -> None:
    chat = await chat_with(store, NOTE)
    await chat.says(TITLE)
    assert (await chat.says(words)).startswith(first)
    assert chat.labels[-1] in ("Leave it", "不填了")


async def test_another_question_is_answered_and_the_form_goes_on(store: Store) -> None:
    chat = await chat_with(store, REASON, NOTE)
    await chat.says(TITLE)
    told = await chat.says("How often do I descale the machine?")
    assert told == "Every two to three months.\n\nBack to where we were. What is the reason?"
    assert chat.labels == ["Too big", "Faulty", "Leave it"]
    await chat.presses("Faulty")
    summary = await chat.says("How often do I descale the machine?")
    assert "Anything else? How often do I descale the machine?" in summary, "any words may be a note"


@pytest.mark.parametrize("words", ["I want a human", "this is ridiculous", "it is urgent"])
async def test_a_human_gets_what_was_collected(store: Store, words: str) -> None:
    chat = await chat_with(store, REASON, NOTE)
    await chat.says(TITLE)
    await chat.says("Faulty")
    assert "olleague" in await chat.says(words)
    assert await chat.told() == {"reason": ("Faulty", True)}
    (now,) = await chat.shop.rows(Conversation)
    assert "form" not in now.dialog
    kinds = [event.kind for event in await chat.shop.rows(TicketEvent)]
    assert kinds == ["opened", "details", "escalated"], "the card has it from the beginning"


async def test_an_agent_who_takes_the_chat_gets_it_too(store: Store) -> None:
    chat = await chat_with(store, REASON, NOTE)
    await chat.says(TITLE)
    await chat.says("Faulty")
    bob = await chat.shop.staff()
    await chat.shop.act(agent_work.answer, bob, "Let me see.")
    assert await chat.says("it hums") == ""
    assert await chat.told() == {"reason": ("Faulty", True)}
    await chat.shop.act(agent_work.release, bob)
    assert "Shall I send" not in await chat.says("it hums")


async def test_a_photo_goes_with_the_request(store: Store) -> None:
    chat = await chat_with(store, REASON, NOTE)
    await chat.says(TITLE)
    photo = {"kind": "photo", "attachment": Attachment("photo", file_id=None)}
    assert await chat.says("", **photo) == "Thank you, that goes with it. What is the reason?"
    assert await chat.says("Faulty", **photo) == "Anything else?", "a caption is heard"
    await chat.says("", **photo, details={"album": "7"})
    assert await chat.says("", **photo, details={"album": "7"}) == "", "an album is answered once"
    await chat.presses("Skip")
    assert "4 photos" in await chat.presses("Send")
    assert [event.kind for event in await chat.shop.rows(TicketEvent)].count("added") == 4


async def test_commands_and_stickers(store: Store) -> None:
    chat = await chat_with(store, REASON, NOTE)
    await chat.says(TITLE)
    assert (await chat.says("", kind="other:sticker")).endswith("What is the reason?")
    assert (await chat.says("👎")).endswith("What is the reason?")
    assert (await chat.says("/tickets")).startswith("I've put aside what we had begun; nothing was sent.\n")
    assert not (await chat.says("Faulty")).startswith("Anything")
    assert not await chat.shop.rows(Ticket)


async def test_a_changed_or_withdrawn_form_is_dropped_with_a_word(store: Store) -> None:
    chat = await chat_with(store, REASON, NOTE)
    await chat.says(TITLE)
    await publish(chat.shop, returns(REASON))
    assert (await chat.says("Faulty")).startswith("The questions I was asking have changed")
    await chat.says(TITLE)
    await publish(chat.shop, returns(FormField("reason", "text", True, {"en": "Why?"})))
    assert (await chat.presses("Faulty")).startswith("The questions I was asking have changed")
    assert not await chat.shop.rows(Ticket)


async def test_other_words_for_the_same_questions_change_nothing(store: Store) -> None:
    chat = await chat_with(store, REASON, NOTE)
    await chat.says(TITLE)
    await publish(chat.shop, returns(REASON, FormField("note", "text", False, {"en": "Any remark?"})))
    assert await chat.says("Faulty") == "Any remark?"


async def test_a_form_ends_with_its_conversation(store: Store) -> None:
    chat = await chat_with(store, REASON, NOTE)
    await chat.says(TITLE)
    chat.shop.pass_time(hours=13)
    assert (await chat.says("hi")).startswith("What we had begun last time was not sent.\nHello")
    assert not (await chat.says("hi")).startswith("What we had begun")


# Who is handed over anyway


async def test_the_request_that_the_answer_opened_is_filled(store: Store) -> None:
    chat = await chat_with(store, REASON)

    async def vip(unit: Unit) -> None:
        new_score_for(unit, await chat.shop.met(unit), tier="vip", percentile=99.5)

    await chat.shop.run(vip)
    asked = await chat.says("how do i return an item")
    assert asked.endswith("What is the reason?")
    assert "No need, thanks" in chat.labels
    await chat.presses("Faulty")
    assert "Request #1001" in await chat.presses("Send")
    ticket = await chat.ticket()
    assert (ticket.subject, await chat.told()) == (TITLE, {"reason": ("Faulty", True)})
    assert chat.shop.room.told_of[-1][0] in ("changed", "heard"), "the card is shown anew"


# Two forms

MACHINE = FormField("machine", "text", True, {"en": "Which machine is it?", "zh-Hans": "是哪台机器？"})
REPAIR = FaqEntry(
    "repair",
    {"en": ["How do I send my machine for repair?"], "zh-Hans": ["机器怎么送修？"]},
    {"en": "With our label.", "zh-Hans": "用我们的标签寄来。"},
    form=(MACHINE,),
)
BOTH = f"{TITLE} How do I send my machine for repair?"
NEXT = "Now to your other question, “How do I send my machine for repair?”: Which machine is it?"


async def two_forms(store: Store) -> Chat:
    chat = await chat_with(store, REASON)
    await publish(chat.shop, REPAIR)
    return chat


async def test_the_second_of_two_forms_follows_the_first(store: Store) -> None:
    chat = await two_forms(store)
    both = await chat.says(BOTH)
    assert "Within 30 days." in both
    assert "With our label." in both
    assert both.endswith("What is the reason?")
    assert "Which machine" not in both
    await chat.says("Faulty")
    sent = await chat.presses("Send")
    assert sent == f"Request #1001: “{TITLE}”. You'll hear from us by today at 20:00.\n\n{NEXT}"
    assert chat.labels == ["Leave it", "Add"]
    assert "Which machine is it? Rancilio" in await chat.says("Rancilio")
    assert (await chat.presses("Send")).startswith("Request #1002: “How do I send my machine for repair?”.")
    first, second = await chat.shop.rows(Ticket)
    assert [each.slot for each in details_of(first.details)] == ["reason"]
    assert [each.slot for each in details_of(second.details)] == ["machine"]


async def test_leaving_the_first_form_leaves_the_second_to_be_asked(sqlite_store: Store) -> None:
    chat = await two_forms(sqlite_store)
    await chat.says(BOTH)
    assert await chat.presses("Leave it") == f"All right, that one was not sent.\n\n{NEXT}"
    assert (await chat.says("forget it")).startswith("All right, I've stopped there; nothing was sent.")
    assert not await chat.shop.rows(Ticket)


async def test_whoever_says_goodbye_is_asked_no_more(sqlite_store: Store) -> None:
    chat = await two_forms(sqlite_store)
    await chat.says(BOTH)
    assert (await chat.says("bye")).startswith("All right, I've stopped there; nothing was sent.")
    assert "machine" not in await chat.says("thanks")


async def test_a_form_asked_for_amid_another_waits_and_one_withdrawn_meanwhile_is_forgotten(
    sqlite_store: Store,
) -> None:
    chat = await two_forms(sqlite_store)
    for withdrawn in (False, True):
        await chat.says(TITLE)
        back = await chat.says("How do I send my machine for repair?")
        assert back == "With our label.\n\nBack to where we were. What is the reason?"
        if withdrawn:
            await publish(chat.shop, replace(REPAIR, form=()))
        left = await chat.presses("Leave it")
        assert ("Which machine is it?" in left) is not withdrawn
        await chat.says("forget it")


async def test_a_preface_is_said_once(store: Store) -> None:
    chat = await chat_with(store)

    async def twice(unit: Unit) -> list[str]:
        person = await chat.shop.met(unit)
        assert person.conversation
        heard = Touchpoint(id=new_id())
        turn = Turn(chat.shop.desk, unit, person, person.conversation, Dialog(), heard, preface="First.")
        said = [await turn.say_text(text, Button("x", "none")) for text in ("one", "two")]
        return [row.text or "" for row in said]

    assert await chat.shop.run(twice) == ["First.\none", "two"]


def test_the_other_entry_has_no_form() -> None:
    assert DESCALE.form == ()
