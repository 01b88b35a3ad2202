"""What an entry says in the language that a customer reads: its answer, and its title for a button."""

from collections.abc import Mapping

from faq.entry import FaqEntry, Variant
from faq.traditional import to_simplified, to_traditional

_OTHER_SCRIPT = {"zh-Hant": ("zh-Hans", to_traditional), "zh-Hans": ("zh-Hant", to_simplified)}


def answer_in(
    entry: FaqEntry, language: str, default: str = "en", variant: Variant | None = None
) -> tuple[str, str] | None:
    """(answer, its language): as asked, else converted from the other Chinese script, else in the default language,
    else in any. None for an entry without answers.

    The variant is told in the language asked for; one that lacks it gives way to the entry's own answer that has it.
    """
    own = _in_language(variant.answers, language) if variant else None
    answers = {**entry.answers, **variant.answers} if variant else entry.answers
    return (own, language) if own else text_in(answers, language, default)


def title_in(entry: FaqEntry, language: str, default: str = "en") -> str:
    """The canonical question, found in the same order; the id for an entry without questions."""
    found = text_in({each: wordings[0] for each, wordings in entry.questions.items() if wordings}, language, default)
    return found[0] if found else entry.id


def text_in(texts: Mapping[str, str], language: str, default: str) -> tuple[str, str] | None:
    """(text, its language) in the best of the languages at hand."""
    own = _in_language(texts, language)
    if own is not None:
        return own, language
    other = default if default in texts else next(iter(texts), None)
    return (texts[other], other) if other else None


def _in_language(texts: Mapping[str, str], language: str) -> str | None:
    if language in texts:
        return texts[language]
    source, convert = _OTHER_SCRIPT.get(language, ("", str))
    return convert(texts[source]) if source in texts else None
