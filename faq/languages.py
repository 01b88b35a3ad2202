"""Which languages an entry lacks, and whether the other Chinese script makes up for it."""

from collections import Counter
from collections.abc import Iterator, Sequence

from faq.entry import UNDETERMINED, FaqEntry
from faq.findings import Finding, Kind, Severity

_SCRIPTS = {"zh-Hans": "zh-Hant", "zh-Hant": "zh-Hans"}


def missing_languages(entries: Sequence[FaqEntry]) -> Iterator[Finding]:
    """What an entry does not say in a language in which most entries do, or in which it is asked."""
    asked = _common([[language for language, w in entry.questions.items() if w] for entry in entries])
    answered = _common([list(entry.answers) for entry in entries])
    for entry in entries:
        questions = {language for language, wordings in entry.questions.items() if wordings}
        if questions and UNDETERMINED not in questions:
            yield from _lacking(Kind.NO_QUESTION_IN, entry, questions, asked)
        if entry.answers:
            yield from _lacking(Kind.NO_ANSWER_IN, entry, set(entry.answers), answered | questions - {UNDETERMINED})


def missing_in_form(entry: FaqEntry) -> Iterator[Finding]:
    """A form asks in every language in which the entry answers."""
    for form_field in entry.form:
        for texts in filter(None, (form_field.ask, form_field.choices)):
            for language, severity in _gaps(set(texts), set(entry.answers)):
                yield Finding(Kind.FORM_LANGUAGE, entry.id, severity, {"language": language, "slot": form_field.slot})


def _common(spoken: Sequence[Sequence[str]]) -> set[str]:
    """The languages that more than half of the entries have."""
    counts = Counter(language for languages in spoken for language in set(languages))
    return {language for language, count in counts.items() if count * 2 > len(spoken)} - {UNDETERMINED}


def _lacking(kind: Kind, entry: FaqEntry, has: set[str], wanted: set[str]) -> Iterator[Finding]:
    for language, severity in _gaps(has, wanted):
        yield Finding(kind, entry.id, severity, {"language": language})


def _gaps(has: set[str], wanted: set[str]) -> Iterator[tuple[str, Severity]]:
    """A Chinese text is converted to the other script, so lacking that one is but a hint."""
    for language in sorted(wanted - has):
        yield language, Severity.HINT if _SCRIPTS.get(language) in has else Severity.WARNING
