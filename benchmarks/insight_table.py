"""The tables of the insight benchmark: what was found, and beside ours what is promised and whether it is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.insight_figures import Figures
from benchmarks.insight_methods import OURS
from benchmarks.matching_table import AtLeast, AtMost, Line


@dataclass(frozen=True, slots=True)
class Aim:
    """What is hoped for, where nothing is promised."""

    bound: float

    def __str__(self) -> str:
        return f"aim {self.bound:g}"

    def verdict(self, value: float) -> str:
        return "the aim met" if value >= self.bound else "the aim not met"


@dataclass(frozen=True, slots=True)
class Row:
    """`line` is what is promised of ours."""

    name: str
    digits: int = 3
    line: Line | Aim | None = None


ACCURACY = [
    Row("CDNOW P5", 3, AtLeast(0.43, 0.46)),
    Row("CDNOW P20"),
    Row("CDNOW MAE", 1),
    Row("CDNOW AUC", 4, AtLeast(0.765, 0.772)),
    Row("CDNOW AUCvip", 4, AtLeast(0.77, 0.78)),
    Row("CDNOW VIP lift", 2, Aim(2.0)),
    Row("CDNOW Brier", 4, AtMost(0.162, 0.158)),
    Row("Retail P5", 3, AtLeast(0.60, 0.63)),
    Row("Retail P20"),
    Row("Retail MAE", 0),
    Row("Retail AUC", 4, AtLeast(0.73, 0.739)),
    Row("Retail AUCvip", 4, AtLeast(0.79, 0.81)),
    Row("Retail VIP lift", 2, Aim(2.7)),
    Row("Retail Brier", 4, AtMost(0.222, 0.204)),
]

SPEED = [
    Row("rescored, rows in memory, CPU s", 2, AtMost(1)),
    Row("peak memory MB", 0, AtMost(450)),
    Row("made into rows of figures, CPU s", 2),
    Row("one order's update, median µs", 0, AtMost(200)),
]
"""Of a million customers with two million orders; the memory includes the orders."""


FROM_STORE = [
    Row("rescored from SQLite and kept there, CPU s", 2, AtMost(6)),
    Row("its peak memory MB", 0, AtMost(450)),
]
"""The same shop, on a night after another: every judgement is compared with what stood, and replaced."""


def rendered(rows: Sequence[Row], columns: Mapping[str, Figures]) -> str:
    """Markdown, aligned; the first column is ours, unless others alone were measured."""
    heads = [head for name in columns for head in ([name, "promised", "kept"] if name == OURS else [name])]
    body = [
        [row.name, *(cell for name, column in columns.items() for cell in _cells(row, name, column))] for row in rows
    ]
    table = [["figure", *heads], *body]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    table.insert(1, ["-" * width for width in widths])
    return "\n".join("| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in table)


def _cells(row: Row, name: str, column: Figures) -> list[str]:
    figure = column.get(row.name)
    shown = "–" if figure is None else f"{figure:.{row.digits}f}"
    if name != OURS:
        return [shown]
    return [shown, *([str(row.line), row.line.verdict(figure)] if row.line and figure is not None else ["", ""])]
