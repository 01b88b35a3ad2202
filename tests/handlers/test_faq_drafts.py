"""Drafts in Telegram: what differs, trying them, publishing, discarding, undoing, restoring."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crm_store.store import Store
from faq.entry import FormField, Variant
from support.knowledge.importing import import_entries
from tests.handlers.faq_chat import ADMIN, OTHER_ADMIN, RETURNS, Chat, entry, open_chat


@pytest.fixture
async def chat(sqlite_store: Store) -> Chat:
    return await open_chat(sqlite_store)


async def draft_answer(chat: Chat, text: str, who: int = ADMIN) -> None:
    await chat.say("/faq returns", who)
    await chat.press_labelled("Answer", who)
    await chat.press_labelled("English", who)
    await chat.say(text, who)


async def test_what_publishing_would_do_follows_the_draft(chat: Chat) -> None:
    await chat.say("/faq returns")
    await chat.press_labelled("Questions")
    await chat.press_labelled("English")
    await chat.say("When can I return to the shop?")
    before = len(chat.shown)
    await chat.errands()
    assert len(chat.shown) == before + 1
    assert chat.last.startswith("What publishing returns would do:\n\n")
    assert "“When can I return to the shop?” also stands in" in chat.last
    assert "No questions are kept yet" in chat.last
    await chat.press_labelled("Publish")
    assert (await entry(chat)).questions["en"] == ("When can I return to the shop?",)


async def test_a_draft_is_tried_before_customers_meet_it(chat: Chat) -> None:
    await draft_answer(chat, "Within {order_number|a few} *14* days.")
    await chat.press_labelled("Try")
    assert chat.last == "Send a question as a customer would ask it."
    await chat.say("How do I return an item?")
    assert chat.last == "Looking; the result comes in a moment.", "training waits for the timetable"
    await chat.errands()
    assert chat.shown[-2]["text"] == "The bot would answer:\nWithin a few 14 days."
    assert chat.last.startswith("Answered from returns, 100 % sure. Nearest:\n100 % · returns")
    assert not await chat.say("And this is for somebody else.")

    await chat.press_labelled("Try another")
    await chat.say("xyzzy")
    await chat.errands()
    assert chat.last.startswith("The bot would not answer, and offer a person.")
    await chat.press_labelled("Draft")
    assert chat.last.startswith("returns · draft, not live yet")


async def test_two_questions_are_tried_in_turn_and_a_draft_that_went_is_told(chat: Chat) -> None:
    await draft_answer(chat, "Never.")
    discard, again = chat.data_of("Discard"), chat.data_of("Try")
    await chat.errands()
    for question in ("Returns", "xyzzy"):
        await chat.press(again)
        await chat.say(question)
    await chat.errands()
    told = [each["text"].split(" Nearest:")[0] for each in chat.shown[-2:]]
    assert told == ["Answered from returns, 100 % sure.", "The bot would not answer, and offer a person."]

    await chat.press(again)
    await chat.say("Returns")
    await chat.press(discard)
    await chat.press_labelled("Discard")
    await chat.errands()
    assert chat.last.startswith("There is no draft of returns")


async def test_what_is_live_is_tried_as_well(chat: Chat) -> None:
    await draft_answer(chat, "Never.")
    await chat.say("/faq")
    await chat.press_labelled("Try")
    await chat.say("Returns")
    assert chat.shown[-2]["text"] == "The bot would answer:\nWithin 30 days."


async def test_publishing_is_undone_with_one_button(chat: Chat) -> None:
    await draft_answer(chat, "Never.")
    await chat.press_labelled("Publish")
    assert (await entry(chat)).answers["en"] == "Never."
    undo = chat.data_of("Undo")
    await chat.press_labelled("Undo")
    assert chat.last.startswith("Undone: returns is what it was before.")
    assert (await entry(chat)).answers == RETURNS.answers

    shown = len(chat.shown)
    await chat.press(undo)
    assert len(chat.shown) == shown
    assert "was changed meanwhile" in str(chat.toasts[-1])


async def test_a_category_is_changed_as_a_draft(chat: Chat) -> None:
    await chat.say("/faq returns")
    await chat.press_labelled("Category")
    assert chat.last == "Send the category, such as orders, or a hyphen (-) for none.\n\norders"
    await chat.say("x" * 61)
    assert chat.last == "A category is a short name: at most 60 characters."
    await chat.say("after sales")
    assert chat.last.startswith("returns · draft, not live yet")
    assert chat.last.endswith("Category: orders → after sales")
    assert (await entry(chat)).category == "orders"
    await chat.press_labelled("Publish")
    assert chat.last.startswith("returns is saved and live.\n\nreturns · after sales\n")
    await chat.press_labelled("History")
    assert "category changed" in chat.last

    await chat.say("/faq returns")
    await chat.press_labelled("Category")
    await chat.say("-")
    assert chat.last.endswith("Category: after sales → –")


async def test_a_category_that_changed_meanwhile_is_asked_for_again(chat: Chat) -> None:
    await chat.say("/faq returns")
    await chat.press_labelled("Category")
    await chat.say("/faq returns", OTHER_ADMIN)
    await chat.press_labelled("Category", OTHER_ADMIN)
    await chat.say("repairs", OTHER_ADMIN)
    await chat.say("after sales")
    assert chat.shown[-2]["text"].startswith("returns was changed meanwhile")
    assert chat.last.endswith("\n\nrepairs")


async def test_what_only_the_file_edits_is_told(chat: Chat) -> None:
    await chat.say("/faq returns")
    assert "touchdesk faq export" not in chat.last
    form, variants = (FormField("order"), FormField("reason")), (Variant({"en": "Whenever you like."}, ("vip",)),)
    await chat.desk.store.run(lambda unit: import_entries(unit, [replace(RETURNS, form=form, variants=variants)]))
    await chat.say("/faq returns")
    assert chat.last.endswith(
        "A form follows the answer; fields: 2.\nOther answers for some customers: 1.\n"
        "These are edited in a file: touchdesk faq export, then touchdesk faq import."
    )


async def test_discarding_is_asked_once(chat: Chat) -> None:
    await draft_answer(chat, "Never.")
    await chat.press_labelled("Discard")
    assert chat.last == "Discard the draft of returns? What is live stays as it is."
    await chat.press_labelled("Cancel")
    await chat.say("/faq drafts")
    await chat.press_labelled("How do I return an item?")
    await chat.press_labelled("Discard")
    await chat.press_labelled("Discard")
    assert chat.last == "The draft of returns is discarded."
    await chat.say("/faq drafts")
    assert chat.last.startswith("No drafts: everything is live.")
    assert (await entry(chat)).answers == RETURNS.answers


async def test_who_is_later_sees_what_the_other_did(chat: Chat) -> None:
    await draft_answer(chat, "Within 14 days.")
    publish, discard = chat.data_of("Publish"), chat.data_of("Discard")
    await chat.press(discard)
    throw = chat.data_of("Discard")
    await draft_answer(chat, "Never.", OTHER_ADMIN)

    for stale in (publish, throw):
        await chat.press(stale)
        assert chat.last.startswith("returns was changed meanwhile, so nothing was done.")
        assert "in the draft:\nNever." in chat.last
    assert (await entry(chat)).answers == RETURNS.answers
    await chat.press_labelled("Publish")
    assert (await entry(chat)).answers == {"en": "Never."}


async def test_a_text_does_not_replace_one_that_its_writer_never_saw(chat: Chat) -> None:
    await chat.say("/faq returns")
    await chat.press_labelled("Answer")
    await chat.press_labelled("English")
    await draft_answer(chat, "Never.", OTHER_ADMIN)
    await chat.say("Within 14 days.")
    assert chat.shown[-2]["text"].startswith("returns was changed meanwhile")
    assert chat.last == "Send the answer in English.\n\nNever."
    await chat.say("Within 14 days.")
    assert chat.last.endswith("in the draft:\nWithin 14 days.")


async def test_a_new_entry_is_found_as_a_draft_and_withdrawn_by_undoing(chat: Chat) -> None:
    await chat.say("/faq")
    await chat.press_labelled("Add an entry")
    await chat.say("repair")
    await chat.press_labelled("English")
    await chat.say("Do you repair?")
    await chat.say("Yes.")
    await chat.say("/faq repair")
    assert chat.last.startswith("repair · draft, not live yet")
    await chat.press_labelled("Publish")
    await chat.press_labelled("Undo")
    assert chat.last.startswith("Undone:")
    assert "repair is withdrawn and no longer answers." in chat.last


async def test_a_former_state_is_shown_and_restored(chat: Chat) -> None:
    await draft_answer(chat, "Never.")
    await chat.press_labelled("Publish")
    await chat.press_labelled("History")
    lines = chat.last.splitlines()
    assert [line.split(" · ")[1:] for line in lines[1:]] == [["Lin", "answer changed"], ["–", "imported"]]
    history = len(chat.shown)
    await chat.press_labelled("1")
    assert "This is what is live now." in chat.last
    assert not chat.buttons()
    await chat.press(chat.data_of("2", history - 1))
    assert "Restoring it would change:" in chat.last
    restore = chat.data_of("Restore, live at once")
    await chat.press_labelled("Restore as a draft")
    assert chat.last.endswith("in the draft:\nWithin **30** days.")
    assert (await entry(chat)).answers == {"en": "Never."}
    await chat.press(restore)
    assert chat.last.startswith("returns is restored and live.")
    assert (await entry(chat)).answers == RETURNS.answers
