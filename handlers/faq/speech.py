"""How /faq talks: the desk's language for everything, and the buttons that every screen has."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from aiogram.types import InlineKeyboardButton

from handlers.faq.press import Verb, pressed
from support.desk import Desk
from support.pages import Page
from support.words.times import moment

BACK, ON = "‹", "›"


class Speech:
    """The desk's words at one moment."""

    def __init__(self, desk: Desk, now: datetime) -> None:
        self.language, self._desk, self._now = desk.default_language, desk, now

    def say(self, key: str, /, **params: object) -> str:
        return self._desk.texts.say(self.language, key, **params)

    def when(self, at: datetime) -> str:
        return moment(at, self._now, self.language, self._desk.timezone)

    def name_of(self, language: str) -> str:
        """A language's own name; its tag where we have no texts in it."""
        return self.say(f"language.{language}") if language in self._desk.texts.languages else language

    def button(self, key: str, verb: Verb, entry_id: str = "", number: int = 0) -> InlineKeyboardButton:
        return pressed(self.say(key), verb, entry_id, number=number)

    def cancel(self) -> InlineKeyboardButton:
        return self.button("faq.button.cancel", Verb.CANCEL)

    def turning(self, page: Page[Any], verb: Verb, entry_id: str = "") -> list[InlineKeyboardButton]:
        """The buttons to the page before and the page after, where there are such."""
        before = [pressed(BACK, verb, entry_id, number=page.number - 1)] if page.number else []
        return before + ([pressed(ON, verb, entry_id, number=page.number + 1)] if page.more else [])


def percent(share: float) -> int:
    """Whole per cents; only certainty is called 100."""
    return min(round(100 * share), 99) if share < 1 else 100
