"""What became of a question is kept as it happens: by presses, by repetition, by an agent's answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

import pytest

from crm_store.models import FaqProposal, FaqQuestion
from crm_store.repositories import ledger
from crm_store.store import Store
from faq.entry import FaqEntry
from faq.matcher import Match, Matcher, Thresholds
from faq.normalise import normalise
from support.agents import work as agent_work
from support.knowledge.lessons import alike
from support.knowledge.live_faq import LiveFaq
from support.knowledge.proposable import proposable
from support.talk import conversation, follow_up
from support.talk.inbound import Inbound, Press, Sender
from tests.support.shop import DESCALE, Shop, open_shop

GRIND = FaqEntry("grind", {"en": ("How fine should I grind?",)}, {"en": "Like fine sand."})
BEANS = FaqEntry("beans", {"en": ("Which beans do you sell?",)}, {"en": "Our own roast."})


@dataclass
class PlannedMatcher:
    """Knows beforehand what each text is like, so that a test decides what is answered, suggested and refused."""

    plan: dict[str, Sequence[Match]] = field(default_factory=dict)
    thresholds: Thresholds = field(default_factory=lambda: Thresholds(answer=0.8, suggest=0.4, margin=0.1))

    def match(self, text: str, limit: int = 5) -> list[Match]:
        return list(self.plan.get(text, ()))[:limit]


class PlannedFaq(LiveFaq):
    def __init__(self, *entries: FaqEntry) -> None:
        super().__init__()
        self.planned = PlannedMatcher()
        self._planned_entries = {entry.id: entry for entry in entries}

    @property
    def matcher(self) -> Matcher:
        return cast(Matcher, self.planned)

    @property
    def entries(self) -> Mapping[str, FaqEntry]:
        return self._planned_entries


CLEAR, UNCLEAR, STRANGE = "chalk everywhere", "white stuff inside", "my parcel is late"


@pytest.fixture
async def shop(store: Store) -> Shop:
    """CLEAR is answered with descale (next best: grind), UNCLEAR suggests descale and grind, STRANGE is refused."""
    shop = await open_shop(store)
    faq = PlannedFaq(DESCALE, GRIND, BEANS)
    faq.planned.plan = {
        CLEAR: [Match("descale", 0.9), Match("grind", 0.5)],
        UNCLEAR: [Match("descale", 0.6), Match("grind", 0.58)],
        STRANGE: [Match("beans", 0.2)],
    }
    shop.desk.faq = faq
    return shop


async def press(shop: Shop, action: str, address: str = "nia") -> None:
    """The customer presses the button of the last message that does this."""
    async with shop.store.unit() as unit:
        person = await shop.known(unit, address)
        conversation_ = person.conversation
        assert conversation_
        offered = conversation_.dialog["offer"]["touchpoint_id"]
        touchpoint = await ledger.get(unit, offered)
        assert touchpoint
        assert touchpoint.payload
        actions = [button["action"] for button in touchpoint.payload["buttons"]]
        await conversation.press(shop.desk, unit, Press(Sender("web", address), offered, actions.index(action)))


async def questions(shop: Shop) -> list[FaqQuestion]:
    return await shop.rows(FaqQuestion)


async def outcomes(shop: Shop) -> list[tuple[str | None, str | None]]:
    return [(row.outcome, row.outcome_entry_id) for row in await questions(shop)]


async def proposed(shop: Shop) -> list[tuple[str, str]]:
    return [(row.entry_id, row.text) for row in await shop.rows(FaqProposal)]


async def test_a_question_is_kept_with_its_decision(shop: Shop) -> None:
    heard = [await shop.hear(text) for text in (CLEAR, UNCLEAR, STRANGE)]
    rows = await questions(shop)
    assert [(r.text, r.decision, r.entry_id, r.confidence) for r in rows] == [
        (CLEAR, "answer", "descale", 0.9),
        (UNCLEAR, "suggest", "descale", 0.6),
        (STRANGE, "refuse", "beans", 0.2),
    ]
    assert [r.touchpoint_id for r in rows] == [touchpoint.id for touchpoint in heard]
    assert {(r.language, r.at, r.contact_point_id) for r in rows} == {("en", shop.now, heard[0].contact_point_id)}
    assert [r.normal for r in rows] == [normalise(text) for text in (CLEAR, UNCLEAR, STRANGE)]
    assert await outcomes(shop) == [(None, None)] * 3


@pytest.mark.parametrize("text", ["hello", "thank you!", "I want to talk to a human", "👍", "/tickets"])
async def test_what_asks_nothing_is_no_question(shop: Shop, text: str) -> None:
    await shop.hear(text)
    assert await questions(shop) == []


async def test_a_question_like_nothing_has_no_entry(shop: Shop) -> None:
    await shop.hear("qwertz uiop")
    (row,) = await questions(shop)
    assert (row.decision, row.entry_id, row.confidence) == ("refuse", None, None)


async def test_very_long_words_are_kept_as_far_as_they_are_matched(shop: Shop) -> None:
    await shop.hear("descale " * 500)
    (row,) = await questions(shop)
    assert row.text
    assert len(row.text) == 1000


async def test_helped(shop: Shop) -> None:
    await shop.hear(CLEAR)
    shop.pass_time(minutes=1)
    await press(shop, "helped")
    (row,) = await questions(shop)
    assert (row.outcome, row.outcome_entry_id, row.outcome_at) == ("helped", None, shop.now)
    assert await proposed(shop) == []


async def test_the_next_best_that_helps_was_meant(shop: Shop) -> None:
    await shop.hear(CLEAR)
    await press(shop, "not_quite")
    assert await outcomes(shop) == [("not_helped", None)]
    assert await proposed(shop) == []
    await press(shop, "helped")
    assert await outcomes(shop) == [("helped", "grind")]
    assert await proposed(shop) == [("grind", CLEAR)]


async def test_a_picked_suggestion_is_proposed_once(shop: Shop) -> None:
    await shop.hear(UNCLEAR)
    await press(shop, "pick:grind")
    assert await outcomes(shop) == [("picked", "grind")]
    await press(shop, "helped")
    assert await outcomes(shop) == [("helped", "grind")]
    for address in ("leo", "kim"):
        await shop.hear(UNCLEAR, address)
        await press(shop, "pick:grind", address)
    assert await proposed(shop) == [("grind", UNCLEAR)]


async def test_a_picked_suggestion_that_does_not_help_says_so(shop: Shop) -> None:
    await shop.hear(UNCLEAR)
    await press(shop, "pick:descale")
    await press(shop, "not_quite")
    assert await outcomes(shop) == [("not_helped", "descale")]


async def test_none_of_these(shop: Shop) -> None:
    await shop.hear(UNCLEAR)
    await press(shop, "none")
    assert await outcomes(shop) == [("none", None)]


async def test_a_question_and_its_outcome_in_one_batch(shop: Shop) -> None:
    async with shop.store.unit() as unit:
        for text in (STRANGE, STRANGE):
            await conversation.hear(shop.desk, unit, Inbound(Sender("web", "nia"), text))
    assert await outcomes(shop) == [("repeated", None), (None, None)]


async def test_two_questions_in_one_message_are_two_rows_and_one_vote_each(shop: Shop) -> None:
    plan = cast(PlannedFaq, shop.desk.faq).planned.plan
    both = f"{CLEAR.capitalize()}? How fine shall it be ground?"
    first, second = "Chalk everywhere?", "How fine shall it be ground?"
    plan |= {first: [Match("descale", 0.9)], second: [Match("grind", 0.9)], both: [Match("descale", 0.5)]}
    await shop.hear(both)
    rows = await questions(shop)
    assert [(r.text, r.decision, r.entry_id) for r in rows] == [
        (first, "answer", "descale"),
        (second, "answer", "grind"),
    ]
    assert len({r.touchpoint_id for r in rows}) == 1
    await press(shop, "helped")
    assert await outcomes(shop) == [("helped", None)] * 2
    assert await proposed(shop) == []


async def test_a_follow_up_is_kept_with_its_topic_and_never_proposed(shop: Shop) -> None:
    together = follow_up.after(CLEAR, "and for espresso?")
    plan = cast(PlannedFaq, shop.desk.faq).planned.plan
    plan[together] = [Match("beans", 0.6), Match("grind", 0.59)]
    plan["and for espresso?"] = [Match("beans", 0.5), Match("grind", 0.49)]
    await shop.hear(CLEAR)
    await shop.hear("and for espresso?")
    assert [(r.text, r.decision, r.entry_id) for r in await questions(shop)][1:] == [(together, "suggest", "beans")]
    await press(shop, "pick:grind")
    assert await outcomes(shop) == [(None, None), ("picked", "grind")]
    assert await proposed(shop) == []


@pytest.mark.parametrize(
    ("again", "minutes", "outcome"),
    [
        (STRANGE, 9, "repeated"),
        ("My PARCEL is late!!", 9, "repeated"),
        ("late is my parcell", 9, "repeated"),
        (STRANGE, 11, None),
        ("where is my invoice", 1, None),
    ],
)
async def test_the_same_again_within_minutes(shop: Shop, again: str, minutes: int, outcome: str | None) -> None:
    await shop.hear(STRANGE)
    shop.pass_time(minutes=minutes)
    await shop.hear(again)
    assert await outcomes(shop) == [(outcome, None), (None, None)]


async def test_somebody_else_asking_the_same_repeats_nothing(shop: Shop) -> None:
    await shop.hear(STRANGE)
    await shop.hear(STRANGE, "leo")
    assert await outcomes(shop) == [(None, None)] * 2


async def test_what_was_said_of_an_answer_outlives_a_repetition(shop: Shop) -> None:
    await shop.hear(CLEAR)
    await press(shop, "helped")
    await shop.hear(CLEAR)
    assert await outcomes(shop) == [("helped", None), (None, None)]


async def test_an_agents_first_words_answer_what_was_refused(shop: Shop) -> None:
    bob = await shop.staff()
    await shop.hear(CLEAR)
    await shop.hear(STRANGE)
    await press(shop, "ask")
    said = await shop.act(agent_work.answer, bob, "It comes tomorrow.")
    await shop.act(agent_work.answer, bob, "Anything else?")
    answered, refused = await questions(shop)
    assert (answered.outcome, answered.outcome_touchpoint_id) == (None, None)
    assert (refused.outcome, refused.outcome_touchpoint_id) == ("agent", said.id)


async def test_an_agents_words_after_a_failed_answer_leave_the_customers_verdict(shop: Shop) -> None:
    await shop.hear(UNCLEAR)
    await press(shop, "none")
    await press(shop, "ask")
    said = await shop.act(agent_work.answer, await shop.staff(), "Use vinegar.")
    (row,) = await questions(shop)
    assert (row.outcome, row.outcome_touchpoint_id) == ("none", said.id)


async def test_an_agents_words_answer_nothing_of_a_former_conversation(shop: Shop) -> None:
    await shop.hear(STRANGE)
    shop.pass_time(hours=13)
    await shop.hear("I want to talk to a human")
    await shop.act(agent_work.answer, await shop.staff(), "Good morning.")
    (row,) = await questions(shop)
    assert (row.outcome, row.outcome_touchpoint_id) == (None, None)


@pytest.mark.parametrize(
    "text",
    [
        "?!",
        "…" * 20,
        "x" * 201,
        "How often do I DESCALE the machine",
        "多久除一次垢",
        "chalk, write to nia@example.com",
        "chalk, write to nia＠example.com",
        "chalk, I am @nia_l",
        "chalk as on https://example.com/me",
        "chalk, order 202611",
        "chalk, call 0912 345 678",
        "chalk, call +49 (30) 12-34-56",
        "chalk, call ０９１２３４５６７８",
    ],
)
def test_what_cannot_be_proposed(text: str) -> None:
    assert proposable(text, DESCALE) is None


@pytest.mark.parametrize("text", ["58 mm and 220 V", "white stuff\n inside", "机器里有白色的东西", "10-15 days?"])
def test_what_can_be_proposed(text: str) -> None:
    assert proposable(text, DESCALE) == (" ".join(text.split()), normalise(text))


async def test_personal_words_of_a_picked_question_stay_out_of_the_proposals(shop: Shop) -> None:
    text = "white stuff, call 0912 345 678"
    cast(PlannedFaq, shop.desk.faq).planned.plan[text] = [Match("descale", 0.6), Match("grind", 0.58)]
    await shop.hear(text)
    await press(shop, "pick:grind")
    assert await outcomes(shop) == [("picked", "grind")]
    assert await proposed(shop) == []


def test_alike() -> None:
    assert alike("my parcel is late", "late is my parcel")
    assert not alike("my parcel is late", "my parcel is lost in the rain")
    assert not alike("", "my parcel")


@pytest.mark.parametrize(("second", "is_offered"), [(0.06, True), (0.03, False), (0.01, False)])
async def test_the_next_best_counts_by_what_is_left(shop: Shop, second: float, *, is_offered: bool) -> None:
    """Confidences share one whole: what was one in ten is likely once the other nine are ruled out."""
    plan = cast(PlannedFaq, shop.desk.faq).planned.plan
    plan[CLEAR] = [Match("descale", 0.9), Match("grind", second)]
    await shop.hear(CLEAR)
    await press(shop, "not_quite")
    assert ("Perhaps this is" in (await shop.said())[-1]) is is_offered
