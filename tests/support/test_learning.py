"""What admins learn from customers: proposals and figures, and nothing that decides by itself."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from itertools import count

import pytest
from sqlalchemy import insert

from crm_store.ids import new_id
from crm_store.models import (
    Agent,
    Audit,
    ContactPoint,
    Customer,
    FaqPhrasing,
    FaqProposal,
    FaqQuestion,
    FaqRevision,
    Touchpoint,
)
from crm_store.repositories import faq_questions
from crm_store.store import Store
from crm_store.unit import Unit
from faq.entry import FaqEntry
from faq.matcher import decide
from faq.normalise import normalise
from support.errors import DeskError
from support.knowledge import admin as faq_admin
from support.knowledge import drafts as faq_drafts
from support.knowledge import learning
from support.knowledge.importing import export_entries, import_entries
from support.talk import conversation
from support.talk.inbound import Press, Sender
from tests.support.shop import DESCALE, FRIDAY_NOON, Shop, open_shop

GRIND = FaqEntry("grind", {"en": ("How fine should I grind?",)}, {"en": "Like fine sand."})
WORDS = "It comes tomorrow."
_customers = count(1)


@pytest.fixture
async def shop(store: Store) -> Shop:
    shop = await open_shop(store)
    await store.run(lambda unit: import_entries(unit, [GRIND]))
    await shop.desk.faq.refresh(store)
    return shop


@pytest.fixture
async def admin(shop: Shop) -> Agent:
    return await shop.staff("Lin", "admin")


async def contacts(shop: Shop, number: int, *, of_one_customer: bool = False) -> list[tuple[int, int]]:
    """(contact point, a touchpoint of it with WORDS) of so many newcomers, or of one with so many contact points."""
    async with shop.store.unit() as unit:
        people = [new_id() for _ in range(1 if of_one_customer else number)] * (number if of_one_customer else 1)
        for customer_id in dict.fromkeys(people):
            unit.insert(Customer, id=customer_id, name="", created_at=unit.now, attributes={}, version=1)
        found = [(new_id(), new_id()) for _ in people]
        for customer_id, (contact_id, touchpoint_id) in zip(people, found, strict=True):
            unit.add(
                ContactPoint(
                    id=contact_id,
                    customer_id=customer_id,
                    channel="web",
                    address=f"visitor {next(_customers)}",
                    state="active",
                    created_at=unit.now,
                )
            )
            unit.add(
                Touchpoint(
                    id=touchpoint_id,
                    contact_point_id=contact_id,
                    at=unit.now,
                    channel="web",
                    direction="in",
                    author="customer",
                    kind="text",
                    text=WORDS,
                )
            )
    return found


def asked(
    contact: tuple[int, int], decision: str = "answer", text: str = "white stuff", **more: object
) -> dict[str, object]:
    """A question's row; half a minute passes between two of them."""
    row_id = new_id()
    values: dict[str, object] = {
        "id": row_id,
        "contact_point_id": contact[0],
        "touchpoint_id": contact[1],
        "at": FRIDAY_NOON,
        "language": "en",
        "text": text,
        "normal": normalise(text),
        "decision": decision,
        "entry_id": "descale",
        "confidence": 0.5,
        "outcome": None,
        "outcome_at": FRIDAY_NOON,
        "outcome_entry_id": None,
        "outcome_touchpoint_id": None,
    }
    return values | more


async def put(shop: Shop, *rows: dict[str, object]) -> None:
    async with shop.store.write() as connection:
        await connection.execute(insert(FaqQuestion), rows)


async def propose(shop: Shop, entry_id: str, text: str, **more: object) -> int:
    proposal_id = new_id()
    async with shop.store.unit() as unit:
        values = {"language": "en", "state": "open", "at": unit.now} | more
        unit.insert(FaqProposal, id=proposal_id, entry_id=entry_id, text=text, normal=normalise(text), **values)
    return proposal_id


async def listed(shop: Shop, limit: int = 10, offset: int = 0) -> list[tuple[str, str, int]]:
    async with shop.store.read() as session:
        return [(p.entry_id, p.text, p.people) for p in await learning.proposals(session, limit, offset)]


async def helpfulness(shop: Shop, *entry_ids: str) -> dict[str, tuple[int, int]]:
    async with shop.store.read() as session:
        found = await learning.helpfulness(session, entry_ids or None)
    return {entry_id: (figures.people, figures.helped) for entry_id, figures in found.items()}


async def test_proposals_come_with_the_number_of_people(shop: Shop) -> None:
    one, two, three = await contacts(shop, 3)
    twice = await contacts(shop, 2, of_one_customer=True)
    for text in ("white stuff", "chalk"):
        await propose(shop, "descale", text)
    await propose(shop, "grind", "chalk", state="declined")
    chosen = {"outcome": "picked", "outcome_entry_id": "descale"}
    await put(
        shop,
        *(asked(contact, "suggest", "white stuff", **chosen) for contact in twice),
        asked(one, "suggest", "Chalk!", **chosen),
        asked(two, "suggest", "chalk", outcome="helped", outcome_entry_id="descale"),
        asked(two, "suggest", "chalk", outcome="helped", outcome_entry_id="descale"),
        asked(three, "suggest", "chalk", outcome="not_helped", outcome_entry_id="descale"),
        asked(three, "suggest", "chalk", outcome="picked", outcome_entry_id="grind"),
    )
    assert await listed(shop) == [("descale", "chalk", 2), ("descale", "white stuff", 1)]
    assert await listed(shop, 1, 1) == [("descale", "white stuff", 1)]
    async with shop.store.unit() as unit:
        assert len(await learning.proposals(unit.session, 10)) == 2


async def test_a_withdrawn_entry_and_a_wording_that_nobody_stands_behind_are_not_listed(
    shop: Shop, admin: Agent
) -> None:
    (one,) = await contacts(shop, 1)
    await propose(shop, "grind", "chalk")
    await propose(shop, "descale", "chalk")
    await put(shop, asked(one, "suggest", "chalk", outcome="picked", outcome_entry_id="grind"))
    assert await listed(shop) == [("grind", "chalk", 1)]
    await shop.run(lambda unit: faq_admin.withdraw(unit, admin, "grind"))
    assert await listed(shop) == []


async def test_a_taken_wording_answers_from_then_on(shop: Shop, admin: Agent) -> None:
    proposal_id = await propose(shop, "descale", "white stuff inside")
    await shop.run(lambda unit: learning.take(unit, admin, proposal_id))
    await shop.desk.faq.refresh(shop.store)
    assert shop.desk.faq.entries["descale"].questions["en"] == (*DESCALE.questions["en"], "white stuff inside")
    assert shop.desk.faq.matcher.match("white stuff inside")[0].entry_id == "descale"
    (row,) = await shop.rows(FaqProposal)
    assert (row.state, row.decided_at, row.agent_id) == ("taken", shop.now, admin.id)
    revision = (await shop.rows(FaqRevision))[-1]
    assert (revision.entry_id, revision.action, revision.agent_id) == ("descale", "wording", admin.id)
    assert [line.action for line in await shop.rows(Audit)][-2:] == ["faq.wording", "faq.taken"]


async def test_a_taken_wording_is_not_undone_by_a_draft(shop: Shop, admin: Agent) -> None:
    await shop.run(lambda unit: faq_drafts.set_answer(unit, admin, "descale", "en", "Monthly."))
    proposal_id = await propose(shop, "descale", "white stuff inside")
    await shop.run(lambda unit: learning.take(unit, admin, proposal_id))
    draft = await shop.run(lambda unit: faq_drafts.get(unit, "descale"))
    await shop.run(lambda unit: faq_drafts.publish(unit, admin, "descale", draft.stamp))
    await shop.desk.faq.refresh(shop.store)
    entry = shop.desk.faq.entries["descale"]
    assert "white stuff inside" in entry.questions["en"]
    assert entry.answers["en"] == "Monthly."


async def test_declining_changes_nothing_else(shop: Shop, admin: Agent) -> None:
    before = len(await shop.rows(FaqRevision))
    proposal_id = await propose(shop, "descale", "white stuff inside")
    await shop.run(lambda unit: learning.decline(unit, admin, proposal_id))
    (row,) = await shop.rows(FaqProposal)
    assert (row.state, row.decided_at, row.agent_id) == ("declined", shop.now, admin.id)
    assert len(await shop.rows(FaqRevision)) == before
    assert (await shop.rows(Audit))[-1].action == "faq.declined"


@pytest.mark.parametrize("first", [learning.take, learning.decline])
@pytest.mark.parametrize("second", [learning.take, learning.decline])
async def test_a_proposal_is_decided_once(shop: Shop, admin: Agent, first: object, second: object) -> None:
    proposal_id = await propose(shop, "descale", "white stuff inside")
    assert callable(first)
    assert callable(second)
    await shop.run(lambda unit: first(unit, admin, proposal_id))
    state = (await shop.rows(FaqProposal))[0].state
    with pytest.raises(learning.ProposalDecidedError) as raised:
        await shop.run(lambda unit: second(unit, admin, proposal_id))
    assert (await shop.rows(FaqProposal))[0].state == state
    _worded(shop, raised.value)


async def test_who_decides_on_what_was_still_open_is_told_that_another_was_faster(shop: Shop, admin: Agent) -> None:
    proposal_id = await propose(shop, "descale", "white stuff inside")

    async def slow(unit: Unit) -> None:
        seen = await faq_questions.proposal(unit, proposal_id)
        assert seen
        assert seen.state == "open"
        await shop.run(lambda other: learning.decline(other, admin, proposal_id))
        await learning.take(unit, admin, proposal_id)

    with pytest.raises(learning.ProposalDecidedError):
        await shop.run(slow)
    (row,) = await shop.rows(FaqProposal)
    assert row.state == "declined"
    assert "faq.taken" not in [line.action for line in await shop.rows(Audit)]
    await shop.desk.faq.refresh(shop.store)
    assert shop.desk.faq.entries["descale"].questions == DESCALE.questions


async def test_of_many_decisions_at_once_one_holds(shop: Shop, admin: Agent) -> None:
    proposal_id = await propose(shop, "descale", "white stuff inside")
    deeds = [learning.take, learning.decline] * 3
    ended = await asyncio.gather(
        *(shop.run(partial(deed, agent=admin, proposal_id=proposal_id)) for deed in deeds), return_exceptions=True
    )
    held = [row for row in ended if isinstance(row, FaqProposal)]
    assert len(held) == 1
    assert all(isinstance(row, FaqProposal | learning.ProposalDecidedError) for row in ended)
    (row,) = await shop.rows(FaqProposal)
    assert row.state == held[0].state
    decided = [line.action for line in await shop.rows(Audit) if line.object_kind == "faq_proposal"]
    assert decided == [f"faq.{row.state}"]


async def test_a_proposal_that_is_gone_cannot_be_decided(shop: Shop, admin: Agent) -> None:
    with pytest.raises(learning.UnknownProposalError) as raised:
        await shop.run(lambda unit: learning.take(unit, admin, 5))
    _worded(shop, raised.value)


def _worded(shop: Shop, error: DeskError) -> None:
    for language in ("en", "zh-Hans", "zh-Hant"):
        assert shop.desk.texts.say(language, error.key, **error.params)


async def test_each_customer_has_one_vote_an_entry_and_the_newest_counts(shop: Shop) -> None:
    twice = await contacts(shop, 2, of_one_customer=True)
    other, third = await contacts(shop, 2)
    later = FRIDAY_NOON + timedelta(hours=1)
    await put(
        shop,
        asked(twice[0], outcome="helped", outcome_at=later),
        asked(twice[1], outcome="not_helped"),
        *(asked(other, outcome="not_helped") for _ in range(5)),
        asked(third, outcome="repeated"),
        asked(third, outcome="picked", outcome_entry_id="descale", decision="suggest"),
    )
    assert await helpfulness(shop) == {"descale": (2, 1)}
    assert await helpfulness(shop, "descale", "grind") == {"descale": (2, 1), "grind": (0, 0)}
    async with shop.store.read() as session:
        found = await learning.helpfulness(session, ["descale", "grind"])
    assert (found["descale"].share, found["grind"].share) == (0.5, None)
    assert (found["grind"].low, found["grind"].high) == (0.0, 1.0)
    assert 0 < found["descale"].low < 0.5 < found["descale"].high < 1


async def test_votes_go_to_the_entry_that_was_told(shop: Shop) -> None:
    one, two, three, four = await contacts(shop, 4)
    await put(
        shop,
        asked(one, outcome="helped", outcome_entry_id="grind"),  # descale was not quite it, the next best was
        asked(two, "suggest", outcome="helped", outcome_entry_id="grind"),  # descale was never told
        asked(three, "suggest", outcome="not_helped", outcome_entry_id="grind"),
        asked(four, "suggest", outcome="helped", outcome_entry_id="descale"),
    )
    assert await helpfulness(shop) == {"descale": (2, 1), "grind": (3, 2)}


async def test_past_questions_are_told_newest_first(shop: Shop) -> None:
    one, two = await contacts(shop, 2)
    at = [FRIDAY_NOON + timedelta(hours=hour) for hour in range(4)]
    await put(
        shop,
        asked(one, text="a", at=at[0]),
        asked(two, "suggest", text="b", at=at[1]),
        asked(one, "refuse", text="c", at=at[2]),
        asked(one, "refuse", at=at[2]) | {"text": None, "normal": None},
        asked(one, text="d", at=at[3]),
    )
    async with shop.store.read() as session:
        assert [q.text for q in await learning.asked(session)] == ["d", "c", "b", "a"]
        assert [q.text for q in await learning.asked(session, limit=2)] == ["d", "c"]
        between = await learning.asked(session, at[1], at[3])
    assert [(q.text, q.at, q.decision) for q in between] == [("c", at[2], "refuse"), ("b", at[1], "suggest")]
    assert between[0].person != between[1].person


async def test_unanswered_questions_come_with_what_an_agent_said(shop: Shop) -> None:
    (one,) = await contacts(shop, 1)
    await put(
        shop,
        asked(one, text="helped", outcome="helped"),
        asked(one, text="silent"),
        asked(one, text="not helped", outcome="not_helped"),
        asked(one, "suggest", text="none", outcome="none"),
        asked(one, "suggest", text="picked", outcome="picked", outcome_entry_id="descale"),
        asked(one, "refuse", text="repeated", outcome="repeated"),
        asked(one, "refuse", text="refused", outcome="agent", outcome_touchpoint_id=one[1]),
        asked(one, "refuse", text="long ago", at=FRIDAY_NOON - timedelta(days=9)),
    )
    async with shop.store.read() as session:
        found = await learning.unanswered(session, FRIDAY_NOON - timedelta(days=1))
        everything = await learning.unanswered(session)
    assert {q.text: q.agent_answer for q in found} == {"not helped": None, "none": None, "refused": WORDS}
    assert {q.text for q in everything} - {q.text for q in found} == {"long ago"}


async def test_forgetting_takes_the_words_and_what_was_proposed_in_them_alone(shop: Shop, admin: Agent) -> None:
    gone, stays = await contacts(shop, 2)
    chosen = {"outcome": "picked", "outcome_entry_id": "descale"}
    await put(
        shop,
        asked(gone, "suggest", "mine", **chosen),
        asked(gone, "suggest", "turned down", **chosen),
        asked(gone, "suggest", "picked first, then another", outcome="helped", outcome_entry_id="grind"),
        asked(gone, "suggest", "accepted", **chosen),
        asked(gone, "suggest", "ours", **chosen),
        asked(stays, "suggest", "ours", **chosen),
        asked(stays, "suggest", "theirs", **chosen),
    )
    for text in ("mine", "ours", "theirs", "picked first, then another"):
        await propose(shop, "descale", text)
    await propose(shop, "descale", "turned down", state="declined")
    await propose(shop, "descale", "accepted", state="taken")
    await shop.run(lambda unit: learning.forget(unit, [gone[0]]))
    assert {row.text for row in await shop.rows(FaqProposal)} == {"ours", "theirs", "accepted"}
    rows = await shop.rows(FaqQuestion)
    assert [(r.text, r.normal) for r in rows if r.contact_point_id == gone[0]] == [(None, None)] * 5
    assert {r.text for r in rows if r.contact_point_id == stays[0]} == {"ours", "theirs"}
    assert {r.outcome for r in rows} == {"picked", "helped"}, "the figures stay"
    assert {p for _, p, _ in await listed(shop)} == {"ours", "theirs"}
    await shop.run(lambda unit: learning.forget(unit, []))
    assert len(await shop.rows(FaqProposal)) == 3


QUESTIONS = ("How often do I descale the machine?", "descale", "grind fine", "多久除垢", "my parcel is late", "?")


async def decisions(shop: Shop) -> str:
    """What the FAQ makes of some questions, to the last digit."""
    await shop.desk.faq.refresh(shop.store)
    matcher = shop.desk.faq.matcher
    found = [matcher.match(text) for text in QUESTIONS]
    return repr([(matches, decide(matches, matcher.thresholds)) for matches in found])


async def published(shop: Shop) -> str:
    phrasings = [(p.id, p.entry_id, p.language, p.position, p.text) for p in await shop.rows(FaqPhrasing)]
    revisions = [(r.id, r.snapshot) for r in await shop.rows(FaqRevision)]
    async with shop.store.read() as session:
        return repr((await export_entries(session), phrasings, revisions))


async def test_ten_thousand_presses_from_a_hundred_new_chats_decide_nothing(shop: Shop) -> None:
    before, matcher = (await decisions(shop), await published(shop)), shop.desk.faq.matcher
    crowd = await contacts(shop, 100)
    liar = {"outcome": "picked", "outcome_entry_id": "grind"}
    presses = [
        asked(crowd[n % 100], "suggest", QUESTIONS[0], **liar) if n % 2 else asked(crowd[n % 100], outcome="not_helped")
        for n in range(10_000)
    ]
    await put(shop, *presses)
    await propose(shop, "grind", QUESTIONS[0])
    for n in range(5):
        await shop.hear(QUESTIONS[0], f"chat {n}")
        offer = (await shop.rows(Touchpoint))[-1]
        async with shop.store.unit() as unit:
            await conversation.press(shop.desk, unit, Press(Sender("web", f"chat {n}"), offer.id, n % 2))
    assert (await decisions(shop), await published(shop)) == before
    assert shop.desk.faq.matcher is matcher, "nothing to build anew"
    people, helped = (await helpfulness(shop))["descale"]
    assert people <= 105
    assert helped <= 5
    assert await listed(shop) == [("grind", QUESTIONS[0], 50)], "an admin sees the crowd, and decides"
