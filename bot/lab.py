"""The laboratory's results for a person at a terminal, and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from bot.tables import count, quoted, short, table
from faq.explain import Explanation
from faq.gaps import Gap
from faq.replay import Change, Replay, Tally, Verdict

EMPTY_FAQ = "The FAQ is empty. Begin with `touchdesk faq import FILE`, or look at a sample with `touchdesk demo`."
NO_QUESTIONS = (
    "No customer's question is kept yet from this time. Questions are remembered from the first one that the bot "
    "answers; come back when some have been asked, or ask for a longer time with --since."
)
NO_GAPS = "No open gaps: every question of this time that is kept was answered, or would be by now."

NOTHING_ALIKE = "No entry is like it. Is the FAQ empty? Then begin with `touchdesk faq import FILE`."

CHANGES = 15
"""Kinds of change that are printed; --json has all."""
GAPS_EXAMPLES = 3
PHRASINGS = 6
"""An entry's best phrasings that are printed; --json has all."""


def replay_text(result: Replay) -> str:
    """Shares before and after, what would change, which answers to look at."""
    rows = [("", "before", "after"), *_shares(result)]
    lines = [count(result.questions, "past question"), "", *table(rows, right=(1, 2)), ""]
    lines += _changes_text(result)
    if result.doubts:
        lines += ["", "Answers to look at", *table(_doubts(result))]
    return "\n".join(lines)


def replay_json(result: Replay) -> dict[str, Any]:
    return asdict(result)


def gaps_text(found: Sequence[Gap]) -> str:
    """Each gap with what was asked, what an agent said and what comes nearest."""
    return "\n\n".join("\n".join(_gap_lines(gap)) for gap in found)


def gaps_json(found: Sequence[Gap]) -> list[dict[str, Any]]:
    return [{**asdict(gap), "last": gap.last.isoformat()} for gap in found]


def explanation_text(why: Explanation) -> str:
    """Gates, phrasings and parts."""
    phrasings = [(f"  {p.weight:.3f}", p.language, short(p.text)) for p in why.phrasings[:PHRASINGS]]
    parts = [(f"  {p.weight:+.3f}", p.text) for p in why.parts]
    decided = f" → {why.decision.value}" if why.confidence >= why.second else ""
    lines = [f"{why.entry_id}: {why.confidence:.3f}, the best of the others {why.second:.3f}{decided}"]
    lines += ["", "Gates", *table(_gates(why), right=(1,))]
    if phrasings:
        lines += ["", "Phrasings", *table(phrasings, right=(0,))]
    if parts:
        lines += ["", "Parts of the question", *table(parts, right=(0,))]
    return "\n".join(lines)


def _gates(why: Explanation) -> list[tuple[str, ...]]:
    """Each gate of the decision: what it looks at, what it asks for, whether it is passed."""
    limits = why.thresholds
    gates = [
        ("answer", why.confidence, limits.answer),
        ("margin", why.confidence - why.second, limits.margin),
        ("suggest", why.confidence, limits.suggest),
    ]
    return [(f"  {name}", f"{is_:.3f}", f"at least {least:.3f}", _passed(is_ >= least)) for name, is_, least in gates]


def _shares(result: Replay) -> list[tuple[str, str, str]]:
    def row(name: str, value: Callable[[Tally], float]) -> tuple[str, str, str]:
        return name, _share(value(result.before), result.questions), _share(value(result.after), result.questions)

    return [
        row("answered", lambda side: side.answered),
        row("suggested", lambda side: side.suggested),
        row("refused", lambda side: side.refused),
        row("answers expected to be wrong", lambda side: side.expected_wrong),
        row("answers known to be wrong", lambda side: side.contradicted),
    ]


def _share(number: float, of: int) -> str:
    return f"{number:,.0f} ({number / of:.1%})" if of else "0"


def _changes_text(result: Replay) -> list[str]:
    if not result.changes:
        return ["Nothing would change."]
    rows = [
        (f"  {change.count:,}", _verdict(change.before), "→", _verdict(change.after), _example(change))
        for change in result.changes
    ]
    rest = len(rows) - CHANGES
    more = [f"  and {count(rest, 'more kind', 'more kinds')} (--json shows all)"] if rest > 0 else []
    return [
        f"{count(result.changed, 'question')} would be treated otherwise",
        *table(rows[:CHANGES], right=(0,)),
        *more,
    ]


def _example(change: Change) -> str:
    return f"“{short(change.examples[0])}”"


def _verdict(verdict: Verdict) -> str:
    return f"{verdict.decision.value} {verdict.entry_id}" if verdict.entry_id else verdict.decision.value


def _doubts(result: Replay) -> list[tuple[str, ...]]:
    return [
        (f"  {doubt.confidence:.2f}", doubt.entry_id, f"“{short(doubt.text)}”", _why(doubt.contradicted, doubt.meant))
        for doubt in result.doubts
    ]


def _why(contradicted: bool, meant: str | None) -> str:
    if not contradicted:
        return "unsure"
    return f"meant was {meant}" if meant else "did not help"


def _gap_lines(gap: Gap) -> list[str]:
    lines = [f"{count(gap.people, 'person', 'people')}, {count(gap.questions, 'question')}, last {gap.last:%Y-%m-%d}"]
    lines += [f"  {language}: {quoted(texts[:GAPS_EXAMPLES])}" for language, texts in gap.examples.items()]
    if gap.answer:
        lines.append(f"  a colleague answered: {short(gap.answer)}")
    if gap.nearest:
        lines.append(f"  nearest: {gap.nearest.entry_id} ({gap.nearest.confidence:.0%})")
    return lines


def _passed(holds: bool) -> str:
    return "yes" if holds else "no"
