"""What an admin sees of an FAQ entry in Telegram: plain text, whoever wrote it, and buttons."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from faq.answers import title_in
from faq.entry import LANGUAGES, FaqEntry
from handlers.faq.press import LONGEST_BUTTON, Screen, Verb, buttons, cut, fitted, pressed
from handlers.faq.speech import Speech, percent
from handlers.rendering import parts
from support.errors import DeskError
from support.knowledge.draft import Draft
from support.knowledge.entries import KeptEntry
from support.knowledge.learning import Helpfulness
from support.talk.reply import Reply


def help_screen(speech: Speech) -> Screen:
    laboratory = [
        speech.button("faq.button.check", Verb.CHECK),
        speech.button("faq.button.gaps", Verb.GAPS),
        speech.button("faq.button.replay", Verb.REPLAY),
    ]
    waiting = [
        speech.button("faq.button.drafts", Verb.DRAFTS),
        speech.button("faq.button.proposals", Verb.PROPOSALS),
    ]
    adding = [speech.button("faq.button.add", Verb.ADD), speech.button("faq.button.try", Verb.TRY)]
    return Screen(speech.say("faq.help"), buttons(adding, waiting, laboratory))


def found_screen(speech: Speech, query: str, entries: Sequence[KeptEntry]) -> Screen:
    add = [speech.button("faq.button.add", Verb.ADD)]
    if not entries:
        return Screen(speech.say("faq.none_found", query=cut(query, LONGEST_BUTTON)), buttons(add))
    rows = [[pressed(title_in(kept.entry, speech.language), Verb.SHOW, kept.id)] for kept in entries]
    return Screen(speech.say("faq.found"), buttons(*rows, add))


def entry_screen(
    speech: Speech,
    kept: KeptEntry,
    draft: Draft | None = None,
    helped: Helpfulness | None = None,
    news: str = "",
    undo: int | None = None,
) -> Screen:
    """An entry as it is published, below the news of what has just been done to it; `undo` is the revision of that."""
    blocks = [
        speech.say(news, id=kept.id) if news else "",
        speech.say("faq.entry", id=kept.id, category=kept.entry.category).strip(" ·"),
        speech.say("faq.withdrawn", id=kept.id) if kept.withdrawn and news != "faq.withdrawn" else "",
        speech.say("faq.draft.open", who=draft.who or "–") if draft else "",
        _helpfulness(speech, helped),
        *texts_of(speech, kept.entry),
        _in_file(speech, kept.entry),
    ]
    return Screen(fitted(blocks), _entry_buttons(speech, kept, draft, undo))


def _in_file(speech: Speech, entry: FaqEntry) -> str:
    """What else the entry has, and where it is edited."""
    lines = [speech.say("faq.has_form", number=len(entry.form))] if entry.form else []
    lines += [speech.say("faq.has_variants", number=len(entry.variants))] if entry.variants else []
    return "\n".join([*lines, speech.say("faq.edited_in_file")]) if lines else ""


def _helpfulness(speech: Speech, helped: Helpfulness | None) -> str:
    if helped is None or not helped.people:
        return ""
    low, high = percent(helped.low), percent(helped.high)
    return speech.say("faq.helped", helped=helped.helped, count=helped.people, low=low, high=high)


def texts_of(speech: Speech, entry: FaqEntry) -> list[str]:
    """All that an entry says, a block a language; our languages are named even where they lack an answer."""
    languages = dict.fromkeys([*LANGUAGES, *entry.questions, *entry.answers])
    return [_in_language(speech, entry, language) for language in languages]


def _in_language(speech: Speech, entry: FaqEntry, language: str) -> str:
    name = speech.name_of(language)
    questions, answer = entry.questions.get(language, ()), entry.answers.get(language)
    lines = [speech.say("faq.questions", language=name), *questions] if questions else []
    lines += [speech.say("faq.answer", language=name), answer or speech.say("faq.missing_answer")]
    return "\n".join(lines)


def _entry_buttons(speech: Speech, kept: KeptEntry, draft: Draft | None, undo: int | None) -> InlineKeyboardMarkup:
    withdraw_or_publish = (
        speech.button("faq.button.publish", Verb.REPUBLISH, kept.id)
        if kept.withdrawn
        else speech.button("faq.button.withdraw", Verb.WITHDRAW, kept.id)
    )
    return buttons(
        [speech.button("faq.button.undo", Verb.UNDO, number=undo)] if undo else [],
        [speech.button("faq.button.draft", Verb.DRAFT, kept.id)] if draft else [],
        editing(speech, kept.id),
        [withdraw_or_publish, speech.button("faq.button.history", Verb.HISTORY, kept.id)],
    )


def editing(speech: Speech, entry_id: str) -> list[InlineKeyboardButton]:
    return [
        speech.button("faq.button.questions", Verb.QUESTIONS, entry_id),
        speech.button("faq.button.answer", Verb.ANSWER, entry_id),
        speech.button("faq.button.category", Verb.CATEGORY, entry_id),
    ]


def languages_screen(speech: Speech, verb: Verb, entry_id: str) -> Screen:
    """Asks in which language."""
    rows = [[pressed(speech.name_of(each), verb, entry_id, each)] for each in LANGUAGES]
    return Screen(speech.say("faq.choose_language"), buttons(*rows, [speech.cancel()]))


def ask_screen(speech: Speech, key: str, language: str = "", present: Iterable[str] = ()) -> Screen:
    """Asks for a text; `present` is what it will replace, to be copied and changed."""
    name = speech.name_of(language) if language else ""
    return Screen(fitted([speech.say(key, language=name), "\n".join(present)]), buttons([speech.cancel()]))


def preview(speech: Speech, answer: str) -> list[Screen]:
    """An answer as customers will read it."""
    return markdown(speech.say("faq.preview", answer=answer))


def markdown(text: str) -> list[Screen]:
    """An admin's small Markdown, in as many messages as it takes."""
    return [Screen(piece, entities=entities) for piece, entities in parts(Reply(text, markdown=True))]


def confirm_withdrawal(speech: Speech, kept: KeptEntry) -> Screen:
    yes = speech.button("faq.button.withdraw", Verb.CONFIRM, kept.id)
    return Screen(speech.say("faq.confirm_withdraw", id=kept.id), buttons([yes, speech.cancel()]))


def error_screen(speech: Speech, error: DeskError) -> Screen:
    """What cannot be done, and a way out of being asked."""
    return Screen(fitted([speech.say(error.key, **error.params)]), buttons([speech.cancel()]))


def needs_text(speech: Speech) -> Screen:
    return Screen(speech.say("faq.needs_text"), buttons([speech.cancel()]))
