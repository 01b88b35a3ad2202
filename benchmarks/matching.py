"""Claim: the right entry is found more often than rapidfuzz, BM25 or TF-IDF find it, foreign questions are refused,
confidences are true, and a question takes milliseconds.

Prints one table: our matcher as it is installed and with its extra `semantic`, what is promised of it, and the three
others on the same splits in the same run. BANKING77 and CLINC150 are split at random, by seed, into an FAQ and
questions; the test parts of both are not used. README.md says where the files come from.

    python -m benchmarks.matching --data DIR [--semantic | --no-semantic] [--seeds 3] [--only accuracy|speed] [--quick]
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.matching_accuracy import Figures, banking, clinc, traditional
from benchmarks.matching_baselines import BASELINES
from benchmarks.matching_data import of_size, read_banking, read_clinc
from benchmarks.matching_methods import Method, ours
from benchmarks.matching_speed import WARM_UP, Speed, measure
from benchmarks.matching_table import ACCURACY, DEFAULT, SEMANTIC, rendered, speed
from faq.files import read_faq
from faq.semantic import sentence_encoder

SAMPLE_FAQ = Path("bot/sample/faq.yaml")


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured: seeds, at most so many questions a split, questions held out of all phrasings, phrasings
    of an FAQ that time is taken with, questions to take time with (ours, others), bad inputs of each kind.
    """

    seeds: int
    questions: int = 3000
    held_out: int = 800
    sizes: tuple[int, ...] = (770, 10_000, 100_000)
    timed: tuple[int, int] = (1000, 100)
    bad_inputs: int = 40


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets' files")
    parser.add_argument(
        "--semantic", action=argparse.BooleanOptionalAction, help="with or without the extra; else both"
    )
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", choices=["accuracy", "speed"])
    parser.add_argument("--quick", action="store_true", help="one seed, 300 questions, 770 phrasings")
    options = parser.parse_args()
    extent = Extent(1, 300, 80, (770,), (100, 20), 5) if options.quick else Extent(options.seeds)
    methods = chosen(options.semantic)
    columns: dict[str, defaultdict[str, list[float]]] = {name: defaultdict(list) for name in methods}
    if options.only != "speed":
        for name, figures in accuracies(methods, options.data, extent):
            _add(columns[name], figures)
    if options.only != "accuracy":
        for name, figures in speeds(list(methods), options.data, extent):
            _add(columns[name], figures)
    print(rendered([*ACCURACY, *(row for size in extent.sizes for row in speed(size))], columns))


def chosen(semantic: bool | None) -> dict[str, Method]:
    """Ours without and with the extra, or one of them, and the others. The extra is left out if it is not installed."""
    encoder = None if semantic is False else sentence_encoder()
    if semantic and not encoder:
        raise SystemExit("the extra `semantic` is not installed")
    without = {} if semantic else {DEFAULT: ours(None)}
    return without | ({SEMANTIC: ours(encoder)} if encoder else {}) | BASELINES


def accuracies(methods: dict[str, Method], folder: Path, extent: Extent) -> Iterator[tuple[str, Figures]]:
    """(method, figures) for each data set and seed."""
    bank, (assistant, out_of_scope), shop = read_banking(folder), read_clinc(folder), read_faq(SAMPLE_FAQ)
    for name, method in methods.items():
        for seed in range(extent.seeds):
            _say(f"{name}: accuracy, seed {seed}")
            yield name, banking(method, bank, extent.questions, extent.held_out, seed)
            yield name, clinc(method, assistant, out_of_scope, extent.questions, seed)
        if name not in BASELINES:
            yield name, traditional(method, shop)


def speeds(methods: Sequence[str], folder: Path, extent: Extent) -> Iterator[tuple[str, Figures]]:
    """(method, figures) for each size; bad input is for ours only."""
    pools = [read_banking(folder), read_clinc(folder)[0]]
    for size in extent.sizes:
        for name in methods:
            _say(f"{name}: speed with {size:,} phrasings")
            is_ours = name not in BASELINES
            split = of_size(pools, size, WARM_UP + extent.timed[0 if is_ours else 1], seed=0)
            yield name, _speed_figures(size, measure(name, split, extent.bad_inputs if is_ours else 0))


def _speed_figures(size: int, taken: Speed) -> Figures:
    """The worst kind of bad input counts."""
    if taken.bad_ms:
        _say("   bad input p99 ms: " + ", ".join(f"{kind} {ms:.1f}" for kind, ms in taken.bad_ms.items()))
    figures = [taken.p50_ms, taken.p95_ms, taken.p99_ms, taken.build_seconds, taken.grown_mb, taken.imports_mb]
    return dict(zip([row.name for row in speed(size)], [*figures, *_worst(taken)], strict=False))


def _worst(taken: Speed) -> list[float]:
    return [max(taken.bad_ms.values())] if taken.bad_ms else []


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _add(column: defaultdict[str, list[float]], figures: Figures) -> None:
    for name, value in figures.items():
        column[name].append(value)


if __name__ == "__main__":
    main()
