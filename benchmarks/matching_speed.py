"""How fast one question is answered and how much memory that takes, in a fresh process for each method and size.

Memory is what the process's resident memory grows by from before the matcher is imported, the FAQ's texts being in
memory already, until it is built and has answered 100 questions. Numpy has one thread, as in the bot (bot/__init__.py).

    python -m benchmarks.matching_speed METHOD < faq.json
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import quantiles

from benchmarks.matching_data import Split, bad_inputs
from benchmarks.matching_table import DEFAULT, SEMANTIC
from faq.entry import FaqEntry

WARM_UP = 100
"""The first questions: asked before time is taken, and not again, because answers are remembered."""

Ask = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Speed:
    """Seconds to build, megabytes grown by imports alone and by everything, milliseconds a question; of bad input the
    p99 by kind.
    """

    build_seconds: float
    imports_mb: float
    grown_mb: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    bad_ms: Mapping[str, float]


def measure(method: str, split: Split, bad_each: int = 0) -> Speed:
    """In a process of its own, with so many bad inputs of each kind. Raises CalledProcessError if that fails."""
    request = {
        "entries": {entry.id: entry.wordings for entry in split.entries},
        "questions": [question.text for question in split.questions],
        "bad_each": bad_each,
    }
    command = [sys.executable, "-m", "benchmarks.matching_speed", method]
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        command, env=environment, input=json.dumps(request), stdout=subprocess.PIPE, text=True, check=True
    )
    return Speed(**json.loads(done.stdout))


def main() -> None:
    request = json.load(sys.stdin)
    entries = [FaqEntry(entry_id, wordings) for entry_id, wordings in request["entries"].items()]
    print(json.dumps(asdict(measured(sys.argv[1], entries, request["questions"], request["bad_each"]))))


def measured(method: str, entries: Sequence[FaqEntry], questions: Sequence[str], bad_each: int) -> Speed:
    """In this process, which has not imported the matcher yet.

    Bad inputs are made last: the C library keeps freed memory in larger pieces once a text of megabytes has gone.
    """
    empty = resident_mb()
    build = builder(method)
    imported, begun = resident_mb(), time.perf_counter()
    ask = build(entries)
    seconds = time.perf_counter() - begun
    for question in questions[:WARM_UP]:
        ask(question)
    built = resident_mb()
    cuts = milliseconds(ask, questions[WARM_UP:])
    bad = bad_inputs(seed=0, each=bad_each) if bad_each else {}
    slowest = {kind: milliseconds(ask, texts)[98] for kind, texts in bad.items()}
    return Speed(seconds, imported - empty, built - empty, cuts[49], cuts[94], cuts[98], slowest)


def resident_mb() -> float:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def builder(method: str) -> Callable[[Sequence[FaqEntry]], Ask]:
    """Imports what the method needs and nothing else."""
    if method in (DEFAULT, SEMANTIC):
        return _ours(with_extra=method == SEMANTIC)
    from benchmarks.matching_baselines import BASELINES  # noqa: PLC0415 - memory is measured before and after

    def build(entries: Sequence[FaqEntry]) -> Ask:
        find = BASELINES[method](entries).find
        return lambda question: find([question])

    return build


def _ours(*, with_extra: bool) -> Callable[[Sequence[FaqEntry]], Ask]:
    from faq.matcher import Matcher  # noqa: PLC0415 - memory is measured before and after
    from faq.semantic import sentence_encoder  # noqa: PLC0415 - the same

    encoder = sentence_encoder() if with_extra else None
    return lambda entries: Matcher.trained(entries, encoder=encoder).match


def milliseconds(ask: Ask, questions: Sequence[str]) -> list[float]:
    """The 99 percentiles of asking each once."""
    taken = []
    for question in questions:
        begun = time.perf_counter()
        ask(question)
        taken.append((time.perf_counter() - begun) * 1000)
    return quantiles(taken, n=100, method="inclusive")


if __name__ == "__main__":
    main()
