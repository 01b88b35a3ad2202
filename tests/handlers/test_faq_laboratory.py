"""The laboratory in Telegram: check, replay, gaps that become drafts, and customers' proposals."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import pytest

from crm_store.ids import new_id
from crm_store.models import ContactPoint, Customer, FaqProposal, FaqQuestion, Touchpoint
from crm_store.store import Store
from crm_store.unit import Unit
from faq.entry import FaqEntry
from faq.normalise import normalise
from handlers.faq.press import FaqPress, Verb
from support.access import add_agent
from support.knowledge.importing import export_entries, import_entries
from tests.handlers.faq_chat import ADMIN, AGENT, CUSTOMER, Chat, open_chat

_visitors = count(1)


@pytest.fixture
async def chat(sqlite_store: Store) -> Chat:
    return await open_chat(sqlite_store)


async def ask(chat: Chat, text: str, decision: str = "refuse", **more: object) -> None:
    """A new customer's question as the store keeps it."""

    async def work(unit: Unit) -> None:
        customer, contact, touchpoint = new_id(), new_id(), new_id()
        unit.insert(Customer, id=customer, name="", created_at=unit.now, attributes={}, version=1)
        address = f"visitor {next(_visitors)}"
        where = {"channel": "web", "address": address, "state": "active", "created_at": unit.now}
        unit.insert(ContactPoint, id=contact, customer_id=customer, **where)
        said = {"channel": "web", "direction": "in", "author": "customer", "kind": "text", "text": text}
        unit.insert(Touchpoint, id=touchpoint, contact_point_id=contact, at=unit.now, **said)
        values = {
            "contact_point_id": contact,
            "touchpoint_id": touchpoint,
            "at": unit.now - timedelta(minutes=1),
            "language": "en",
            "text": text,
            "normal": normalise(text),
            "decision": decision,
        }
        unit.insert(FaqQuestion, id=new_id(), **(values | more))

    await chat.desk.store.run(work)


async def propose(chat: Chat, text: str, entry_id: str = "returns") -> None:
    """A wording that a customer chose an entry for."""
    await ask(chat, text, "suggest", outcome="picked", outcome_entry_id=entry_id)

    async def work(unit: Unit) -> None:
        unit.add(
            FaqProposal(id=new_id(), entry_id=entry_id, language="en", text=text, normal=normalise(text), at=unit.now)
        )

    await chat.desk.store.run(work)


async def test_a_check_names_what_is_wrong_and_leads_there(chat: Chat) -> None:
    twin = FaqEntry("twin", {"en": ("Returns",)}, {"en": "Here."})
    await chat.desk.store.run(lambda unit: import_entries(unit, [twin]))
    await chat.say("/faq check")
    assert chat.last == "Looking; the result comes in a moment."
    await chat.errands()
    assert chat.last.startswith("Errors: ")
    assert "“Returns” also stands in" in chat.last
    shown = len(chat.shown)
    await chat.press_labelled("twin")
    assert chat.shown[shown]["text"].startswith("twin\n\n")


async def test_many_findings_come_in_pages(chat: Chat) -> None:
    entries = [FaqEntry(f"e-{n}", {"en": (f"What about the number {n}?",)}, {}) for n in range(12)]
    await chat.desk.store.run(lambda unit: import_entries(unit, entries))
    await chat.say("/faq")
    shown = len(chat.shown)
    await chat.press_labelled("Check")
    assert (len(chat.shown), chat.toasts[-1]) == (shown, "Looking; the result comes in a moment.")
    await chat.errands()
    first = chat.last
    await chat.press_labelled("›")
    await chat.errands()
    assert chat.last != first
    assert chat.last.splitlines()[0] == first.splitlines()[0]
    assert {"‹", "›"} <= {button["text"] for button in chat.buttons()}


async def test_pressing_twice_asks_once(chat: Chat) -> None:
    await chat.say("/faq")
    check = chat.data_of("Check")
    await chat.press(check)
    await chat.press(check)
    shown = len(chat.shown)
    await chat.errands()
    assert len(chat.shown) == shown + 1


async def test_who_is_an_admin_no_longer_gets_no_answer(chat: Chat) -> None:
    await chat.say("/faq check")
    async with chat.desk.store.unit() as unit:
        await add_agent(unit, "Lin", "agent", ADMIN)
    shown = len(chat.shown)
    await chat.errands()
    assert len(chat.shown) == shown


async def test_a_replay_tells_what_the_drafts_would_change(chat: Chat) -> None:
    await ask(chat, "Can you mend my grinder?")
    await ask(chat, "Returns", "answer", entry_id="returns", confidence=1.0)
    await chat.say("/faq replay")
    await chat.errands()
    assert chat.last.startswith("The last 2 questions asked, put to the FAQ as it is:\n\nAnswered: 1 → 1\n")
    assert "No question would be treated differently." in chat.last

    await chat.say("/faq returns")
    await chat.press_labelled("Questions")
    await chat.press_labelled("English")
    await chat.say("Can you mend my grinder?\nReturns")
    await chat.errands()
    assert "The last 2 questions asked, as it is now → with this draft:\nAnswered: 1 → 2\n" in chat.last
    assert "1 × “Can you mend my grinder?”: no answer → returns" in chat.last
    await chat.say("/faq replay")
    await chat.errands()
    assert chat.last.startswith("The last 2 questions asked, as it is now → with all drafts:\n\nAnswered: 1 → 2\n")


async def test_without_questions_the_laboratory_says_so(chat: Chat) -> None:
    for command, answer in (
        ("replay", "No questions are kept yet"),
        ("gaps", "No gaps: every question of the last 30 days found an answer."),
        ("proposals", "No proposals now"),
        ("drafts", "No drafts: everything is live."),
    ):
        await chat.say(f"/faq {command}")
        await chat.errands()
        assert chat.last.startswith(answer)


async def test_a_gap_becomes_a_draft_that_asks_for_its_answer(chat: Chat) -> None:
    for text in ("<b>Do you repair grinders?</b>", "do you repair *grinders*"):
        await ask(chat, text)
    await chat.say("/faq gaps")
    await chat.errands()
    assert "1. Customers: 2 · times asked: 2 · last: today at " in chat.last
    assert "“do you repair *grinders*”" in chat.last
    assert "“<b>Do you repair grinders?</b>”" in chat.last
    assert not {"entities", "parse_mode"} & chat.shown[-1].keys()
    draft = chat.data_of("1: make a draft")

    await chat.press(draft)
    await chat.errands()
    assert "A new entry: customers get it once it is published." in chat.shown[-2]["text"]
    assert chat.last == "Send the answer in English."
    await chat.say("Yes, in our workshop.")
    await chat.press_labelled("Publish")
    assert "is saved and live." in chat.last
    async with chat.desk.store.read() as session:
        newest = (await export_entries(session))[-1]
    assert newest.answers == {"en": "Yes, in our workshop."}
    assert "do you repair *grinders*" in newest.questions["en"]

    await chat.press(draft)
    await chat.errands()
    assert chat.last == "These questions are no longer open."


async def test_one_gap_makes_one_draft(chat: Chat) -> None:
    await ask(chat, "Do you repair grinders?")
    await chat.say("/faq gaps")
    await chat.errands()
    draft = chat.data_of("1: make a draft")
    for _ in range(2):
        await chat.press(draft)
        await chat.errands()
    await chat.say("/faq drafts")
    assert [button["text"] for button in chat.buttons()] == ["Do you repair grinders?"]


async def test_proposals_are_taken_and_declined(chat: Chat) -> None:
    for text in ("bring it back", "send *it* home"):
        await propose(chat, text)
    await chat.say("/faq proposals")
    assert "“bring it back” → returns, chosen by 1 person" in chat.last
    listed = len(chat.shown) - 1
    await chat.press(chat.data_of("1: add", listed))
    assert "now leads to returns." in chat.last
    await chat.press(chat.data_of("2: decline", listed))
    assert "will not be proposed for returns again." in chat.last
    await chat.press(chat.data_of("2: add", listed))
    assert chat.toasts[-1] == "Somebody decided on this wording already."

    assert chat.desk.faq.matcher.match("bring it back")[0].entry_id == "returns"
    await chat.say("/faq proposals")
    assert chat.last.startswith("No proposals now")


async def test_how_far_an_answer_helps_is_told_with_its_interval(chat: Chat) -> None:
    for number in range(16):
        outcome = "helped" if number < 14 else "not_helped"
        await ask(chat, f"returns {number}", "answer", entry_id="returns", confidence=0.9, outcome=outcome)
    await chat.say("/faq returns")
    assert "14 of 16 people were helped; between 64 % and 97 %." in chat.last


async def test_nobody_else_reaches_the_laboratory(chat: Chat) -> None:
    await chat.say("/faq gaps")
    await chat.say("/faq")
    gaps = chat.data_of("Gaps")
    assert not await chat.press(gaps, who=CUSTOMER)
    assert await chat.press(gaps, who=AGENT)
    assert chat.toasts[-1] == "Only agents can do this."


async def test_a_page_behind_the_end_is_no_accident(chat: Chat) -> None:
    for verb in (Verb.DRAFTS, Verb.PROPOSALS, Verb.HISTORY, Verb.CHECK, Verb.GAPS):
        shown = len(chat.shown)
        assert await chat.press(FaqPress(verb=verb, entry_id="returns", number=2**63 - 1).pack())
        await chat.errands()
        assert len(chat.shown) == shown + 1
