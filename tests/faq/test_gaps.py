from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice, product

import pytest

from faq.asked import Asked
from faq.clusters import MOST, clusters
from faq.entry import FaqEntry, is_entry_id
from faq.files import parse_faq_file
from faq.gaps import Gap, drafts_of, gaps
from faq.matcher import Matcher
from faq.problems import FaqFileError
from faq.yaml_file import format_yaml

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
DELIVERY = FaqEntry("delivery", {"en": ["What does delivery cost?", "Are there shipping fees?"]}, {"en": "No."})


@cache
def matcher() -> Matcher:
    return Matcher.build([DELIVERY])


def asked(
    text: str, person: int = 1, decision: str = "refuse", minutes: int = 0, language: str = "en", **more: str | None
) -> Asked:
    return Asked(text, language, person, NOON + timedelta(minutes=minutes), decision, **more)


def test_alike_questions_are_one_gap_counted_by_people() -> None:
    found = gaps(
        [
            asked("Can you engrave my name on the portafilter?", 1),
            asked("could you engrave a name on a portafilter", 2, minutes=5),
            asked("engrave portafilter name", 2),
            asked("Do you have a job for me?", 3),
            asked("do you have a job for me", 3),
            asked("Do you have any job for me?", 3),
            asked("do you have any job for me", 3),
        ],
        matcher(),
    )
    assert [(gap.people, gap.questions) for gap in found] == [(2, 3), (1, 4)]
    assert found[0].last == NOON + timedelta(minutes=5)
    assert len(found[1].examples["en"]) == 2


def test_chinese_questions_group_by_their_words() -> None:
    found = gaps(
        [
            asked("你们招人吗", 1, language="zh-Hans"),
            asked("你們還招人嗎", 2, language="zh-Hant"),
            asked("能刻字吗", 3, language="zh-Hans"),
        ],
        matcher(),
    )
    assert [gap.people for gap in found] == [2, 1]
    assert set(found[0].examples) == {"zh-Hans", "zh-Hant"}


@pytest.mark.parametrize(
    ("question", "open_"),
    [
        (asked("engrave?"), True),
        (asked("engrave?", decision="suggest", outcome="none", entry_id="delivery"), True),
        (asked("engrave?", decision="answer", outcome="not_helped", entry_id="delivery"), True),
        (asked("engrave?", decision="suggest", outcome="agent"), True),
        (asked("engrave?", decision="answer", entry_id="delivery"), False),
        (asked("engrave?", decision="suggest", outcome="picked", outcome_entry_id="delivery"), False),
        (asked("engrave?", outcome="repeated"), False),
        (asked("What does delivery cost?"), False),  # answered by now
        (asked("What does delivery cost?", decision="answer", outcome="not_helped", entry_id="delivery"), True),
    ],
)
def test_what_counts_as_a_gap(question: Asked, open_: bool) -> None:
    assert bool(gaps([question], matcher())) is open_


def test_an_agents_answer_and_the_nearest_entry() -> None:
    (gap,) = gaps(
        [
            asked("rocket delivery to Mars?", 1, outcome="agent", agent_answer="Not yet."),
            asked("rocket delivery to mars", 2, minutes=9, outcome="agent", agent_answer="From next year."),
        ],
        matcher(),
    )
    assert (gap.answer, gap.answer_language) == ("From next year.", "en")
    assert gap.nearest is not None
    assert gap.nearest.entry_id == "delivery"


def test_no_questions_no_gaps() -> None:
    assert gaps([], matcher()) == []
    assert clusters([]) == []


@pytest.mark.parametrize("text", ["", "…", "🙂🙂"])
def test_questions_without_words_do_no_harm(text: str) -> None:
    assert [gap.questions for gap in gaps([asked(text), asked(text)], matcher())] == [2]


def test_the_same_order_of_clusters_every_time() -> None:
    texts = [f"question about thing {number % 7} of kind {number % 3}" for number in range(60)]
    groups = clusters(texts)
    assert groups == clusters(texts)
    assert sorted(index for group in groups for index in group) == list(range(60))


def test_beyond_the_bound_texts_stand_alone_unless_they_are_the_same() -> None:
    words = ["".join(letters) for letters in islice(product("bcdfghjklmnpq", repeat=3), MOST)]
    texts = [*words, "late words", "late words!", "late word"]
    groups = clusters(texts)
    assert [MOST, MOST + 1] in groups
    assert [MOST + 2] in groups


def gap_of(answer: str | None = None, **examples: tuple[str, ...]) -> Gap:
    by_language = {language.replace("_", "-"): texts for language, texts in examples.items()}
    return Gap(3, 2, NOON, by_language, answer, "en" if answer else None, None)


def test_drafts_have_ids_of_their_own() -> None:
    same = gap_of(en=("Can you engrave the portafilter?",))
    drafts = drafts_of([same, same, gap_of(zh_Hans=("能刻字吗",)), gap_of(en=("W" * 300,))], {"engrave-portafilter"})
    ids = [draft.id for draft in drafts]
    assert ids[:3] == ["engrave-portafilter-2", "engrave-portafilter-3", "question"]
    assert all(map(is_entry_id, ids))


def test_a_draft_without_an_answer_is_refused_and_says_where() -> None:
    text = format_yaml(drafts_of([gap_of(en=("Can you engrave it?",), zh_Hans=("能刻字吗",), answer="Yes.")]))
    with pytest.raises(FaqFileError, match=r"answers\.zh-Hans"):
        parse_faq_file(text.encode(), "drafts.yaml")


def test_a_draft_with_its_answer_can_be_imported() -> None:
    text = format_yaml(drafts_of([gap_of(en=("Can you engrave it?",), answer="Yes, for 9 €.")]))
    (entry,) = parse_faq_file(text.encode(), "drafts.yaml").entries
    assert entry.answers == {"en": "Yes, for 9 €."}
    assert entry.wordings == ("Can you engrave it?",)
