"""What an import did, and what is wrong with its rows: by line and field, however many they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from faq.problems import MOST_TOLD, Problem

MOST_KEPT = 1_000
"""Problems remembered by line; a file of millions that fits nothing must not fill the memory with complaints."""


@dataclass(frozen=True, slots=True)
class ImportResult:
    """How many rows were new, said something else than before, or said the same again.

    `refused` rows were left out: with `keep_good` bad ones, and in any case those of erased customers. `problems` says
    why, in the order of lines, MOST_KEPT at the most. `encoding` is a file's, where it had to be guessed.
    """

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    problems: tuple[Problem, ...] = ()
    encoding: str | None = None

    @property
    def total(self) -> int:
        return self.added + self.changed + self.unchanged + self.refused


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda problem: problem.line))


class ImportFileError(ValueError):
    """Rows cannot be imported; nothing of them was taken over.

    `problems` is in the order of lines, MOST_KEPT at the most; there were `count` of them.
    """

    def __init__(self, name: str, problems: Sequence[Problem], count: int | None = None) -> None:
        self.name = name
        self.problems = in_order(problems)
        self.count = len(self.problems) if count is None else count
        super().__init__("\n".join([f"{name} cannot be imported:", *told(self.problems, self.count)]))


def told(problems: Sequence[Problem], count: int) -> list[str]:
    """The first problems, a line of text each, and how many more there are."""
    lines = list(map(str, problems[:MOST_TOLD]))
    if count > len(lines):
        lines.append(f"… and {count - len(lines)} more")
    return lines


@dataclass(slots=True)
class Problems:
    """Gathers problems: the first MOST_KEPT as they are, of the rest only the number."""

    kept: list[Problem] = field(default_factory=list)
    count: int = 0

    def note(self, line: int, name: str, message: str) -> None:
        self.extend([Problem(line, name, message)], 1)

    def extend(self, problems: Sequence[Problem], count: int) -> None:
        """Problems that stand for `count` of them."""
        self.count += count
        self.kept += problems[: MOST_KEPT - len(self.kept)]
