"""A draft beside what is published, and the stamps that tell what an admin saw of the two."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from faq.entry import FaqEntry
from support.knowledge.difference import Difference, difference
from support.knowledge.entries import KeptEntry
from support.knowledge.errors import ChangedMeanwhileError
from support.knowledge.snapshots import content_of, stamp


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry as it is meant to become; `published` is None for a new one. `who` changed it last, if known."""

    entry: FaqEntry
    published: KeptEntry | None
    at: datetime
    who: str | None

    @property
    def id(self) -> str:
        return self.entry.id

    @property
    def difference(self) -> Difference:
        return difference(self.published.entry if self.published else None, self.entry)

    @property
    def stamp(self) -> int:
        """Tells this draft of this published entry from any other."""
        before = content_of(self.published.entry, withdrawn=self.published.withdrawn) if self.published else None
        return stamp(content_of(self.entry), before)


def seen_answer(entry: FaqEntry, language: str) -> int:
    """The stamp of one answer, so that two admins may work on two languages of one draft."""
    return stamp(entry.answers.get(language))


def seen_questions(entry: FaqEntry, language: str) -> int:
    """The same of the wordings of one language."""
    return stamp(entry.questions.get(language, ()))


def seen_category(entry: FaqEntry) -> int:
    """The same of its category."""
    return stamp(entry.category)


def check_seen(entry_id: str, seen: int | None, present: int) -> None:
    """Raises ChangedMeanwhileError if somebody saw something else than there is; None: nobody looked."""
    if seen is not None and seen != present:
        raise ChangedMeanwhileError(entry_id)
