"""What is wrong with an FAQ file, all of it at once, by line and field."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

MOST_TOLD = 50
"""Problems that an error's text names: more than anybody mends in one go, and a message stays a message."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend; `line` counts from 1 (a sheet's rows), `field` is a path such as `answers.en`, or empty."""

    line: int
    field: str
    message: str

    def __str__(self) -> str:
        return f"line {self.line}, {self.field}: {self.message}" if self.field else f"line {self.line}: {self.message}"


class FaqFileError(ValueError):
    """An FAQ file cannot be read or written; nothing of it was taken over. `problems` is in the order of lines."""

    def __init__(self, name: str, problems: Sequence[Problem], done: Literal["read", "written"] = "read") -> None:
        self.name = name
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line))
        lines = [f"{name} cannot be {done}:", *map(str, self.problems[:MOST_TOLD])]
        if len(self.problems) > MOST_TOLD:
            lines.append(f"… and {len(self.problems) - MOST_TOLD} more")
        super().__init__("\n".join(lines))


class UnreadableError(ValueError):
    """A file's content is not what its name says, or too large; raised before its entries are looked at."""

    def __init__(self, line: int, message: str) -> None:
        self.problem = Problem(line, "", message)
        super().__init__(str(self.problem))
