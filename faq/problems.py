"""What is wrong with an FAQ file, all of it at once, by line and field."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend; `line` counts from 1, `field` is a path such as `answers.en`, or empty."""

    line: int
    field: str
    message: str

    def __str__(self) -> str:
        return f"line {self.line}, {self.field}: {self.message}" if self.field else f"line {self.line}: {self.message}"


class FaqFileError(ValueError):
    """An FAQ file cannot be read; nothing of it was taken over. `problems` is in the order of lines."""

    def __init__(self, name: str, problems: Sequence[Problem]) -> None:
        self.name = name
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line))
        super().__init__("\n".join([f"{name} cannot be read:", *map(str, self.problems)]))
