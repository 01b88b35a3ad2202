"""Strategies in a YAML file: a mapping of stages, each problem named by its line and field.

A stage that the file names is taken over as a whole; one that it does not name stays as it is.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from faq.yaml_file import write_tree
from support.judging.document import Document, open_document, read_document
from support.judging.house_rules import BrokenRulesError
from support.judging.strategies import STAGES, Deed, Language, Left, Strategies, Strategy, checked

MOST_BYTES = 200_000
"""Seven stages in three languages take five thousand."""

EXPECTED = f"a mapping with stages: {', '.join(STAGES)}"

WHAT_MAY_BE_SET = f"""\
Stages: {", ".join(STAGES)}. A stage may have:
  offer: a line below an answer. text in {", ".join(get_args(Language))}; one button: entry (an FAQ entry's id) or deed
  ask: a question after thanks. text, and answers: two to four, each with a label and, if need be, a deed
  deed: {", ".join(get_args(Deed))}
  leave: what is left out, of {", ".join(get_args(Left))}
  every_days: 1 to 366; neither line is said to a customer more often. {Strategy().every_days} unless set
Nothing is said after a complaint or a failure, nor while a colleague has the matter; see docs/strategies.md.
"""


@dataclass(frozen=True, slots=True)
class StrategyFile:
    """What a file says, and of which stages it says it."""

    document: Document
    strategies: Strategies

    @property
    def stages(self) -> Collection[str]:
        return self.document.content.keys()


def open_strategies(path: Path) -> StrategyFile:
    """Raises DocumentError with every problem, and OSError if the file cannot be opened."""
    return _checked(open_document(path, MOST_BYTES, EXPECTED))


def parse_strategies(text: str, name: str) -> StrategyFile:
    """What a file called `name` says. Raises DocumentError."""
    return _checked(read_document(text, name, EXPECTED))


def _checked(document: Document) -> StrategyFile:
    """A stage without anything has no strategy."""
    try:
        return StrategyFile(document, checked({stage: said or {} for stage, said in document.content.items()}))
    except BrokenRulesError as error:
        raise document.refused(error.problems) from error


def check_entries(file: StrategyFile, published: Collection[str]) -> None:
    """Every FAQ entry on offer must be there to be told. Raises DocumentError."""
    missing = [
        (field, f"no published FAQ entry has the id {entry!r}")
        for field, entry in file.strategies.entries.items()
        if entry not in published
    ]
    if missing:
        raise file.document.refused(missing)


def as_yaml(strategies: Strategies, told: str = "") -> str:
    """The strategies as a file, below the lines of `told`; reading it gives them again."""
    comments = "".join(f"# {line}\n" for line in told.splitlines())
    return comments + write_tree(strategies.plain())
