"""What an entry says in the language that a customer reads: its answer, and its title for a button."""

from collections.abc import Mapping

from faq.entry import FaqEntry
from faq.traditional import to_simplified, to_traditional

_OTHER_SCRIPT = {"zh-Hant": ("zh-Hans", to_traditional), "zh-Hans": ("zh-Hant", to_simplified)}


def answer_in(entry: FaqEntry, language: str, default: str = "en") -> tuple[str, str] | None:
    """(answer, its language): as asked, else converted from the other Chinese script, else in the default language,
    else in any. None for an entry without answers.
    """
    return text_in(entry.answers, language, default)


def title_in(entry: FaqEntry, language: str, default: str = "en") -> str:
    """The canonical question, found in the same order; the id for an entry without questions."""
    found = text_in({each: wordings[0] for each, wordings in entry.questions.items() if wordings}, language, default)
    return found[0] if found else entry.id


def text_in(texts: Mapping[str, str], language: str, default: str) -> tuple[str, str] | None:
    """(text, its language) in the best of the languages at hand."""
    if language in texts:
        return texts[language], language
    source, convert = _OTHER_SCRIPT.get(language, ("", str))
    if source in texts:
        return convert(texts[source]), language
    other = default if default in texts else next(iter(texts), None)
    return (texts[other], other) if other else None
