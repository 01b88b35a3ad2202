from datetime import UTC, datetime
from functools import cache

import pytest

from faq.asked import Asked
from faq.entry import FaqEntry
from faq.matcher import Decision, Matcher, Thresholds
from faq.replay import Replay, Side, replay

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
RETURNS = FaqEntry("returns", {"en": ["How do I return an item?", "Can I send my order back?"]}, {"en": "Yes."})
DELIVERY = FaqEntry("delivery", {"en": ["What does delivery cost?", "Are there shipping fees?"]}, {"en": "No."})
GIFTS = FaqEntry("gifts", {"en": ["Do you wrap gifts?"]}, {"en": "Yes."})
WIDE = Thresholds(0.5, 0.4, 0.1)
DEAF = Thresholds(1.0, 1.0, 0.1)


def side(*entries: FaqEntry, thresholds: Thresholds = WIDE) -> Side:
    return Side(Matcher.build(entries), thresholds)


@cache
def before() -> Side:
    return side(RETURNS, DELIVERY)


def asked(text: str, decision: str = "answer", **more: str | None) -> Asked:
    return Asked(text, "en", 1, NOON, decision, **more)


QUESTIONS = [asked("How do I return an item?"), asked("Do you wrap gifts?"), asked("do you wrap gifts")]


def test_the_same_faq_changes_nothing() -> None:
    result = replay(QUESTIONS, before(), before())
    assert result.before == result.after
    assert (result.questions, result.changed, result.changes) == (3, 0, ())


def test_a_new_entry_answers_what_was_refused() -> None:
    result = replay(QUESTIONS, before(), side(RETURNS, DELIVERY, GIFTS))
    assert (result.before.answered, result.before.refused) == (1, 2)
    assert (result.after.answered, result.after.refused) == (3, 0)
    (change,) = result.changes
    assert (change.before.decision, change.before.entry_id) == (Decision.REFUSE, None)
    assert (change.after.decision, change.after.entry_id) == (Decision.ANSWER, "gifts")
    assert (change.count, change.examples) == (2, ("Do you wrap gifts?",))


def test_an_answer_that_moves_to_another_entry() -> None:
    moved = FaqEntry("send-back", RETURNS.phrasings, {"en": "Yes."})
    (change,) = replay([asked("How do I return an item?")], before(), side(moved, DELIVERY)).changes
    assert (change.before.entry_id, change.after.entry_id) == ("returns", "send-back")


def test_other_thresholds_alone() -> None:
    text = "how do I return this item please"
    result = replay([asked(text)], before(), Side(before().matcher, DEAF))
    assert (result.before.answered, result.after.answered, result.after.refused) == (1, 0, 1)
    assert result.before.expected_wrong == pytest.approx(1 - before().matcher.match(text)[0].confidence)
    assert result.after.expected_wrong == 0


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        (asked("How do I return an item?", entry_id="returns", outcome="not_helped"), None),
        (asked("How do I return an item?", entry_id="returns", outcome="agent"), None),
        (asked("How do I return an item?", decision="suggest", entry_id="returns", outcome="none"), None),
        (
            asked(
                "How do I return an item?",
                decision="suggest",
                entry_id="returns",
                outcome="picked",
                outcome_entry_id="delivery",
            ),
            "delivery",
        ),
        (
            asked("How do I return an item?", entry_id="returns", outcome="helped", outcome_entry_id="delivery"),
            "delivery",
        ),
    ],
)
def test_a_known_outcome_contradicts_an_answer(question: Asked, meant: str | None) -> None:
    result = replay([question], before(), before())
    assert result.after.contradicted == 1
    (doubt,) = result.doubts
    assert (doubt.entry_id, doubt.contradicted, doubt.meant) == ("returns", True, meant)


@pytest.mark.parametrize(
    "question",
    [
        asked("How do I return an item?"),
        asked("How do I return an item?", entry_id="returns", outcome="helped"),
        asked("How do I return an item?", entry_id="delivery", outcome="not_helped"),
        asked("How do I return an item?", decision="refuse", entry_id="returns", outcome="agent"),
        asked("How do I return an item?", entry_id="returns", outcome="repeated"),
    ],
)
def test_what_says_nothing_against_an_answer(question: Asked) -> None:
    result = replay([question], before(), before())
    assert (result.after.answered, result.after.contradicted, result.doubts) == (1, 0, ())


def test_unsure_answers_come_after_contradicted_ones_and_once_each() -> None:
    unsure = "how do I return this lovely item please"
    known = asked("What does delivery cost?", entry_id="delivery", outcome="not_helped")
    bold = Side(before().matcher, Thresholds(0.01, 0.01, 0.0))
    result = replay([asked(unsure), asked(unsure), known], bold, bold)
    assert [(doubt.text, doubt.contradicted) for doubt in result.doubts] == [(known.text, True), (unsure, False)]


def test_no_questions() -> None:
    result = replay([], before(), before())
    assert isinstance(result, Replay)
    assert (result.questions, result.after.answered, result.doubts) == (0, 0, ())


def test_progress_is_told() -> None:
    done: list[tuple[int, int]] = []
    replay(QUESTIONS, before(), before(), lambda *how_far: done.append(how_far))
    assert done == [(1, 3), (2, 3), (3, 3)]
