import time
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from faq.entry import FaqEntry
from faq.index import MAX_LETTERS, MAX_TOKENS, MAX_WORD, MORE, MOST_TRAINED, NEAREST, Index
from faq.matcher import Decision, Match, Matcher, Thresholds, decide, suggestions

RETURNS = FaqEntry("returns", {"en": ["How do I return an item?", "Can I send it back?"], "zh-Hans": ["怎么退货？"]})
DELIVERY = FaqEntry("delivery", {"en": ["What does delivery cost?"], "zh-Hans": ["运费多少钱？"]})
BREAKFAST = FaqEntry("breakfast", ["When is breakfast served in the hotel?"])


@cache
def of_three() -> Matcher:
    return Matcher.trained([RETURNS, DELIVERY, BREAKFAST])


def test_the_very_words_are_certain() -> None:
    assert of_three().match("  how do i RETURN an item ")[0] == Match("returns", 1.0)


def test_other_words_are_never_certain() -> None:
    assert of_three().match("an item, how do I return?")[0].confidence < 1.0


@pytest.mark.parametrize("text", ["how do i retrun an item", "怎麼退貨", "can i send this back"])
def test_typing_errors_and_the_other_script_still_find_it(text: str) -> None:
    matches = of_three().match(text)
    assert matches[0].entry_id == "returns"
    assert decide(matches, of_three().thresholds) is Decision.ANSWER


@pytest.mark.parametrize("text", ["breakfast of champions was a good novel", "what is the time", "the", "一个"])
def test_one_shared_word_is_not_an_answer(text: str) -> None:
    assert decide(of_three().match(text), of_three().thresholds) is not Decision.ANSWER


def test_each_entry_once_and_best_first() -> None:
    matches = of_three().match("what does it cost to return or send back an item")
    assert len({match.entry_id for match in matches}) == len(matches)
    assert [match.confidence for match in matches] == sorted((m.confidence for m in matches), reverse=True)


def test_limit() -> None:
    many = Matcher.build(FaqEntry(f"e{number}", [f"delivery cost {number}"]) for number in range(9))
    assert len(many.match("delivery cost")) == 5
    assert len(many.match("delivery cost", limit=2)) == 2


@pytest.mark.parametrize("entries", [[], [FaqEntry("silent")], [FaqEntry("dots", ["…", ""])]])
def test_nothing_to_find(entries: list[FaqEntry]) -> None:
    assert Matcher.build(entries).match("how do i return an item") == []


def test_one_entry_does_not_answer_everything() -> None:
    lonely = Matcher.build([RETURNS])
    assert decide(lonely.match("how do I return it"), lonely.thresholds) is Decision.ANSWER
    assert decide(lonely.match("how do I get to the station"), lonely.thresholds) is Decision.REFUSE


def test_identical_entries_are_offered_both() -> None:
    twins = Matcher.build([FaqEntry("b", ["Opening hours?"]), FaqEntry("a", ["opening hours"])])
    matches = twins.match("opening hours")
    assert matches == [Match("a", 1.0), Match("b", 1.0)]
    assert decide(matches, twins.thresholds) is Decision.SUGGEST


def test_only_stop_words_can_still_be_asked_for() -> None:
    assert Matcher.build([FaqEntry("who", ["What are you?"])]).match("what are you")[0].confidence == 1.0


@given(st.text(st.characters(codec=None)))
@settings(deadline=None)
def test_any_text_gives_confidences_between_0_and_1(text: str) -> None:
    assert all(0 <= match.confidence <= 1 for match in of_three().match(text))


@given(st.lists(st.text(), max_size=5), st.text())
@settings(max_examples=20, deadline=None)
def test_any_faq_can_be_built_and_asked(phrasings: list[str], text: str) -> None:
    entries = [FaqEntry(str(number), [phrasing, phrasing]) for number, phrasing in enumerate(phrasings)]
    once, again = Matcher.trained(entries).match(text), Matcher.trained(entries).match(text)
    assert once == again
    assert len({match.entry_id for match in once}) == len(once)


@pytest.mark.parametrize(
    "text",
    ["x" * 100_000, "how do i return " * 8_000, "退" * 100_000, "\u0301" * 100_000, " ".join(map(str, range(9999)))],
)
def test_a_huge_message_takes_no_longer_than_a_blink(shop_matcher: Matcher, text: str) -> None:
    start = time.process_time()
    shop_matcher.match(text)
    assert time.process_time() - start < 0.5


@pytest.mark.parametrize(
    ("text", "beginning"),
    [
        ("return " + "x" * 100_000, "return " + "x" * MAX_WORD),
        (" ".join(["x" * 90] * 50), " ".join(["x" * 90] * 50)[:MAX_LETTERS]),
        ("how do i return " * 8_000, "how do i return " * (MAX_TOKENS // 4)),
        ("怎么退货" * 25_000, "怎么退货" * (MAX_TOKENS // 4)),
    ],
)
def test_a_huge_message_is_answered_like_its_beginning(shop_matcher: Matcher, text: str, beginning: str) -> None:
    assert shop_matcher.match(text) == shop_matcher.match(beginning) != []


@pytest.mark.parametrize("text", ["x" * 100_000, "how do i return " * 8_000, "退" * 100_000, "abcdefgh " * 10_000])
def test_an_encoder_never_reads_a_huge_message(shop_faq: list[FaqEntry], text: str) -> None:
    read: list[int] = []

    def encode(texts: Sequence[str]) -> NDArray[np.float32]:
        read.extend(map(len, texts))
        return np.ones((len(texts), 3), np.float32)

    matcher = Matcher.trained(shop_faq[:3], encoder=encode)
    read.clear()
    matcher.match(text)
    assert len(read) == 1
    assert read[0] <= MAX_LETTERS


def test_the_first_phrasings_need_no_faq_to_start_from() -> None:
    nothing = Matcher.trained(())
    assert nothing.changed([RETURNS]).match("how can I send an item back")[0].entry_id == "returns"
    assert nothing.changed([FaqEntry("silent")]).match("how can I send an item back") == []


@pytest.mark.parametrize(
    ("confidences", "decision"),
    [
        ([], Decision.REFUSE),
        ([0.39], Decision.REFUSE),
        ([0.40], Decision.SUGGEST),
        ([0.49], Decision.SUGGEST),
        ([0.50], Decision.ANSWER),
        ([0.50, 0.39], Decision.ANSWER),
        ([0.90, 0.85], Decision.SUGGEST),
        ([1.0, 0.95], Decision.ANSWER),
        ([1.0, 1.0], Decision.SUGGEST),
    ],
)
def test_decide(confidences: list[float], decision: Decision) -> None:
    matches = [Match(str(number), confidence) for number, confidence in enumerate(confidences)]
    assert decide(matches, Thresholds(answer=0.5, suggest=0.4, margin=0.1)) is decision


def test_decisions_read_as_the_words_that_other_programs_know() -> None:
    assert [*Decision] == ["answer", "suggest", "refuse"]


def test_suggestions_are_at_most_three_and_likely() -> None:
    matches = [Match("a", 0.49), Match("b", 0.45), Match("c", 0.41), Match("d", 0.40), Match("e", 0.1)]
    assert [match.entry_id for match in suggestions(matches, Thresholds(suggest=0.4))] == ["a", "b", "c"]
    assert suggestions([Match("e", 0.1)], Thresholds()) == []


def test_thresholds_can_be_set() -> None:
    strict = Thresholds(answer=0.99, suggest=0.98, margin=0.5)
    assert Matcher.build([RETURNS], strict).thresholds is strict


def test_confidences_are_shares_of_one() -> None:
    for question in ("what does it cost to return an item", "hotel delivery", "怎么退"):
        assert sum(match.confidence for match in of_three().match(question, limit=9)) <= 1 + 1e-6


def test_a_word_of_like_meaning_is_understood() -> None:
    parcel = Matcher.build(
        [
            FaqEntry("track", ["Where is my parcel?", "Track my parcel", "When does the parcel arrive?"]),
            FaqEntry("grind", ["How fine do I grind?", "Which grinder setting?", "The grounds are too coarse"]),
        ]
    )
    assert parcel.match("has the package been delivered")[0].entry_id == "track"


def test_an_everyday_question_is_not_taken_for_the_shops(shop_matcher: Matcher) -> None:
    for question in ("how old is the eiffel tower", "who is the best chess player", "月亮上有水吗"):
        assert decide(shop_matcher.match(question), shop_matcher.thresholds) is not Decision.ANSWER, question


def test_thresholds_are_learned_where_there_is_enough_to_learn_from(shop_faq: list[FaqEntry]) -> None:
    assert Matcher.build(shop_faq[:1]).thresholds == Thresholds()
    assert Matcher.build(shop_faq).thresholds != Thresholds()
    assert Matcher.build(shop_faq[:9], Thresholds(answer=0.9)).thresholds.answer == 0.9


def test_one_changed_entry_needs_no_new_training(large_faq: list[FaqEntry], large_matcher: Matcher) -> None:
    begun = time.process_time()
    hose = FaqEntry("part-5", ["the blue hose leaks", "water comes from the blue hose"])
    changed = large_matcher.changed(hose if entry.id == hose.id else entry for entry in large_matcher.entries)
    assert time.process_time() - begun < 1
    assert changed.match("my blue hose is leaking")[0].entry_id == "part-5"
    assert "part-5" not in {match.entry_id for match in changed.match("part 5 of model 5 is broken")}
    assert changed.match("part 6 of model 6 is broken")[0] == Match("part-6", 1.0)
    assert large_matcher.match("part 5 of model 5 is broken")[0] == Match("part-5", 1.0), "the old one is as it was"


@pytest.mark.parametrize("name", ["shop", "large"])
def test_added_changed_and_removed_entries(name: str, request: pytest.FixtureRequest) -> None:
    matcher: Matcher = request.getfixturevalue(f"{name}_matcher")
    first, second, *others = matcher.entries
    hose = FaqEntry("hose", ["the blue hose leaks"])
    changed = matcher.changed([replace(first, phrasings=["completely new words about giraffes"]), *others, hose])
    assert changed.match("the blue hose leaks")[0] == Match("hose", 1.0)
    assert changed.match("completely new words about giraffes")[0] == Match(first.id, 1.0)
    assert second.id not in {match.entry_id for match in changed.match(second.wordings[0], limit=2000)}


def test_a_large_faq_is_told_apart(large_faq: list[FaqEntry], large_matcher: Matcher) -> None:
    assert large_matcher.index.weights is None
    for entry in large_faq[::97]:
        assert large_matcher.match(entry.wordings[0])[0] == Match(entry.id, 1.0)
    held = {held.phrasing: held for held in islice(large_matcher.held_out(), 3)}
    assert all(
        entry.wordings[0] != match.entry_id for entry in large_faq[:1] for match in held[entry.wordings[0]].match
    )


def test_many_entries_of_a_phrasing_each_are_built_in_no_time() -> None:
    begun = time.process_time()
    matcher = Matcher.trained(FaqEntry(f"part-{number}", [f"spare part no {number:x}x"]) for number in range(1500))
    assert time.process_time() - begun < 5  # seconds; with a head for all of them it took eighteen
    assert matcher.index.weights is None
    assert matcher.match("spare part no 3e8x")[0] == Match("part-1000", 1.0)


def test_only_what_is_somewhat_alike_gets_a_second_look() -> None:
    """Five entries that nothing tells apart: the nearest phrasings leave every question open."""
    each = MOST_TRAINED // 4
    things = [f"where is parcel {number:x}x" for number in range(5 * each)]
    index = Index.build([thing for entry in range(5) for thing in things[entry::5]], np.repeat(range(5), each).tolist())

    def looked_at(text: str) -> int:
        return max(len(index.parts_of(text, entry)) for entry in range(5))

    assert looked_at("where is parcel 3e8x or parcel 3e9x") == MORE
    assert looked_at("龘 靐 齉 爩") == NEAREST


def test_a_held_out_phrasing_does_not_find_itself(shop_matcher: Matcher) -> None:
    held = list(shop_matcher.held_out())
    assert {each.entry_id for each in held} == {entry.id for entry in shop_matcher.entries}
    assert sum(each.match[0].entry_id == each.entry_id for each in held) > 0.7 * len(held)
    assert any(each.match[0].confidence < 0.9 for each in held), "its own words would be certain"


def test_the_same_faq_gives_the_same_matcher(shop_faq: list[FaqEntry], shop_matcher: Matcher) -> None:
    again = Matcher.trained(shop_faq)
    assert (again.thresholds, again.calibration) == (shop_matcher.thresholds, shop_matcher.calibration)
    assert again.match("the water is strange") == shop_matcher.match("the water is strange")


def test_with_the_extra_a_language_without_phrasings_is_understood(
    shop_faq: list[FaqEntry], with_semantic: None
) -> None:
    english = [FaqEntry(entry.id, {"en": entry.questions["en"]}) for entry in shop_faq]
    matcher = Matcher.build(english)
    for question, entry_id in (("我的包裹在哪里", "order-status"), ("¿dónde está mi pedido?", "order-status")):
        assert matcher.match(question)[0].entry_id == entry_id


def test_with_the_extra_an_entry_that_only_answers_otherwise_is_the_same(
    shop_faq: list[FaqEntry], with_semantic: None
) -> None:
    matcher = Matcher.build(shop_faq[:3])
    changed = matcher.changed([replace(shop_faq[0], answers={"en": "Soon."}), *shop_faq[1:3]])
    assert changed.match("Where is my order?") == matcher.match("Where is my order?")
    assert Matcher.build([]).match("Where is my order?") == []


@pytest.mark.parametrize("text", ["xyzzy", "qwrtzp bnmlk", "ㄅㄆㄇ", "42"])
def test_what_is_like_nothing_is_refused_by_the_smallest_faq(text: str) -> None:
    for entries in ([RETURNS], [RETURNS, DELIVERY], [RETURNS, DELIVERY, BREAKFAST]):
        matcher = Matcher.trained(entries)
        assert decide(matcher.match(text), matcher.thresholds) is Decision.REFUSE
