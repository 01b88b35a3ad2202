"""What an admin sees of an entry's history, and of what it said after one of its changes."""

from __future__ import annotations

from handlers.faq.draft_screens import difference_blocks
from handlers.faq.press import Screen, Verb, buttons, fitted, pressed
from handlers.faq.screens import texts_of
from handlers.faq.speech import Speech
from support.knowledge.difference import Difference
from support.knowledge.history import LINES_A_PAGE, Former, HistoryLine
from support.pages import Page

NUMBERS_A_ROW = 4


def history_screen(speech: Speech, entry_id: str, page: Page[HistoryLine]) -> Screen:
    """A line a change, and a button with its number that shows what the entry said then."""
    first = page.number * LINES_A_PAGE + 1
    told = [f"{number}. {_told(speech, line)}" for number, line in enumerate(page.items, first)]
    numbers = [pressed(str(number), Verb.FORMER, number=line.id) for number, line in enumerate(page.items, first)]
    rows = [numbers[i : i + NUMBERS_A_ROW] for i in range(0, len(numbers), NUMBERS_A_ROW)]
    text = "\n".join([speech.say("faq.history", id=entry_id), *told])
    return Screen(text, buttons(*rows, speech.turning(page, Verb.HISTORY, entry_id)))


def former_screen(speech: Speech, former: Former, change: Difference, *, is_live: bool) -> Screen:
    """What the entry said then; `change` is what restoring it would change now."""
    title = speech.say("faq.former", id=former.entry.id, change=_told(speech, former.line))
    withdrawn = speech.say("faq.former.withdrawn") if former.withdrawn else ""
    if is_live:
        return Screen(fitted([title, withdrawn, speech.say("faq.former.same"), *texts_of(speech, former.entry)]))
    changes = [speech.say("faq.former.changes"), *difference_blocks(speech, change)] if change else []
    choices = [
        speech.button("faq.button.redraft", Verb.REDRAFT, number=former.line.id),
        speech.button("faq.button.restore", Verb.RESTORE, number=former.line.id),
    ]
    blocks = [title, withdrawn, *texts_of(speech, former.entry), *changes]
    return Screen(fitted(blocks), buttons(choices, [speech.cancel()]))


def _told(speech: Speech, line: HistoryLine) -> str:
    what = speech.say(f"faq.what.{line.action}")
    return speech.say("faq.history_line", when=speech.when(line.at), who=line.who or "–", what=what)
