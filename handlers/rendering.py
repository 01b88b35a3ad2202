"""Replies as Telegram shows them: text with entities, never a parse mode, and buttons in rows that fit a phone."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, MessageEntity
from telegramify_markdown import convert, split_entities

from crm_store.models import Touchpoint
from support.reply import Reply

LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024
ROW_WIDTH = 24
ROW_BUTTONS = 5

Part = tuple[str, tuple[MessageEntity, ...]]


def parts(reply: Reply, limit: int = LONGEST_TEXT) -> tuple[Part, ...]:
    """The reply in pieces of at most `limit` UTF-16 units; nearly always one."""
    return _rendered(reply.text, reply.markdown, limit)


@lru_cache(maxsize=2048)
def _rendered(text: str, markdown: bool, limit: int) -> tuple[Part, ...]:
    plain, entities = convert(text) if markdown else (text, [])
    pieces = split_entities(plain, entities, limit)
    return tuple((piece.strip("\n"), _entities(found)) for piece, found in pieces if piece.strip())


def _entities(found: Sequence[object]) -> tuple[MessageEntity, ...]:
    return tuple(MessageEntity.model_validate({k: v for k, v in vars_of(e).items() if v is not None}) for e in found)


def vars_of(entity: object) -> dict[str, object]:
    return {name: getattr(entity, name) for name in ("type", "offset", "length", "url", "language")}


def keyboard(touchpoint: Touchpoint, reply: Reply) -> InlineKeyboardMarkup | None:
    """Buttons whose data is only where we offered them: the ledger knows what they do."""
    rows: list[list[InlineKeyboardButton]] = []
    width = 0
    for index, button in enumerate(reply.buttons):
        key = InlineKeyboardButton(text=button.label, callback_data=f"b:{touchpoint.id}:{index}")
        length = sum(2 if ord(c) > 0x2E80 else 1 for c in button.label)
        if rows and width + length <= ROW_WIDTH and len(rows[-1]) < ROW_BUTTONS:
            rows[-1].append(key)
            width += length + 2
        else:
            rows.append([key])
            width = length + 2
    return InlineKeyboardMarkup(inline_keyboard=rows) if rows else None
