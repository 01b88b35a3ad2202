"""The table: a row a figure, a column a method, and beside ours what was promised and whether it is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

DEFAULT = "default"
SEMANTIC = "semantic"
"""Columns of our matcher: as it is installed, and with its extra."""

Column = Mapping[str, Sequence[float]]
"""A method's figures by the name of the row, one a seed."""


@dataclass(frozen=True, slots=True)
class AtLeast:
    """A promise, and what is hoped for beyond it."""

    bound: float
    aim: float | None = None

    def __str__(self) -> str:
        return f"≥ {self.bound:g}" + (f", aim {self.aim:g}" if self.aim is not None else "")

    def verdict(self, value: float) -> str:
        if self.aim is not None and value >= self.aim:
            return "met, and the aim"
        return "met" if value >= self.bound else "not met"


@dataclass(frozen=True, slots=True)
class AtMost:
    """A promise of little, and what is hoped for beyond it."""

    bound: float
    aim: float | None = None

    def __str__(self) -> str:
        return f"≤ {self.bound:g}" + (f", aim {self.aim:g}" if self.aim is not None else "")

    def verdict(self, value: float) -> str:
        if self.aim is not None and value <= self.aim:
            return "met, and the aim"
        return "met" if value <= self.bound else "not met"


Line = AtLeast | AtMost


@dataclass(frozen=True, slots=True)
class Row:
    """`default` and `semantic` are what is promised of our matcher without and with its extra; `of_ours` is a figure
    that says nothing of the others, whose scores are no probabilities.
    """

    name: str
    digits: int = 1
    default: Line | None = None
    semantic: Line | None = None
    of_ours: bool = False

    def line(self, method: str) -> Line | None:
        return {DEFAULT: self.default, SEMANTIC: self.semantic}.get(method)


def both(name: str, line: Line, digits: int = 1, *, of_ours: bool = False) -> Row:
    return Row(name, digits, line, line, of_ours)


ACCURACY = [
    Row("BANKING77 10-shot acc@1", 1, AtLeast(75, 80), AtLeast(80, 88)),
    Row("BANKING77 10-shot acc@3"),
    Row("BANKING77 5-shot acc@1", 1, AtLeast(64), AtLeast(72)),
    Row("BANKING77 5-shot acc@3"),
    Row("BANKING77 10-shot misspelt acc@1"),
    Row("BANKING77 points lost misspelt", 1, AtMost(4)),
    both("BANKING77 all phrasings acc@1", AtLeast(91, 94)),
    Row("BANKING77 all phrasings acc@3"),
    both("BANKING77 10-shot ECE", AtMost(0.05), 3, of_ours=True),
    Row("CLINC150 10-shot acc@1"),
    Row("CLINC150 10-shot acc@3"),
    Row("CLINC150 out of scope refused", 1, AtLeast(91), AtLeast(93)),
    Row("CLINC150 answered right", 1, AtLeast(78), AtLeast(84)),
    Row("CLINC150 answered wrong", 1, AtMost(7), AtMost(5)),
    Row("CLINC150 AUROC", 3, AtLeast(0.94), AtLeast(0.965)),
    both("CLINC150 10-shot ECE", AtMost(0.05), 3, of_ours=True),
    Row("Simplified acc@1"),
    Row("Traditional acc@1"),
    both("Traditional points lost", AtMost(0)),
    Row("Taiwan's words acc@1"),
    both("Taiwan's words points lost", AtMost(0)),
]
"""Percent, but for AUROC and ECE (0..1)."""

_P50_MS = {770: AtMost(2), 10_000: AtMost(5), 100_000: AtMost(15)}
_BUILD_SECONDS = {10_000: AtMost(10)}
_MEMORY_MB = {770: AtMost(60), 100_000: AtMost(300)}
_BAD_INPUT = AtMost(50)


def speed(phrasings: int) -> list[Row]:
    """The rows of an FAQ of this size."""
    size = f"{phrasings:,} phrasings:"
    return [
        Row(f"{size} p50 ms", 2, _P50_MS.get(phrasings)),
        Row(f"{size} p95 ms", 2),
        Row(f"{size} p99 ms", 2),
        Row(f"{size} build s", 1, _BUILD_SECONDS.get(phrasings)),
        Row(f"{size} memory MB", 0, _MEMORY_MB.get(phrasings)),
        Row(f"{size} of it imports MB", 0),
        both(f"{size} bad input p99 ms", _BAD_INPUT),
    ]


def rendered(rows: Sequence[Row], columns: Mapping[str, Column]) -> str:
    """Markdown, aligned. Rows that no method has a figure for are left out."""
    shown = [row for row in rows if any(row.name in column for column in columns.values())]
    header = ["figure", *(head for method in columns for head in _heads(method))]
    body = [[row.name, *(cell for method in columns for cell in _cells(row, method, columns[method]))] for row in shown]
    widths = [max(map(len, column)) for column in zip(header, *body, strict=True)]
    lines = [header, ["-" * width for width in widths], *body]
    return "\n".join("| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in lines)


def _heads(method: str) -> list[str]:
    return [method, "promised", "kept"] if _is_ours(method) else [method]


def _is_ours(method: str) -> bool:
    return method in (DEFAULT, SEMANTIC)


def _cells(row: Row, method: str, column: Column) -> list[str]:
    """A figure as mean ± standard deviation over the seeds, and for ours the promise and whether it is kept."""
    values = column.get(row.name, ()) if _is_ours(method) or not row.of_ours else ()
    line = row.line(method) if values else None
    verdict = [str(line), line.verdict(fmean(values))] if line else ["", ""]
    return [_figure(values, row.digits), *(verdict if _is_ours(method) else [])]


def _figure(values: Sequence[float], digits: int) -> str:
    if not values:
        return "–"
    spread = f" ±{stdev(values):.{digits}f}" if len(values) > 1 else ""
    return f"{fmean(values):.{digits}f}{spread}"
