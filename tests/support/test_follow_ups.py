"""Follow-ups in the sample shop: what goes on with the last answer, what is its own question, what is asked back."""

from __future__ import annotations

from pathlib import Path

import pytest

import bot
from crm_store.store import Store
from faq.files import read_faq
from faq.matcher import Decision
from support.knowledge.importing import import_entries
from support.talk.dialog import Dialog
from support.talk.understanding import understand, understand_after
from tests.support.shop import FRIDAY_NOON, Shop, open_shop


@pytest.fixture
async def shop(sqlite_store: Store) -> Shop:
    shop = await open_shop(sqlite_store)
    entries = read_faq(Path(bot.__file__).parent / "sample" / "faq.yaml")
    await shop.run(lambda unit: import_entries(unit, entries))
    await shop.desk.faq.refresh(sqlite_store)
    return shop


def after(question: str, answered: str) -> Dialog:
    return Dialog(question=question, topic=question, answered=answered, answered_at=FRIDAY_NOON)


async def test_follow_ups(shop: Shop) -> None:
    faq = shop.desk.faq

    def told(question: str, answered: str, text: str) -> tuple[Decision, list[str]]:
        assert understand(faq, question).answers == (answered,), question
        found = understand_after(faq, after(question, answered), text, FRIDAY_NOON)
        return found.decision, [*found.answers] or [match.entry_id for match in found.matches[:2]]

    for text, entry_id in (
        ("and to Spain?", "delivery-spain"),
        ("what about returns?", "returns"),
        ("and how do I return an item?", "returns"),
    ):
        assert told("what does delivery cost?", "delivery-cost", text) == (Decision.ANSWER, [entry_id])
    for text, entry_id in (("那寄到香港呢", "delivery-hong-kong"), ("那保修呢", "warranty"), ("那发票呢", "invoice")):
        assert told("运费多少钱", "delivery-cost", text) == (Decision.ANSWER, [entry_id])

    for text in ("and to Portugal?", "and to Malta?", "what about Sundays?"):
        decision, _ = told("what does delivery cost?", "delivery-cost", text)
        assert decision is Decision.REFUSE, f"{text}: a neighbour's answer is no answer"
    assert told("When are you open?", "opening-hours", "and on Sundays?")[0] is Decision.REFUSE, "said already"
    assert told("how long is the warranty?", "warranty", "and for grinders?")[0] is Decision.REFUSE, "said already"

    repair = "how do i send it for repair?", "repair-send"
    assert told(*repair, "and how much does it cost?") == (Decision.ANSWER, ["repair-cost"])
    assert told("怎么送修", "repair-send", "那要多久") == (Decision.ANSWER, ["repair-time"])
    assert told(*repair, "and for grinders?") == (Decision.SUGGEST, ["grinder-setting", "which-machine"])


@pytest.mark.parametrize("text", ["周日呢？", "那周日呢", "週日呢", "礼拜天呢？", "what about Sundays?"])
@pytest.mark.parametrize(
    ("question", "answered"),
    [("送货要多久", "delivery-time"), ("运费多少钱", "delivery-cost"), ("怎么送修", "repair-send")],
)
async def test_a_day_alone_is_asked_of_the_last_topic(shop: Shop, question: str, answered: str, text: str) -> None:
    found = understand_after(shop.desk.faq, after(question, answered), text, FRIDAY_NOON)
    assert "opening-hours" not in found.answers, "which speaks of Sundays, but of nothing that was asked about"
    assert found.answers in ((), ("delivery-time",))
    assert found.follows or found.answers


async def test_a_day_beside_a_matter_of_its_own_is_a_question(shop: Shop) -> None:
    for text in ("那你们周日开门吗", "那周日几点营业呢"):
        found = understand_after(shop.desk.faq, after("运费多少钱", "delivery-cost"), text, FRIDAY_NOON)
        assert found.answers == ("opening-hours",), text
    found = understand_after(shop.desk.faq, after("你们店在哪里？", "location"), "那周日呢", FRIDAY_NOON)
    assert found.answers == ("opening-hours",), "of the same kind as what was asked"
    found = understand_after(shop.desk.faq, after("几点营业？", "opening-hours"), "周日呢", FRIDAY_NOON)
    assert found.decision is Decision.REFUSE, "said already"


@pytest.mark.parametrize(
    ("text", "entry_id"),
    [
        ("Hello there! Where is my order? What can I do? Thank you so much!", "order-status"),
        ("你好！机器漏水。怎么办？谢谢", "leaks-underneath"),
        ("您好！請問保固多久？謝謝您", "warranty"),
    ],
)
async def test_what_surrounds_a_question_does_not_hide_it(shop: Shop, text: str, entry_id: str) -> None:
    assert understand(shop.desk.faq, text).answers == (entry_id,)


async def test_an_entrys_very_words_need_no_last_question(shop: Shop) -> None:
    last = after("how often should I descale?", "descaling")
    found = understand_after(shop.desk.faq, last, "用哪种除垢剂？", FRIDAY_NOON)
    assert (found.decision, found.answers) == (Decision.ANSWER, ("descaler-product",))
