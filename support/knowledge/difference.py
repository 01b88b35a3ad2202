"""What a draft changes of an FAQ entry, language by language."""

from __future__ import annotations

from dataclasses import dataclass

from faq.entry import FaqEntry
from faq.plain import ordered


@dataclass(frozen=True, slots=True)
class QuestionsChange:
    """Wordings of one language that come and go; neither of both where only their order changes."""

    language: str
    added: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnswerChange:
    """An answer before and after; None where there is none."""

    language: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class CategoryChange:
    """Empty where there is none."""

    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Difference:
    """Empty where two entries say the same. `more`: something else differs, the form or the variants."""

    questions: tuple[QuestionsChange, ...] = ()
    answers: tuple[AnswerChange, ...] = ()
    category: CategoryChange | None = None
    more: bool = False

    def __bool__(self) -> bool:
        return bool(self.questions or self.answers or self.category or self.more)


def difference(before: FaqEntry | None, after: FaqEntry) -> Difference:
    """From `before` (None: an entry that is not there yet) to `after`."""
    before = before or FaqEntry(after.id, {})
    return Difference(
        tuple(_questions(before, after)),
        tuple(_answers(before, after)),
        CategoryChange(before.category, after.category) if before.category != after.category else None,
        (before.form, before.variants) != (after.form, after.variants),
    )


def _questions(before: FaqEntry, after: FaqEntry) -> list[QuestionsChange]:
    changes = []
    for language in ordered([*before.questions, *after.questions]):
        old, new = before.questions.get(language, ()), after.questions.get(language, ())
        if old != new:
            added = tuple(text for text in new if text not in old)
            changes.append(QuestionsChange(language, added, tuple(text for text in old if text not in new)))
    return changes


def _answers(before: FaqEntry, after: FaqEntry) -> list[AnswerChange]:
    return [
        AnswerChange(language, before.answers.get(language), after.answers.get(language))
        for language in ordered([*before.answers, *after.answers])
        if before.answers.get(language) != after.answers.get(language)
    ]
