"""Who is offered or asked what, and when nothing is: decided without the store, and read from a file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm_store.queries.strategy_past import Past
from faq.problems import FaqFileError
from support.judging.house_rules import BrokenRulesError
from support.judging.stored_strategies import differences, with_changes
from support.judging.strategies import (
    STAGES,
    Line,
    Occasion,
    Part,
    StageName,
    Strategies,
    checked,
    is_due,
    leaves,
    line_for,
    stage_of,
)
from support.judging.strategy_file import as_yaml, check_entries, parse_strategies
from support.judging.usual_strategies import usual
from support.words.texts import LOCALES
from tests.support.shop import score

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
GUIDE = {"en": "The guide shows how.", "zh-Hans": "图文步骤看这里，视频也有。"}
ASK: dict[str, Any] = {
    "text": {"en": "All well?"},
    "answers": [{"label": {"en": "Yes, all"}}, {"label": {"en": "Not all"}, "deed": "repair"}],
}


def one(**strategy: Any) -> Strategies:
    return checked({"use": strategy})


def offered(strategies: Strategies, part: Part = "offer", **occasion: Any) -> Line | None:
    values: dict[str, Any] = {"stage": "use", "language": "en"} | occasion
    return line_for(strategies, part, Occasion(**values), published={"guide"})


def test_the_stage_of_a_score_and_the_first_of_whom_nothing_is_known() -> None:
    assert stage_of(None) == "awareness"
    assert stage_of(score(1, stage="loyalty")) == "loyalty"
    assert stage_of(score(1, stage="loyalty", at_risk=True)) == "at_risk"


def test_an_offer_is_made_in_its_stage_and_language() -> None:
    strategies = one(offer={"text": GUIDE, "entry": "guide"}, every_days=7)
    assert offered(strategies) == Line("offer", "use", 7, "The guide shows how.", "guide")
    assert offered(strategies, stage="loyalty") is None
    assert offered(strategies, "ask") is None


def test_traditional_chinese_is_converted_as_in_taiwan_and_no_other_language_is_guessed() -> None:
    line = offered(one(offer={"text": GUIDE}), language="zh-Hant")
    assert line
    assert line.text == "圖文步驟看這裡，影片也有。"
    assert offered(one(offer={"text": {"en": "The guide."}}), language="zh-Hant") is None
    assert offered(one(ask=ASK), "ask", language="zh-Hans") is None


@pytest.mark.parametrize(
    "occasion", [{"left_alone": True}, {"with_people": True}, {"told": ["guide"]}, {"language": "zh-Hans"}]
)
def test_nothing_is_offered_where_something_speaks_against_it(occasion: dict[str, Any]) -> None:
    strategies = one(offer={"text": {"en": "The guide."}, "entry": "guide"})
    assert offered(strategies)
    assert offered(strategies, **occasion) is None


def test_a_withdrawn_entry_is_not_offered() -> None:
    assert offered(one(offer={"text": {"en": "The guide."}, "entry": "gone"})) is None


def test_an_entry_may_be_offered_without_words() -> None:
    line = offered(one(offer={"entry": "guide"}), language="zh-Hant")
    assert line == Line("offer", "use", 30, "", "guide")


def test_a_question_comes_with_its_answers() -> None:
    line = offered(one(ask=ASK), "ask")
    assert line
    assert line.buttons == (("Yes, all", None), ("Not all", "repair"))


@pytest.mark.parametrize("part", ["offer", "ask"])
def test_what_a_stage_leaves_out_is_left_out(part: Part) -> None:
    strategies = one(offer={"text": GUIDE}, ask=ASK, leave=[part, "rating"])
    assert offered(strategies, part) is None
    assert offered(strategies, "ask" if part == "offer" else "offer")
    assert leaves(strategies, score(1), "rating")
    assert not leaves(strategies, score(1), "suggestions")
    assert not leaves(strategies, None, "rating")


@pytest.mark.parametrize(
    ("past", "due"),
    [
        (Past(), True),
        (Past(told_at=NOW - timedelta(days=7)), True),
        (Past(told_at=NOW - timedelta(days=7) + timedelta(seconds=1)), False),
        (Past(told_at=NOW + timedelta(days=1)), False),  # the clock was set back
        (Past(withdrew=True), False),
        (Past(is_held=True), False),
        (Past(waiting=(frozenset({"vip", "at_risk", "confident_answer"}),)), True),
        (Past(waiting=(frozenset({"vip", "confident_answer"}), frozenset({"vip", "complaint"}))), False),
    ],
)
def test_when_a_line_is_due(past: Past, due: bool) -> None:
    assert is_due(Line("offer", "use", 7, "The guide."), past, NOW) is due


@pytest.mark.parametrize("stage", STAGES)
def test_our_own_strategies_name_only_what_every_shop_has(stage: StageName) -> None:
    strategies = usual()
    assert not strategies.entries
    assert checked(strategies.plain()) == strategies
    for language in ("en", "zh-Hans", "zh-Hant"):
        lines = [offered(strategies, part, stage=stage, language=language) for part in ("offer", "ask")]
        said = [line for line in lines if line]
        assert len(said) == (stage not in {"awareness", "churn", "at_risk"})
        assert all(line.text and all(label or deed for label, deed in line.buttons) for line in said)


def problems(text: str) -> list[str]:
    with pytest.raises(FaqFileError) as refused:
        parse_strategies(text, "s.yaml")
    return str(refused.value).splitlines()[1:]


def test_a_file_is_read_and_written() -> None:
    text = as_yaml(usual())
    file = parse_strategies(text, "s.yaml")
    assert file.strategies == usual()
    assert file.stages == set(STAGES)
    assert as_yaml(file.strategies) == text


def test_the_example_of_the_documents_holds() -> None:
    text = (LOCALES.parent / "docs" / "strategies.md").read_text("utf-8")
    file = parse_strategies(text.partition("```yaml\n")[2].partition("```")[0], "s.yaml")
    assert file.stages == {"use", "churn"}
    assert file.strategies.use.offer
    assert file.strategies.use.ask


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["line 1: must be a mapping with stages: " + ", ".join(STAGES)]),
        ("- use", ["line 1: must be a mapping with stages: " + ", ".join(STAGES)]),
        ("use: {", None),
        ("use: &a {}\nchurn: *a", None),
        ("dreaming: {}", ["line 1, dreaming: there is no such field"]),
        ("use:\n  offers: {}", ["line 2, use.offers: there is no such field"]),
        ("use:\n  every_days: 0", ["line 2, use.every_days: Input should be greater than or equal to 1"]),
        ("use:\n  offer: {}", ["line 2, use.offer: needs a text or an FAQ entry"]),
        ("use:\n  offer:\n    text:\n      en: ''", ["line 4, use.offer.text.en: Input should be a valid string"]),
        (
            "use:\n  offer:\n    text:\n      en: Hi {name}",
            ["line 4, use.offer.text.en: {name} needs a fallback: {name|there}"],
        ),
        (
            "use:\n  offer:\n    text: {en: x}\n    entry: guide\n    deed: person",
            ["line 2, use.offer: has room for one button: an entry or a deed"],
        ),
        ("use:\n  leave:\n  - ask\n  - all", None),
        ("use: {}\nuse: {}", ["line 2, use: stands here twice"]),
        (
            "use:\n  ask:\n    text: {en: x, zh-Hans: 好}\n    answers:\n    - label: {en: y}\n    - label: {en: z}",
            ["line 2, use.ask: answer 1 needs a label in zh-Hans, as the text has one"],
        ),
    ],
)
def test_a_broken_file_is_told_by_line_and_field(text: str, expected: list[str] | None) -> None:
    told = problems(text)
    assert told == expected if expected else len(told) == 1


def test_an_item_of_a_list_is_counted_from_one() -> None:
    assert problems("use:\n  leave:\n  - ask\n  - all")[0].startswith("line 4, use.leave.2: ")


def test_too_long_a_line_or_too_many_answers_are_refused() -> None:
    with pytest.raises(BrokenRulesError, match=r"use\.offer\.text\.en: is longer than 300 characters \(301\)"):
        one(offer={"text": {"en": "x" * 301}})
    with pytest.raises(BrokenRulesError, match=r"use\.ask\.answers"):
        one(ask=ASK | {"answers": ASK["answers"] * 3})


def test_an_entry_that_nobody_could_be_told_is_refused() -> None:
    file = parse_strategies("use:\n  offer:\n    entry: guide", "s.yaml")
    check_entries(file, {"guide"})
    with pytest.raises(FaqFileError, match=r"line 3, use\.offer\.entry: no published FAQ entry has the id 'guide'"):
        check_entries(file, {"other"})


def test_a_stage_that_is_named_is_replaced_as_a_whole_and_others_stay() -> None:
    held = checked({"use": {"offer": {"text": GUIDE}, "every_days": 7}, "churn": {"leave": ["ask"]}})
    given = parse_strategies("use:\n  leave: [rating]\nloyalty:", "s.yaml")
    after = with_changes(held, given.strategies, given.stages)
    assert after.use == given.strategies.use
    assert after.churn.leave == ("ask",)
    assert {(each.field, str(each.before), str(each.after)) for each in differences(held, after)} == {
        ("use.offer.text.en", GUIDE["en"], "None"),
        ("use.offer.text.zh-Hans", GUIDE["zh-Hans"], "None"),
        ("use.every_days", "7", "None"),
        ("use.leave", "None", "['rating']"),
    }
