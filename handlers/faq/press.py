"""The buttons of /faq, and the messages that carry them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup
from pydantic import Field

from handlers.rendering import Entity

LONGEST_SCREEN = 4000
"""A little less than Telegram's 4,096, for the line breaks between blocks."""
LONGEST_BUTTON = 60
LAST_PAGE = 100_000


class Verb(StrEnum):
    """What a button does. What `number` means is said where it is used; nine letters at most."""

    HELP = "help"
    SHOW = "show"
    ADD = "add"
    NEW = "new"
    QUESTIONS = "questions"
    ANSWER = "answer"
    CATEGORY = "category"
    WITHDRAW = "withdraw"
    CONFIRM = "confirm"
    REPUBLISH = "again"
    CANCEL = "cancel"
    DRAFTS = "drafts"
    """number: a page"""
    DRAFT = "draft"
    PREVIEW = "preview"
    PUBLISH = "publish"
    """number: the stamp of the draft that was seen, here and in the next two"""
    DISCARD = "discard"
    THROW = "throw"
    TRY = "try"
    HISTORY = "history"
    """number: a page"""
    FORMER = "former"
    """number: a revision's id, here and in the next three"""
    REDRAFT = "redraft"
    RESTORE = "restore"
    UNDO = "undo"
    CHECK = "check"
    """number: a page, here and in the next three"""
    REPLAY = "replay"
    GAPS = "gaps"
    PROPOSALS = "proposals"
    FILL = "fill"
    """number: the stamp of a gap's question"""
    TAKE = "take"
    """number: a proposal's id, here and in the next one"""
    DECLINE = "decline"


class FaqPress(CallbackData, prefix="faq"):
    """At most 64 bytes: an id has up to 40, and a button with a long number names no language and no entry."""

    verb: Verb
    entry_id: Annotated[str, Field(max_length=40)] = ""
    language: Literal["", "en", "zh-Hans", "zh-Hant"] = ""
    number: Annotated[int, Field(ge=0, lt=2**63)] = 0

    @property
    def page(self) -> int:
        """The number of a page, no larger than any list is long."""
        return min(self.number, LAST_PAGE)


@dataclass(frozen=True, slots=True)
class Screen:
    """One message."""

    text: str
    keyboard: InlineKeyboardMarkup | None = None
    entities: tuple[Entity, ...] = ()


def pressed(label: str, verb: Verb, entry_id: str = "", language: str = "", number: int = 0) -> InlineKeyboardButton:
    """A button; a long label is cut."""
    data = FaqPress.model_validate({"verb": verb, "entry_id": entry_id, "language": language, "number": number})
    return InlineKeyboardButton(text=cut(label, LONGEST_BUTTON), callback_data=data.pack())


def buttons(*rows: Iterable[InlineKeyboardButton]) -> InlineKeyboardMarkup:
    """Rows without buttons are left out."""
    return InlineKeyboardMarkup(inline_keyboard=[list(row) for row in rows if row])


def fitted(blocks: Iterable[str]) -> str:
    """The blocks in one message; if they are too long together, each is cut to an equal share."""
    said = [block for block in blocks if block]
    if sum(map(units, said)) > LONGEST_SCREEN:
        share = LONGEST_SCREEN // len(said)
        said = [cut(block, share) for block in said]
    return "\n\n".join(said)


def cut(text: str, limit: int) -> str:
    """At most `limit` of Telegram's characters, an ellipsis instead of what is missing."""
    if units(text) <= limit:
        return text
    kept = text.encode("utf-16-le")[: 2 * (limit - 1)].decode("utf-16-le", errors="ignore")
    return f"{kept}…"


def units(text: str) -> int:
    """The length as Telegram counts it: in UTF-16."""
    return len(text.encode("utf-16-le")) // 2
