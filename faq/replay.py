"""What past questions would get from another FAQ or other thresholds, before it is published."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from faq.asked import Asked, Progress
from faq.findings import EXAMPLES
from faq.matcher import Decision, Match, Matcher, Thresholds, decide
from faq.normalise import normalise

UNSURE = 0.8
"""An answer below this confidence is looked at: it is wrong once in five times or more often."""
MOST_DOUBTS = 20


@dataclass(frozen=True, slots=True)
class Side:
    """An FAQ with its thresholds: one of the two that are compared."""

    matcher: Matcher
    thresholds: Thresholds


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a question gets; `entry_id` is the best match, which is told if it is an answer, and None for a refusal."""

    decision: Decision
    entry_id: str | None
    confidence: float


@dataclass(frozen=True, slots=True)
class Tally:
    """How one side fares. Counts of questions, except `expected_wrong`: the sum of 1 − confidence over the answered.

    `contradicted` are answers that a customer is known not to have meant.
    """

    answered: int
    suggested: int
    refused: int
    contradicted: int
    expected_wrong: float


@dataclass(frozen=True, slots=True)
class Change:
    """Questions whose treatment changes alike; the verdicts bear the confidence of the first example."""

    before: Verdict
    after: Verdict
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Doubt:
    """An answer of the new side that is likely wrong: `contradicted` by what the customer did, or of low confidence.

    `meant` is the entry that the customer is known to have wanted, if any.
    """

    text: str
    entry_id: str
    confidence: float
    contradicted: bool
    meant: str | None


@dataclass(frozen=True, slots=True)
class Replay:
    """The comparison. `changes` are the most frequent first; `doubts`, at most MOST_DOUBTS, the contradicted first and
    then the least sure.
    """

    questions: int
    before: Tally
    after: Tally
    changed: int
    changes: tuple[Change, ...]
    doubts: tuple[Doubt, ...]


@dataclass(frozen=True, slots=True)
class _Trial:
    question: Asked
    before: Verdict
    after: Verdict


def replay(questions: Sequence[Asked], before: Side, after: Side, progress: Progress | None = None) -> Replay:
    """Puts every question to both sides."""
    trials = list(_trials(questions, before, after, progress))
    changed = [trial for trial in trials if _treatment(trial.before) != _treatment(trial.after)]
    return Replay(
        questions=len(trials),
        before=_tally((trial.question, trial.before) for trial in trials),
        after=_tally((trial.question, trial.after) for trial in trials),
        changed=len(changed),
        changes=_changes(changed),
        doubts=_doubts(trials),
    )


def _trials(questions: Sequence[Asked], before: Side, after: Side, progress: Progress | None) -> Iterator[_Trial]:
    """Equal questions are matched once; an FAQ that both sides share is asked once."""
    known: dict[str, tuple[Verdict, Verdict]] = {}
    for done, question in enumerate(questions, 1):
        key = normalise(question.text)
        if key not in known:
            old = before.matcher.match(question.text)
            new = old if after.matcher is before.matcher else after.matcher.match(question.text)
            known[key] = _verdict(old, before.thresholds), _verdict(new, after.thresholds)
        yield _Trial(question, *known[key])
        if progress:
            progress(done, len(questions))


def _verdict(matches: Sequence[Match], thresholds: Thresholds) -> Verdict:
    decision = decide(matches, thresholds)
    if decision is Decision.REFUSE:
        return Verdict(decision, None, matches[0].confidence if matches else 0.0)
    return Verdict(decision, matches[0].entry_id, matches[0].confidence)


def _treatment(verdict: Verdict) -> tuple[str, str | None]:
    return verdict.decision, verdict.entry_id


def _tally(treated: Iterable[tuple[Asked, Verdict]]) -> Tally:
    treated = list(treated)
    decisions = [verdict.decision for _, verdict in treated]
    answers = [(question, verdict) for question, verdict in treated if verdict.decision is Decision.ANSWER]
    return Tally(
        answered=len(answers),
        suggested=decisions.count(Decision.SUGGEST),
        refused=decisions.count(Decision.REFUSE),
        contradicted=sum(_contradicted(question, verdict) for question, verdict in answers),
        expected_wrong=sum(1 - verdict.confidence for _, verdict in answers),
    )


def _contradicted(question: Asked, verdict: Verdict) -> bool:
    return verdict.entry_id == question.known_wrong or question.known_right not in {None, verdict.entry_id}


def _changes(changed: Sequence[_Trial]) -> tuple[Change, ...]:
    alike: defaultdict[object, list[_Trial]] = defaultdict(list)
    for trial in changed:
        alike[_treatment(trial.before), _treatment(trial.after)].append(trial)
    groups = sorted(alike.values(), key=len, reverse=True)
    return tuple(Change(group[0].before, group[0].after, len(group), _examples(group)) for group in groups)


def _examples(trials: Sequence[_Trial]) -> tuple[str, ...]:
    different = {normalise(trial.question.text): trial.question.text for trial in reversed(trials)}
    return tuple(reversed(different.values()))[:EXAMPLES]


def _doubts(trials: Sequence[_Trial]) -> tuple[Doubt, ...]:
    doubts = sorted(filter(None, map(_doubt, trials)), key=lambda doubt: (not doubt.contradicted, doubt.confidence))
    different = {normalise(doubt.text): doubt for doubt in reversed(doubts)}
    return tuple(reversed(different.values()))[:MOST_DOUBTS]


def _doubt(trial: _Trial) -> Doubt | None:
    verdict, question = trial.after, trial.question
    if verdict.decision is not Decision.ANSWER or verdict.entry_id is None:
        return None
    contradicted = _contradicted(question, verdict)
    if not contradicted and verdict.confidence >= UNSURE:
        return None
    return Doubt(question.text, verdict.entry_id, verdict.confidence, contradicted, question.known_right)
