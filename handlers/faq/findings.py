"""A finding of the check in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from faq.findings import Finding, Kind
from handlers.faq.press import cut
from handlers.faq.speech import Speech

LONGEST_QUOTE = 120
MOST_NAMED = 3


def finding_line(speech: Speech, finding: Finding) -> str:
    """One sentence; every fact in it is plain text."""
    key = f"faq.finding.{finding.kind}"
    if finding.kind is Kind.UNREACHABLE and not finding.facts.get("other"):
        key = "faq.finding.unfound"
    return speech.say(key, entry=finding.entry_id, **_facts(speech, finding))


def _facts(speech: Speech, finding: Finding) -> Mapping[str, str]:
    facts = {name: _shown(value) for name, value in finding.facts.items()}
    if "language" in facts:
        facts["language"] = speech.name_of(facts["language"])
    if finding.kind is Kind.INTERCEPTED:
        by = finding.facts["by"]
        facts["by"] = speech.say(f"faq.taken_for.{by}")
    return facts


def _shown(value: Any) -> str:
    if isinstance(value, list | tuple):
        return " · ".join(cut(str(each), LONGEST_QUOTE) for each in value[:MOST_NAMED])
    return cut(str(value), LONGEST_QUOTE)
