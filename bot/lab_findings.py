"""What a check of the FAQ found, worded for a person at a terminal, and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Any

from bot.tables import count, quoted, table
from faq.findings import Finding, Kind, Severity

_INTERCEPTED = {
    "greeting": "is taken for a greeting",
    "thanks": "is taken for thanks",
    "human": "calls a colleague",
    "complaint": "is taken for a complaint",
    "urgent": "is taken for an emergency",
}

_WORDS: Mapping[Kind, Callable[[Mapping[str, Any]], str]] = {
    Kind.SAME_WORDING: lambda f: f"{_the(f)} also stands in {f['other']}: customers are asked which they mean",
    Kind.UNREACHABLE: lambda f: f"{_the(f)} {_leads_to(f['other'])}",
    Kind.NO_PHRASING: lambda _: "has no question, so it is never found",
    Kind.NO_ANSWER: lambda _: "has no answer, so customers are told that we do not know",
    Kind.PLACEHOLDER: lambda f: f"the answer in {f['language']}: {f['problem']}",
    Kind.INTERCEPTED: lambda f: f"{_the(f)} {_INTERCEPTED[f['by']]}, so the entry does not answer it",
    Kind.NEAR_WORDING: lambda f: (
        f"{_the(f)} is almost {quoted([f['other_wording']])} in {f['other']}"
        + (f", and {f['n'] - 1} more between them" if f["n"] > 1 else "")
    ),
    Kind.TAKES: lambda f: (
        f"would answer {f['n']} of the questions of {_few(f['others'])}, such as {quoted(f['examples'])}"
    ),
    Kind.ALONE: lambda f: (
        f"{f['n']} of {f['of']} questions are found by their very words alone, such as {quoted(f['examples'])}; "
        "add other wordings"
    ),
    Kind.NO_QUESTION_IN: lambda f: f"has no question in {f['language']}",
    Kind.NO_ANSWER_IN: lambda f: f"has no answer in {f['language']}",
    Kind.SHADOWED: lambda f: f"variant {f['n']} is never told: variant {f['by']} fits everybody whom it fits",
    Kind.FORM_LANGUAGE: lambda f: f"the form does not ask for {f['slot']} in {f['language']}",
    Kind.SINGLE_PHRASING: lambda f: (
        f"has a single question in {f['language']}, {_the(f)}; three or more are found better"
    ),
}


def finding_text(finding: Finding) -> str:
    """One finding as a sentence without its entry."""
    return _WORDS[finding.kind](finding.facts)


def findings_text(findings: Sequence[Finding], entries: int) -> str:
    """A block for each severity and a count of each."""
    lines = []
    for severity, group in groupby(findings, key=lambda finding: finding.severity):
        lines += [f"{severity.value.upper()}S", *table([("  " + f.entry_id, finding_text(f)) for f in group]), ""]
    counts = [sum(finding.severity is severity for finding in findings) for severity in Severity]
    told = ", ".join(count(n, severity.value) for n, severity in zip(counts, Severity, strict=True))
    return "\n".join([*lines, f"{count(entries, 'entry', 'entries')} checked: {told}"])


def findings_json(findings: Sequence[Finding], entries: int) -> dict[str, Any]:
    told = [{**asdict(finding), "text": finding_text(finding)} for finding in findings]
    return {"entries": entries, "findings": told}


def _leads_to(other: str) -> str:
    return f"leads to {other}" if other else "leads to nothing: it holds no word to be found by"


def _few(ids: Sequence[str]) -> str:
    return ", ".join(ids[:3]) + (f" and {len(ids) - 3} more" if len(ids) > 3 else "")


def _the(facts: Mapping[str, Any]) -> str:
    return quoted([facts["wording"]])
