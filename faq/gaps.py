"""What customers asked and nobody could answer, put together by meaning: the entries that the FAQ lacks."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from faq.asked import Asked, Progress
from faq.clusters import clusters
from faq.entry import FaqEntry
from faq.matcher import Decision, Match, Matcher, decide
from faq.normalise import normalise
from faq.stop_words import STOP_WORDS

EXAMPLES = 8
"""Wordings of a gap that are shown, in each language; also what a draft begins with."""
ID_WORDS = 3
LONGEST_ID = 36


@dataclass(frozen=True, slots=True)
class Gap:
    """Questions about one matter. `examples` are different wordings by language, the most typical first; `answer` is
    what an agent wrote last, in `answer_language`; `nearest` the entry that comes closest to the most typical one.
    """

    questions: int
    people: int
    last: datetime
    examples: dict[str, tuple[str, ...]]
    answer: str | None
    answer_language: str | None
    nearest: Match | None


def gaps(questions: Sequence[Asked], matcher: Matcher, progress: Progress | None = None) -> list[Gap]:
    """The gaps, those that most different people fell into first. What `matcher` answers by now is none any more."""
    newest = sorted(questions, key=lambda question: question.at, reverse=True)
    missed = _missed([question for question in newest if _failed(question)], matcher, progress)
    groups = [[missed[index] for index in group] for group in clusters([question.text for question in missed])]
    found = [_gap(group, matcher) for group in groups]
    return sorted(found, key=lambda gap: (gap.people, gap.questions, gap.last), reverse=True)


def drafts_of(found: Sequence[Gap], taken: Collection[str] = ()) -> list[FaqEntry]:
    """An entry for each gap, ready for editing, with ids made of its words that are not `taken`.

    What an agent said is its answer, in that language; in the others it is empty, which is not accepted where an FAQ
    is read.
    """
    ids, drafts = set(taken), []
    for gap in found:
        answers = dict.fromkeys(gap.examples, "")
        if gap.answer and gap.answer_language:
            answers[gap.answer_language] = gap.answer
        drafts.append(FaqEntry(_new_id(gap, ids), gap.examples, answers))
        ids.add(drafts[-1].id)
    return drafts


def _failed(question: Asked) -> bool:
    """Nobody was helped: refused, "none of these", "not what I meant", or an agent had to answer. What was asked again
    counts where it was asked again.
    """
    if question.outcome in {"picked", "helped", "repeated"}:
        return False
    return question.decision == Decision.REFUSE or question.outcome in {"none", "not_helped", "agent"}


def _missed(failed: Sequence[Asked], matcher: Matcher, progress: Progress | None) -> list[Asked]:
    missed = []
    for done, question in enumerate(failed, 1):
        if _still_open(question, matcher):
            missed.append(question)
        if progress:
            progress(done, len(failed))
    return missed


def _still_open(question: Asked, matcher: Matcher) -> bool:
    """Whether today's FAQ has no answer but one that was wrong then."""
    matches = matcher.match(question.text)
    answered = decide(matches, matcher.thresholds) is Decision.ANSWER
    return not answered or matches[0].entry_id == question.known_wrong


def _gap(group: Sequence[Asked], matcher: Matcher) -> Gap:
    """`group` begins with the most typical question."""
    wordings: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for question in group:
        wordings[question.language].setdefault(normalise(question.text), question.text)
    answered = max((question for question in group if question.agent_answer), key=lambda q: q.at, default=None)
    return Gap(
        questions=len(group),
        people=len({question.person for question in group}),
        last=max(question.at for question in group),
        examples={language: tuple(texts.values())[:EXAMPLES] for language, texts in wordings.items()},
        answer=answered.agent_answer if answered else None,
        answer_language=answered.language if answered else None,
        nearest=next(iter(matcher.match(group[0].text, limit=1)), None),
    )


def _new_id(gap: Gap, taken: Collection[str]) -> str:
    """The first telling words in Latin letters, or `question`; numbered if that is taken."""
    texts = [normalise(text) for wordings in gap.examples.values() for text in wordings]
    latin = next((text for text in texts if text.isascii()), "")
    told = [word for word in latin.split() if word not in STOP_WORDS]
    base = "-".join(told[:ID_WORDS])[:LONGEST_ID].strip("-") or "question"
    names = (base if number == 1 else f"{base}-{number}" for number in count(1))
    return next(name for name in names if name not in taken)
