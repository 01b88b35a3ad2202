"""What an admin sees of the laboratory: what is wrong, what would change, what is missing, what customers propose.

Customers' words stand here as plain text: nothing of them is ever read as markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aiogram.types import InlineKeyboardButton

from crm_store.models import FaqProposal
from faq.findings import Finding, Severity
from faq.gaps import Gap
from faq.matcher import Decision
from faq.replay import Change, Doubt, Replay, Verdict
from handlers.faq.draft_screens import draft_buttons
from handlers.faq.findings import finding_line
from handlers.faq.press import Screen, Verb, buttons, cut, fitted, pressed
from handlers.faq.speech import Speech, percent
from support.knowledge.draft import Draft
from support.knowledge.gaps import stamp_of
from support.knowledge.learning import Proposal
from support.pages import Page

WORST = 5
"""How many of a list one screen shows."""
LONGEST_QUOTE = 150
EXAMPLES = 4


@dataclass(frozen=True, slots=True)
class Counts:
    """How many findings there are of each severity."""

    errors: int
    warnings: int
    hints: int

    @classmethod
    def of(cls, findings: Sequence[Finding]) -> Counts:
        found = [finding.severity for finding in findings]
        return cls(*(found.count(severity) for severity in (Severity.ERROR, Severity.WARNING, Severity.HINT)))


def check_screen(speech: Speech, counts: Counts, page: Page[Finding]) -> Screen:
    """Findings, the worst first, each with a button to its entry."""
    if not page.items:
        return Screen(speech.say("faq.check.fine"), buttons([speech.button("faq.button.gaps", Verb.GAPS)]))
    title = speech.say("faq.check.title", errors=counts.errors, warnings=counts.warnings, hints=counts.hints)
    lines = [finding_line(speech, finding) for finding in page.items]
    rows = _entries(finding.entry_id for finding in page.items)
    return Screen(fitted([title, *lines]), buttons(*rows, speech.turning(page, Verb.CHECK)))


def replay_screen(speech: Speech, replay: Replay, *, with_drafts: bool) -> Screen:
    """How past questions fare now and with the drafts, the worst first."""
    if not replay.questions:
        return Screen(speech.say("faq.replay.none"))
    title = "faq.replay.drafts" if with_drafts else "faq.replay.title"
    blocks = [speech.say(title, count=replay.questions), *_replayed(speech, replay)]
    doubts = replay.doubts[:WORST]
    if doubts:
        blocks.append("\n".join([speech.say("faq.replay.doubts"), *(_doubt(speech, doubt) for doubt in doubts)]))
    more = [speech.button("faq.button.drafts", Verb.DRAFTS)] if with_drafts else []
    return Screen(fitted(blocks), buttons(*_entries(doubt.entry_id for doubt in doubts), more))


def preview_screen(speech: Speech, draft: Draft, findings: Sequence[Finding], replay: Replay) -> Screen:
    """What publishing a draft would do: where its entry collides, and how past questions would fare."""
    fine = [] if findings else [speech.say("faq.preview_fine")]
    asked = speech.say("faq.replay.last", count=replay.questions) if replay.questions else ""
    blocks = [
        speech.say("faq.preview_title", id=draft.id),
        *(finding_line(speech, finding) for finding in findings[:WORST]),
        *fine,
        "\n".join([asked, *_replayed(speech, replay)]) if asked else speech.say("faq.replay.none"),
    ]
    return Screen(fitted(blocks), draft_buttons(speech, draft))


def _replayed(speech: Speech, replay: Replay) -> Iterable[str]:
    """The figures before and after, and the changes that meet most questions."""
    before, after = replay.before, replay.after
    wrong = round(before.expected_wrong), round(after.expected_wrong)
    figures = [
        speech.say("faq.replay.answered", before=before.answered, after=after.answered),
        speech.say("faq.replay.suggested", before=before.suggested, after=after.suggested),
        speech.say("faq.replay.refused", before=before.refused, after=after.refused),
        speech.say("faq.replay.wrong", before=wrong[0], after=wrong[1]),
    ]
    yield "\n".join(figures)
    if replay.changes:
        yield "\n".join(_change(speech, change) for change in replay.changes[:WORST])
    else:
        yield speech.say("faq.replay.unchanged")


def _change(speech: Speech, change: Change) -> str:
    example = cut(next(iter(change.examples), ""), LONGEST_QUOTE)
    before, after = _verdict(speech, change.before), _verdict(speech, change.after)
    return speech.say("faq.replay.change", number=change.count, example=example, before=before, after=after)


def _verdict(speech: Speech, verdict: Verdict) -> str:
    if verdict.decision is Decision.ANSWER and verdict.entry_id:
        return verdict.entry_id
    return speech.say("faq.verdict.suggest" if verdict.decision is Decision.SUGGEST else "faq.verdict.refuse")


def _doubt(speech: Speech, doubt: Doubt) -> str:
    share = percent(doubt.confidence)
    return speech.say("faq.replay.doubt", text=cut(doubt.text, LONGEST_QUOTE), entry=doubt.entry_id, percent=share)


def gaps_screen(speech: Speech, page: Page[Gap], total: int, days: int) -> Screen:
    """What nobody could answer, each with a button that makes a draft of it."""
    if not page.items:
        return Screen(speech.say("faq.gaps.none", days=days))
    first = page.number * WORST + 1
    blocks = [_gap(speech, number, gap) for number, gap in enumerate(page.items, first)]
    rows = [
        [pressed(speech.say("faq.button.fill", number=number), Verb.FILL, number=stamp_of(gap))]
        for number, gap in enumerate(page.items, first)
    ]
    title = speech.say("faq.gaps.title", number=total, days=days)
    return Screen(fitted([title, *blocks]), buttons(*rows, speech.turning(page, Verb.GAPS)))


def _gap(speech: Speech, number: int, gap: Gap) -> str:
    title = speech.say(
        "faq.gaps.line", number=number, questions=gap.questions, people=gap.people, when=speech.when(gap.last)
    )
    texts = [text for wordings in gap.examples.values() for text in wordings]
    quoted = [speech.say("faq.gaps.example", text=cut(text, LONGEST_QUOTE)) for text in texts[:EXAMPLES]]
    return "\n".join([title, *quoted])


def proposals_screen(speech: Speech, page: Page[Proposal]) -> Screen:
    """Customers' wordings for entries that they chose themselves; an admin says which join."""
    if not page.items:
        return Screen(speech.say("faq.proposals.none"))
    first = page.number * WORST + 1
    lines, rows = [], []
    for number, each in enumerate(page.items, first):
        text = cut(each.text, LONGEST_QUOTE)
        lines.append(speech.say("faq.proposals.line", number=number, text=text, entry=each.entry_id, count=each.people))
        rows.append(
            [
                pressed(speech.say("faq.button.take", number=number), Verb.TAKE, number=each.id),
                pressed(speech.say("faq.button.decline", number=number), Verb.DECLINE, number=each.id),
            ]
        )
    text = fitted([speech.say("faq.proposals.title"), *lines])
    return Screen(text, buttons(*rows, speech.turning(page, Verb.PROPOSALS)))


def decided_screen(speech: Speech, key: str, proposal: FaqProposal) -> Screen:
    """What has become of a proposal, and the way on."""
    entry = [pressed(proposal.entry_id, Verb.SHOW, proposal.entry_id)]
    more = [speech.button("faq.button.proposals", Verb.PROPOSALS)]
    return Screen(
        speech.say(key, text=cut(proposal.text, LONGEST_QUOTE), entry=proposal.entry_id), buttons(entry, more)
    )


def _entries(ids: Iterable[str]) -> list[list[InlineKeyboardButton]]:
    """A button for each entry, once."""
    return [[pressed(entry_id, Verb.SHOW, entry_id)] for entry_id in dict.fromkeys(ids)]
