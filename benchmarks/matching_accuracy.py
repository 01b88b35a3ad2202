"""How often the right entry is found, how often a foreign question is refused, and whether confidences are true."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from opencc import OpenCC

from benchmarks.matching_data import Question, Split, Wordings, all_but, shots
from benchmarks.matching_figures import accuracy, auroc, calibration_error, share, surest
from benchmarks.matching_methods import Method
from faq.entry import FaqEntry
from faq.matcher import Match

Figures = dict[str, float]
"""By the name of its row in the table."""

FOLDS = 5
TO_TRADITIONAL = ("s2t", "s2tw", "s2hk")
"""OpenCC's schemes, characters only: the standard of OpenCC, of Taiwan, of Hong Kong."""


def banking(method: Method, wordings: Wordings, most: int, held: int, seed: int) -> Figures:
    """With ten and with five phrasings an entry and up to `most` questions; with all phrasings but `held` questions."""
    ten, five = shots(wordings, 10, most, seed), shots(wordings, 5, most, seed)
    everything = all_but(wordings, held, seed)
    found, misspelt = _found(method, ten, ten.with_typing_errors(seed))
    means = _means(ten.questions)
    return {
        "BANKING77 10-shot acc@1": accuracy(found, means, 1),
        "BANKING77 10-shot acc@3": accuracy(found, means, 3),
        "BANKING77 10-shot misspelt acc@1": accuracy(misspelt, means, 1),
        "BANKING77 points lost misspelt": accuracy(found, means, 1) - accuracy(misspelt, means, 1),
        "BANKING77 10-shot ECE": _calibration(found, means),
        **_accuracies("BANKING77 5-shot", method, five),
        **_accuracies("BANKING77 all phrasings", method, everything),
    }


def _found(method: Method, *splits: Split) -> list[list[list[Match]]]:
    """What splits of the same FAQ find, by split and question."""
    finder = method(splits[0].entries)
    return [finder.find([question.text for question in split.questions]) for split in splits]


def _means(questions: Sequence[Question]) -> list[str | None]:
    return [question.means for question in questions]


def _calibration(found: Sequence[Sequence[Match]], means: Sequence[str | None]) -> float:
    right = [bool(some) and some[0].entry_id == entry for some, entry in zip(found, means, strict=True)]
    return calibration_error([surest(some) for some in found], right)


def _accuracies(name: str, method: Method, split: Split) -> Figures:
    (found,) = _found(method, split)
    means = _means(split.questions)
    return {f"{name} acc@1": accuracy(found, means, 1), f"{name} acc@3": accuracy(found, means, 3)}


def clinc(method: Method, wordings: Wordings, out_of_scope: Sequence[str], most: int, seed: int) -> Figures:
    """With ten phrasings an entry, thresholds from these alone; "suggest" is no answer, right or wrong."""
    split = shots(wordings, 10, most, seed)
    finder, means = method(split.entries), _means(split.questions)
    inside = finder.find([question.text for question in split.questions])
    outside = finder.find(out_of_scope)
    answered = [finder.answers(some) for some in inside]
    right = [bool(some) and some[0].entry_id == entry for some, entry in zip(inside, means, strict=True)]
    return {
        "CLINC150 10-shot acc@1": accuracy(inside, means, 1),
        "CLINC150 10-shot acc@3": accuracy(inside, means, 3),
        "CLINC150 answered right": share([told and true for told, true in zip(answered, right, strict=True)]),
        "CLINC150 answered wrong": share([told and not true for told, true in zip(answered, right, strict=True)]),
        "CLINC150 out of scope refused": share([not finder.answers(some) for some in outside]),
        "CLINC150 AUROC": auroc([surest(some) for some in inside], [surest(some) for some in outside]),
        "CLINC150 10-shot ECE": _calibration(inside, means),
    }


def traditional(method: Method, entries: Sequence[FaqEntry]) -> Figures:
    """A shop's simplified phrasings alone as FAQ, asked in traditional characters.

    Two kinds of questions. Held-out simplified phrasings (every fold of five in turn), as they are and converted to
    traditional: the loss is the difference. And the traditional phrasings that the shop wrote itself, in words of
    Taiwan, as they are and converted to simplified.
    """
    entries = [entry for entry in entries if {"zh-Hans", "zh-Hant"} <= entry.questions.keys()]
    own = [Question(text, entry.id) for entry in entries for text in entry.questions["zh-Hant"]]
    return {**_converted(method, entries), **_written(method, _only_simplified(entries), own)}


def _converted(method: Method, entries: Sequence[FaqEntry]) -> Figures:
    plain, traditional_ones = [], []
    for fold in range(FOLDS):
        split = _fold(entries, fold)
        finder = method(split.entries)
        plain += _hits(finder.find, split.questions)
        for scheme in TO_TRADITIONAL:
            traditional_ones += _hits(finder.find, _in_script(split.questions, scheme))
    return {
        "Simplified acc@1": share(plain),
        "Traditional acc@1": share(traditional_ones),
        "Traditional points lost": share(plain) - share(traditional_ones),
    }


def _fold(entries: Sequence[FaqEntry], fold: int) -> Split:
    """Every fifth simplified phrasing is a question, the rest is the FAQ."""
    simplified = _only_simplified(entries)
    kept = [
        FaqEntry(entry.id, [text for place, text in enumerate(entry.wordings) if place % FOLDS != fold])
        for entry in simplified
    ]
    return Split(kept, [Question(text, entry.id) for entry in simplified for text in entry.wordings[fold::FOLDS]])


def _only_simplified(entries: Sequence[FaqEntry]) -> list[FaqEntry]:
    return [FaqEntry(entry.id, entry.questions["zh-Hans"]) for entry in entries]


def _hits(find: Callable[[Sequence[str]], list[list[Match]]], questions: Sequence[Question]) -> list[bool]:
    found = find([question.text for question in questions])
    return [bool(some) and some[0].entry_id == asked.means for some, asked in zip(found, questions, strict=True)]


def _in_script(questions: Sequence[Question], scheme: str) -> list[Question]:
    return [Question(_converter(scheme).convert(question.text), question.means) for question in questions]


@cache
def _converter(scheme: str) -> OpenCC:
    return OpenCC(scheme)


def _written(method: Method, simplified: Sequence[FaqEntry], questions: Sequence[Question]) -> Figures:
    find = method(simplified).find
    as_written = share(_hits(find, questions))
    return {
        "Taiwan's words acc@1": as_written,
        "Taiwan's words points lost": share(_hits(find, _in_script(questions, "t2s"))) - as_written,
    }
