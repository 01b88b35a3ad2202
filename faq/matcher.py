"""Which FAQ entry a customer means, how surely, and whether that is sure enough to answer."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from itertools import takewhile

from faq.confidence import Calibration, calibrated, confidences_of, evidence, usual
from faq.entry import FaqEntry
from faq.index import Index, Ranking
from faq.normalise import normalise
from faq.semantic import sentence_encoder
from faq.space import Encoder
from faq.thresholds import Thresholds, learned
from faq.trial import held_out, sample, with_siblings

__all__ = ["Decision", "HeldOut", "Match", "Matcher", "Thresholds", "decide", "suggestions"]

REMEMBERED = 1_000
"""Questions whose matches are kept: several times what is looked ahead for."""
TWIN = 0.8
"""A phrasing so like another of its entry (the same in the other script, say) shows nothing when it is held out."""
EVERYDAY = 0.25
"""What an everyday question counts when confidence is learned, beside a phrasing: most questions are the shop's."""
NEAR = 0.08
"""A choice is worth offering beside the best one if it is at least so likely in comparison."""


@dataclass(frozen=True, slots=True)
class Match:
    """An entry that the customer may mean, and the probability (0..1) that they do; 1 means its very words."""

    entry_id: str
    confidence: float


Found = list[tuple[int, float]]
"""Entries by number with their confidences, best first."""


@dataclass(frozen=True, slots=True)
class HeldOut:
    """A phrasing and what it would match, best first, if it were not itself in the FAQ."""

    entry_id: str
    language: str
    phrasing: str
    match: list[Match]


class Decision(StrEnum):
    """What to do with a question."""

    ANSWER = "answer"
    SUGGEST = "suggest"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Phrasing:
    """One wording that the index knows; `number` is its entry's place among the entries."""

    number: int
    language: str
    text: str
    normal: str


@dataclass(frozen=True)
class Matcher:
    """Finds entries by all their phrasings together. Never changed after it is built, so safe to share."""

    entries: Sequence[FaqEntry]
    phrasings: Sequence[Phrasing]
    index: Index
    calibration: Calibration
    thresholds: Thresholds

    @classmethod
    def build(cls, entries: Iterable[FaqEntry], thresholds: Thresholds | None = None) -> Matcher:
        """A matcher over all phrasings in all languages; entries without phrasings are never found.

        Trains, then asks the FAQ its own phrasings to learn how sure a match is and, unless they are given, the
        thresholds. Deterministic; takes a second or two for 1,000 phrasings, up to five where all questions have one
        head (Index.is_small), however they are spread over entries, and up to ten for 10,000; with the extra `semantic`
        several times as long. An FAQ without phrasings loads neither words nor encoder.
        """
        entries = list(entries)
        return cls.trained(entries, thresholds, sentence_encoder() if any(phrasings_of(entries)) else None)

    @classmethod
    def trained(
        cls, entries: Iterable[FaqEntry], thresholds: Thresholds | None = None, encoder: Encoder | None = None
    ) -> Matcher:
        """As `build`, with this encoder of sentences or without any, whatever is installed."""
        entries = list(entries)
        phrasings = list(phrasings_of(entries))
        index = Index.build([p.normal for p in phrasings], [p.number for p in phrasings], encoder)
        calibration, own = _learn(index, phrasings)
        return cls(entries, phrasings, index, calibration, thresholds or own)

    def changed(self, entries: Iterable[FaqEntry]) -> Matcher:
        """A matcher over these entries that keeps what this one has learned of the FAQ as a whole.

        Only new phrasings are measured, so one changed entry among thousands takes a moment. Meant to bridge the time
        until the next `build`: till then words that no phrasing had before are not seen and count against a match, and
        the rarity of words and the calibration stay as they were. A matcher without phrasings has learned nothing yet
        and builds.
        """
        if not self.phrasings:
            return Matcher.build(entries, self.thresholds)
        entries = list(entries)
        phrasings = list(phrasings_of(entries))
        known = {phrasing.normal: row for row, phrasing in enumerate(self.phrasings)}
        index = self.index.changed([p.normal for p in phrasings], [p.number for p in phrasings], known)
        return replace(self, entries=entries, phrasings=phrasings, index=index)

    def match(self, text: str, limit: int = 5) -> list[Match]:
        """At most `limit` entries, each once, best first; equal ones by id. Empty if nothing is alike. Never raises."""
        normal = normalise(text)
        found = self._remembered.get(normal)
        if found is None:
            found = self._found(self.index.ask(normal), self._verbatim(normal))
            self._remember({normal: found})
        return self._matches(found[:limit])

    def look_ahead(self, texts: Iterable[str]) -> None:
        """Finds together what `match` will be asked for one by one, in half the time or less. May run in a thread."""
        normals = dict.fromkeys(map(normalise, texts))
        new = [normal for normal in normals if normal and normal not in self._remembered]
        if new and self.phrasings:
            rankings = zip(new, self.index.ask_many(new), strict=True)
            self._remember({normal: self._found(ranking, self._verbatim(normal)) for normal, ranking in rankings})

    def _remember(self, found: Mapping[str, Found]) -> None:
        """Customers ask the same, and a conversation looks at one message from several sides."""
        if len(self._remembered) + len(found) > REMEMBERED:
            self._remembered.clear()
        self._remembered.update(found)

    @cached_property
    def _remembered(self) -> dict[str, Found]:
        return {}

    def held_out(self) -> Iterator[HeldOut]:
        """Every phrasing that is not its entry's only one: what a customer finds who says the same in other words."""
        for row, ranking in held_out(self.index, with_siblings(self.index)):
            phrasing = self.phrasings[row]
            entry_id = self.entries[phrasing.number].id
            yield HeldOut(entry_id, phrasing.language, phrasing.text, self._matches(self._found(ranking, ())))

    def _found(self, ranking: Ranking, verbatim: Sequence[int]) -> Found:
        if not len(ranking.entries):
            return []
        confidences = confidences_of(ranking, self.calibration)
        sure = dict(zip(ranking.entries.tolist(), confidences.tolist(), strict=True)) | dict.fromkeys(verbatim, 1.0)
        return sorted(sure.items(), key=lambda found: (-found[1], self.entries[found[0]].id))

    def _matches(self, found: Found) -> list[Match]:
        return [Match(self.entries[number].id, confidence) for number, confidence in found]

    def speaking_for(self, text: str, entry_id: str) -> Iterator[tuple[Phrasing, float]]:
        """The phrasings that the score of an entry is made of, its own and others', and what each adds to it, most
        first; those that take away are below 0.
        """
        number = next(number for number, entry in enumerate(self.entries) if entry.id == entry_id)
        for row, added in sorted(self.index.parts_of(normalise(text), number), key=lambda part: -part[1]):
            if row < len(self.phrasings):
                yield self.phrasings[row], added

    def _verbatim(self, normal: str) -> list[int]:
        """Entries that have these very words."""
        rows = self._by_words
        first = bisect_left(rows, normal, key=lambda row: self.phrasings[row].normal)
        from_there = (self.phrasings[rows[place]] for place in range(first, len(rows)))
        return [phrasing.number for phrasing in takewhile(lambda phrasing: phrasing.normal == normal, from_there)]

    @cached_property
    def _by_words(self) -> Sequence[int]:
        """The phrasings in the order of their words; a fortieth of what a dictionary of them would take."""
        return array("i", sorted(range(len(self.phrasings)), key=lambda row: self.phrasings[row].normal))


def decide(matches: Sequence[Match], thresholds: Thresholds) -> Decision:
    """Answer if the best match is sure and clearly ahead, or has the very words and alone; suggest if it is likely at
    least; else refuse. `matches` are best first.
    """
    best, second = [*(match.confidence for match in matches[:2]), 0.0, 0.0][:2]
    if best < thresholds.suggest:
        return Decision.REFUSE
    ahead = best - second >= thresholds.margin or second < best == 1.0
    return Decision.ANSWER if best >= thresholds.answer and ahead else Decision.SUGGEST


def suggestions(matches: Sequence[Match], thresholds: Thresholds, limit: int = 3) -> list[Match]:
    """The matches to be offered as choices: a likely one, and those that come near it; none where the best is not."""
    if not matches or matches[0].confidence < thresholds.suggest:
        return []
    least = min(thresholds.suggest, matches[0].confidence * NEAR)
    return [match for match in matches if match.confidence >= least][:limit]


def phrasings_of(entries: Sequence[FaqEntry]) -> Iterator[Phrasing]:
    """Each different wording of an entry once; those without a letter or digit are left out."""
    for number, entry in enumerate(entries):
        seen = set()
        for language, wordings in entry.questions.items():
            for text in wordings:
                normal = normalise(text)
                if normal and normal not in seen:
                    seen.add(normal)
                    yield Phrasing(number, language, text, normal)


def _learn(index: Index, phrasings: Sequence[Phrasing]) -> tuple[Calibration, Thresholds]:
    """How sure a match is, and when to answer, from held-out phrasings and everyday questions."""
    seen: list[float] = []
    right: list[bool] = []
    weights: list[float] = []
    for row, ranking in held_out(index, sample(index)):
        own = ranking.nearest[ranking.entries == index.owners[row]]
        if len(ranking.entries) and (own.size == 0 or own[0] < TWIN):
            best, speaks = evidence(ranking)
            seen.append(speaks)
            right.append(bool(ranking.entries[best] == index.owners[row]))
            weights.append(1.0 if row < len(phrasings) else EVERYDAY)
    calibration = calibrated(seen, right, weights, usual(len(phrasings)))
    return calibration, learned([calibration(speaks) for speaks, was in zip(seen, right, strict=True) if was])
