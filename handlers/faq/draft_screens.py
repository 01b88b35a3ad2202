"""What an admin sees of a draft: how it differs from what is live, what it would change, what it would answer."""

from __future__ import annotations

from collections.abc import Iterable

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from faq.answers import title_in
from faq.matcher import Decision
from handlers.faq.press import Screen, Verb, buttons, fitted, pressed
from handlers.faq.screens import editing, markdown
from handlers.faq.speech import Speech, percent
from support.knowledge.difference import AnswerChange, Difference, QuestionsChange
from support.knowledge.draft import Draft
from support.knowledge.trial import Trial
from support.pages import Page

ADDED, REMOVED = "+", "−"


def draft_screen(speech: Speech, draft: Draft, news: str = "") -> Screen:
    """What differs from what is published, and what can be done with it."""
    withdrawn = draft.published is not None and draft.published.withdrawn
    blocks = [
        speech.say(news, id=draft.id) if news else "",
        speech.say("faq.draft.title", id=draft.id),
        speech.say("faq.draft.by", who=draft.who or "–", when=speech.when(draft.at)),
        speech.say("faq.draft.new") if draft.published is None else "",
        speech.say("faq.draft.withdrawn") if withdrawn else "",
        *difference_blocks(speech, draft.difference),
    ]
    return Screen(fitted(blocks), draft_buttons(speech, draft))


def difference_blocks(speech: Speech, change: Difference) -> Iterable[str]:
    yield from (_questions(speech, each) for each in change.questions)
    for each in change.answers:
        yield from _answer(speech, each)
    if change.category:
        before, after = change.category.before or "–", change.category.after or "–"
        yield speech.say("faq.draft.category", before=before, after=after)
    if change.more:
        yield speech.say("faq.draft.more")


def _questions(speech: Speech, change: QuestionsChange) -> str:
    name = speech.name_of(change.language)
    if not change.added and not change.removed:
        return speech.say("faq.draft.reordered", language=name)
    lines = [f"{ADDED} {text}" for text in change.added] + [f"{REMOVED} {text}" for text in change.removed]
    return "\n".join([speech.say("faq.questions", language=name), *lines])


def _answer(speech: Speech, change: AnswerChange) -> Iterable[str]:
    name = speech.name_of(change.language)
    if change.before is not None:
        yield "\n".join([speech.say("faq.draft.now", language=name), change.before])
    after = change.after or speech.say("faq.missing_answer")
    yield "\n".join([speech.say("faq.draft.then", language=name), after])


def draft_buttons(speech: Speech, draft: Draft) -> InlineKeyboardMarkup:
    return buttons(decisions(speech, draft), [_preview(speech, draft)], editing(speech, draft.id))


def decisions(speech: Speech, draft: Draft) -> list[InlineKeyboardButton]:
    """Each is about the draft as it stands on this screen."""
    return [
        speech.button("faq.button.publish", Verb.PUBLISH, draft.id, draft.stamp),
        speech.button("faq.button.try", Verb.TRY, draft.id),
        speech.button("faq.button.discard", Verb.DISCARD, draft.id, draft.stamp),
    ]


def _preview(speech: Speech, draft: Draft) -> InlineKeyboardButton:
    return speech.button("faq.button.preview", Verb.PREVIEW, draft.id)


def confirm_discard(speech: Speech, draft: Draft) -> Screen:
    yes = speech.button("faq.button.discard", Verb.THROW, draft.id, draft.stamp)
    return Screen(speech.say("faq.draft.confirm_discard", id=draft.id), buttons([yes, speech.cancel()]))


def drafts_screen(speech: Speech, page: Page[Draft]) -> Screen:
    if not page.items and not page.number:
        return Screen(speech.say("faq.draft.empty"), buttons([speech.button("faq.button.add", Verb.ADD)]))
    rows = [[pressed(title_in(draft.entry, speech.language), Verb.DRAFT, draft.id)] for draft in page.items]
    return Screen(speech.say("faq.draft.list"), buttons(*rows, speech.turning(page, Verb.DRAFTS)))


def trial_screens(speech: Speech, trial: Trial, draft: Draft | None) -> list[Screen]:
    """What the bot would say, and how near which entries are."""
    shown = markdown(speech.say("faq.trial.reply", answer=trial.answer)) if trial.answer is not None else []
    nearest = [speech.say("faq.trial.line", percent=percent(m.confidence), entry=m.entry_id) for m in trial.matches]
    lines = [_decided(speech, trial), *nearest]
    again = speech.button("faq.button.try_again", Verb.TRY, draft.id if draft else "")
    others = [match.entry_id for match in trial.matches[:2] if draft is None or match.entry_id != draft.id]
    leading = [pressed(entry_id, Verb.SHOW, entry_id) for entry_id in others]
    back = [speech.button("faq.button.draft", Verb.DRAFT, draft.id)] if draft else []
    return [*shown, Screen("\n".join(lines), buttons([again, *back], leading))]


def _decided(speech: Speech, trial: Trial) -> str:
    if trial.decision is Decision.ANSWER:
        best = trial.matches[0]
        return speech.say("faq.trial.answer", entry=best.entry_id, percent=percent(best.confidence))
    return speech.say("faq.trial.suggest" if trial.decision is Decision.SUGGEST else "faq.trial.refuse")
