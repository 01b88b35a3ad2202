"""Whether wordings lead to their own entry: as they stand, and when a customer says the same in other words."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from faq.asked import Progress
from faq.entry import FaqEntry
from faq.findings import EXAMPLES, Finding, Kind, Severity
from faq.matcher import Decision, HeldOut, Matcher, Thresholds, decide, suggestions


def astray(entries: Sequence[FaqEntry], matcher: Matcher, progress: Progress | None = None) -> Iterator[Finding]:
    """Wordings that, asked as they stand, do not lead to their own entry."""
    wordings = [(entry.id, wording) for entry in entries for wording in entry.wordings]
    for done, (entry_id, wording) in enumerate(wordings, 1):
        found = [match.entry_id for match in matcher.match(wording, limit=1)]
        if found != [entry_id]:
            facts = {"wording": wording, "other": found[0] if found else ""}
            yield Finding(Kind.UNREACHABLE, entry_id, Severity.ERROR, facts)
        if progress:
            progress(done, len(wordings))


def in_other_words(held: Iterable[HeldOut], thresholds: Thresholds) -> Iterator[Finding]:
    """Entries that would take others' questions, the worst first, and entries found by their very words alone."""
    decided = [(each, decide(each.match, thresholds)) for each in held]
    yield from _takers(each for each, decision in decided if decision is Decision.ANSWER)
    yield from _lonely(decided, thresholds)


def _takers(answered: Iterable[HeldOut]) -> Iterator[Finding]:
    taken: defaultdict[str, list[HeldOut]] = defaultdict(list)
    for each in answered:
        if each.match[0].entry_id != each.entry_id:
            taken[each.match[0].entry_id].append(each)
    for taker, robbed in sorted(taken.items(), key=lambda item: -len(item[1])):
        others = [entry_id for entry_id, _ in Counter(each.entry_id for each in robbed).most_common()]
        facts = {"n": len(robbed), "others": others, "examples": [each.phrasing for each in robbed[:EXAMPLES]]}
        yield Finding(Kind.TAKES, taker, Severity.WARNING, facts)


def _lonely(held: Sequence[tuple[HeldOut, Decision]], thresholds: Thresholds) -> Iterator[Finding]:
    """Where more than half of an entry's wordings miss it; a language's only one has nothing to be found by."""
    siblings = Counter((each.entry_id, each.language) for each, _ in held)
    tried: defaultdict[str, list[tuple[str, bool]]] = defaultdict(list)
    for each, decision in held:
        if siblings[each.entry_id, each.language] > 1:
            tried[each.entry_id].append((each.phrasing, _reaches(each, decision, thresholds)))
    for entry_id, results in tried.items():
        missing = [wording for wording, reached in results if not reached]
        if len(missing) * 2 > len(results):
            facts = {"n": len(missing), "of": len(results), "examples": missing[:EXAMPLES]}
            yield Finding(Kind.ALONE, entry_id, Severity.HINT, facts)


def _reaches(held: HeldOut, decision: Decision, thresholds: Thresholds) -> bool:
    """Whether the customer is told the entry, or can choose it."""
    told = held.match[:1] if decision is Decision.ANSWER else suggestions(held.match, thresholds)
    return any(match.entry_id == held.entry_id for match in told)
