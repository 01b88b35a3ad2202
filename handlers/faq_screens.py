"""What an admin sees of the FAQ in Telegram: plain text, and buttons that carry an entry's id and a language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from faq.answers import title_in
from faq.entry import LANGUAGES
from handlers.rendering import Entity, parts
from support.desk import Desk
from support.errors import DeskError
from support.faq_admin import HistoryLine, KeptEntry
from support.reply import Reply
from support.times import moment

LONGEST_SCREEN = 4000
"""A little less than Telegram's 4,096, for the line breaks between blocks."""
LONGEST_BUTTON = 60


class Verb(StrEnum):
    """What a button does."""

    SHOW = "show"
    ADD = "add"
    NEW = "new"
    QUESTIONS = "questions"
    ANSWER = "answer"
    WITHDRAW = "withdraw"
    CONFIRM = "confirm"
    PUBLISH = "publish"
    HISTORY = "history"
    CANCEL = "cancel"


class FaqPress(CallbackData, prefix="faq"):
    """At most 62 of the 64 bytes: an id has up to 40."""

    verb: Verb
    entry_id: str = ""
    language: Literal["", "en", "zh-Hans", "zh-Hant"] = ""


@dataclass(frozen=True, slots=True)
class Screen:
    """One message."""

    text: str
    keyboard: InlineKeyboardMarkup | None = None
    entities: tuple[Entity, ...] = ()


class Screens:
    """Words everything in the desk's language."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._language = desk, desk.default_language

    def say(self, key: str, /, **params: object) -> str:
        return self._desk.texts.say(self._language, key, **params)

    def help(self) -> Screen:
        return Screen(self.say("faq.help"), self._buttons([self._button("faq.button.add", Verb.ADD)]))

    def found(self, query: str, entries: Sequence[KeptEntry]) -> Screen:
        if not entries:
            text = self.say("faq.none_found", query=query[:LONGEST_BUTTON])
            return Screen(text, self._buttons([self._button("faq.button.add", Verb.ADD)]))
        if len(entries) == 1:
            return self.entry(entries[0])
        rows = [[self._titled(kept)] for kept in entries]
        return Screen(self.say("faq.found"), self._buttons(*rows, [self._button("faq.button.add", Verb.ADD)]))

    def _titled(self, kept: KeptEntry) -> InlineKeyboardButton:
        return _pressed(title_in(kept.entry, self._language)[:LONGEST_BUTTON], Verb.SHOW, kept.id)

    def entry(self, kept: KeptEntry, news: str = "") -> Screen:
        """An entry with all it says, below the news of what has just been done to it."""
        blocks = [
            self.say(news, id=kept.id) if news else "",
            self.say("faq.entry", id=kept.id, category=kept.entry.category).strip(" ·"),
            self.say("faq.withdrawn", id=kept.id) if kept.withdrawn and news != "faq.withdrawn" else "",
            *(self._in_language(kept, language) for language in LANGUAGES),
        ]
        return Screen(_fitted(blocks), self._entry_buttons(kept))

    def _in_language(self, kept: KeptEntry, language: str) -> str:
        name = self.say(f"language.{language}")
        questions, answer = kept.entry.questions.get(language, ()), kept.entry.answers.get(language)
        lines = [self.say("faq.questions", language=name), *questions] if questions else []
        lines += [self.say("faq.answer", language=name), answer or self.say("faq.missing_answer")]
        return "\n".join(lines)

    def _entry_buttons(self, kept: KeptEntry) -> InlineKeyboardMarkup:
        withdraw_or_publish = (
            self._button("faq.button.publish", Verb.PUBLISH, kept.id)
            if kept.withdrawn
            else self._button("faq.button.withdraw", Verb.WITHDRAW, kept.id)
        )
        return self._buttons(
            [
                self._button("faq.button.questions", Verb.QUESTIONS, kept.id),
                self._button("faq.button.answer", Verb.ANSWER, kept.id),
            ],
            [withdraw_or_publish, self._button("faq.button.history", Verb.HISTORY, kept.id)],
        )

    def languages(self, verb: Verb, entry_id: str) -> Screen:
        """Asks in which language."""
        rows = [[_pressed(self.say(f"language.{each}"), verb, entry_id, each)] for each in LANGUAGES]
        return Screen(self.say("faq.choose_language"), self._buttons(*rows, [self._cancel()]))

    def ask(self, key: str, language: str = "", present: Iterable[str] = ()) -> Screen:
        """Asks for a text; `present` is what it will replace, to be copied and changed."""
        name = self.say(f"language.{language}") if language else ""
        return Screen(_fitted([self.say(key, language=name), "\n".join(present)]), self._buttons([self._cancel()]))

    def preview(self, answer: str) -> list[Screen]:
        """An answer as customers will read it."""
        shown = parts(Reply(self.say("faq.preview", answer=answer), markdown=True))
        return [Screen(text, entities=entities) for text, entities in shown]

    def confirm_withdrawal(self, kept: KeptEntry) -> Screen:
        yes = self._button("faq.button.withdraw", Verb.CONFIRM, kept.id)
        return Screen(self.say("faq.confirm_withdraw", id=kept.id), self._buttons([yes, self._cancel()]))

    def history(self, entry_id: str, lines: Iterable[HistoryLine], now: datetime) -> Screen:
        told = [
            self.say(
                "faq.history_line",
                when=moment(line.at, now, self._language, self._desk.timezone),
                who=line.who or "–",
                what=self.say(f"faq.what.{line.action}"),
            )
            for line in lines
        ]
        return Screen("\n".join([self.say("faq.history", id=entry_id), *told]))

    def cancelled(self) -> Screen:
        return Screen(self.say("faq.cancelled"))

    def needs_text(self) -> Screen:
        return Screen(self.say("faq.needs_text"), self._buttons([self._cancel()]))

    def error(self, error: DeskError) -> Screen:
        """What cannot be done, and a way out of being asked."""
        return Screen(_fitted([self.say(error.key, **error.params)]), self._buttons([self._cancel()]))

    def _cancel(self) -> InlineKeyboardButton:
        return self._button("faq.button.cancel", Verb.CANCEL)

    def _button(self, key: str, verb: Verb, entry_id: str = "") -> InlineKeyboardButton:
        return _pressed(self.say(key), verb, entry_id)

    def _buttons(self, *rows: list[InlineKeyboardButton]) -> InlineKeyboardMarkup:
        return InlineKeyboardMarkup(inline_keyboard=list(rows))


def _pressed(label: str, verb: Verb, entry_id: str = "", language: str = "") -> InlineKeyboardButton:
    data = FaqPress.model_validate({"verb": verb, "entry_id": entry_id, "language": language})
    return InlineKeyboardButton(text=label, callback_data=data.pack())


def _fitted(blocks: Iterable[str]) -> str:
    """The blocks in one message; if they are too long together, each is cut to an equal share."""
    said = [block for block in blocks if block]
    if sum(map(len, said)) > LONGEST_SCREEN:
        share = LONGEST_SCREEN // len(said)
        said = [block if len(block) <= share else block[: share - 1] + "…" for block in said]
    return "\n\n".join(said)
