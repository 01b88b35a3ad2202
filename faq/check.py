"""What is wrong with an FAQ as a whole: entries that collide, wordings that lead nowhere, holes in what is told."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from faq import collisions
from faq.asked import Progress
from faq.collisions import Collision
from faq.entry import FaqEntry, Variant
from faq.findings import Finding, Kind, Severity
from faq.languages import missing_in_form, missing_languages
from faq.matcher import Matcher
from faq.placeholders import faults
from faq.reach import astray, in_other_words

__all__ = ["Finding", "Kind", "Severity", "check"]

_SEVERITIES = list(Severity)
_KINDS = list(Kind)


def check(
    entries: Sequence[FaqEntry],
    matcher: Matcher,
    taken_for: Callable[[str], str | None] = lambda _: None,
    progress: Progress | None = None,
) -> list[Finding]:
    """Everything found, errors first, then warnings, then hints; within these by kind and the FAQ's order (entries that
    take others' questions: the worst first). `matcher` was built from these entries; `taken_for` tells what a message
    of these words is taken for before the FAQ is asked.
    """
    same = list(collisions.same(entries))
    found = [finding for entry in entries for finding in _by_itself(entry)]
    found += _intercepted(entries, taken_for)
    found += missing_languages(entries)
    found += map(_same_wording, same)
    found += _near_wordings(collisions.near(entries))
    found += _unexplained(astray(entries, matcher, progress), same)
    found += in_other_words(matcher.held_out(), matcher.thresholds)
    return sorted(found, key=lambda finding: (_SEVERITIES.index(finding.severity), _KINDS.index(finding.kind)))


def _by_itself(entry: FaqEntry) -> Iterator[Finding]:
    if not entry.wordings:
        yield Finding(Kind.NO_PHRASING, entry.id, Severity.ERROR)
    if not any(answer.strip() for answer in entry.answers.values()):
        yield Finding(Kind.NO_ANSWER, entry.id, Severity.ERROR)
    for language, wordings in entry.questions.items():
        if len(wordings) == 1:
            facts = {"language": language, "wording": wordings[0]}
            yield Finding(Kind.SINGLE_PHRASING, entry.id, Severity.HINT, facts)
    yield from _placeholders(entry)
    yield from _shadowed(entry)
    yield from missing_in_form(entry)


def _placeholders(entry: FaqEntry) -> Iterator[Finding]:
    for answers in (entry.answers, *(variant.answers for variant in entry.variants)):
        for language, answer in answers.items():
            for fault in faults(answer):
                facts = {"language": language, "code": fault.code, "written": fault.written, "problem": str(fault)}
                yield Finding(Kind.PLACEHOLDER, entry.id, Severity.ERROR, facts)


def _shadowed(entry: FaqEntry) -> Iterator[Finding]:
    """The first variant that fits is told, so one that fits nobody else is never told."""
    for number, variant in enumerate(entry.variants, 1):
        for earlier, other in enumerate(entry.variants[: number - 1], 1):
            if _covers(other, variant):
                yield Finding(Kind.SHADOWED, entry.id, Severity.WARNING, {"n": number, "by": earlier})
                break


def _covers(wide: Variant, narrow: Variant) -> bool:
    """Whether whoever fits `narrow` fits `wide`; no tiers or stages means any."""
    pairs = ((wide.tiers, narrow.tiers), (wide.stages, narrow.stages))
    return all(not outer or (inner and set(inner) <= set(outer)) for outer, inner in pairs)


def _intercepted(entries: Sequence[FaqEntry], taken_for: Callable[[str], str | None]) -> Iterator[Finding]:
    for entry in entries:
        for wording in entry.wordings:
            if by := taken_for(wording):
                yield Finding(Kind.INTERCEPTED, entry.id, Severity.WARNING, {"wording": wording, "by": by})


def _same_wording(collision: Collision) -> Finding:
    facts = {"wording": collision.wording, "other": collision.other_id}
    return Finding(Kind.SAME_WORDING, collision.entry_id, Severity.ERROR, facts)


def _near_wordings(pairs: Iterator[Collision]) -> Iterator[Finding]:
    """One finding for two entries, however many of their wordings are alike."""
    by_entries: defaultdict[frozenset[str], list[Collision]] = defaultdict(list)
    for pair in pairs:
        by_entries[frozenset((pair.entry_id, pair.other_id))].append(pair)
    for alike in by_entries.values():
        one = alike[0]
        facts = {"wording": one.wording, "other": one.other_id, "other_wording": one.other_wording, "n": len(alike)}
        yield Finding(Kind.NEAR_WORDING, one.entry_id, Severity.WARNING, facts)


def _unexplained(astray_: Iterable[Finding], same: Sequence[Collision]) -> Iterator[Finding]:
    """Without the wordings that stand in two entries, which was said of them already."""
    known = {(each.entry_id, each.wording) for each in same} | {(each.other_id, each.other_wording) for each in same}
    return (finding for finding in astray_ if (finding.entry_id, finding.facts["wording"]) not in known)
