"""House rules in a YAML file (JSON is YAML too): a mapping with `tiers` and `policy`, or some of their fields.

What a file does not name stays as it is. Every problem is named by its line and field.
"""

from __future__ import annotations

from pathlib import Path

from faq.yaml_file import write_tree
from support.judging.document import open_document
from support.judging.house_rules import KEYS, BrokenRulesError, HouseRules, changed

MOST_BYTES = 100_000
"""All rules there are take two thousand."""

EXPECTED = f"a mapping with {' and '.join(KEYS)}, or one of them"


def open_rules(path: Path, present: HouseRules) -> HouseRules:
    """The present rules with what a file sets. Raises DocumentError with every problem, and OSError if the file cannot
    be opened.
    """
    document = open_document(path, MOST_BYTES, EXPECTED)
    try:
        return changed(present, document.content)
    except BrokenRulesError as error:
        raise document.refused(error.problems) from error


def as_yaml(rules: HouseRules) -> str:
    """All rules as a file to edit and set."""
    return write_tree(rules.model_dump(mode="json"))
