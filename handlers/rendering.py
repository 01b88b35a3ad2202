"""Replies as Telegram shows them: text with entities, never a parse mode, and buttons in rows that fit a phone."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from telegramify_markdown import MessageEntity, convert

from crm_store.models import Touchpoint
from handlers.cutting import cut
from support.talk.reply import Reply
from support.words.blank import is_blank

LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024
ROW_WIDTH = 24
ROW_BUTTONS = 5
LINKS = ("http://", "https://", "tg://")
FIRST_WIDE = 0x2E80  # Chinese characters and all that follow take twice the room

Entity = dict[str, Any]
Part = tuple[str, tuple[Entity, ...]]


def parts(reply: Reply, limit: int = LONGEST_TEXT) -> tuple[Part, ...]:
    """The reply in pieces of at most `limit` UTF-16 units, each with its entities; nearly always one."""
    return _rendered(reply.text, reply.markdown, limit)


@lru_cache(maxsize=2048)
def _rendered(text: str, markdown: bool, limit: int) -> tuple[Part, ...]:
    plain, entities = convert(text) if markdown else (text, [])
    pieces = cut(plain, entities, limit)
    return tuple((piece, _entities(found)) for piece, found in pieces if not is_blank(piece))


def _entities(found: Iterable[MessageEntity]) -> tuple[Entity, ...]:
    """Ready for Telegram; a link to anywhere but the web and Telegram itself stays plain words."""
    return tuple(e.to_dict() for e in found if e.url is None or e.url.lower().startswith(LINKS))


def keyboard(touchpoint: Touchpoint, reply: Reply) -> dict[str, Any] | None:
    """Buttons whose data is only where we offered them: the ledger knows what they do.

    Telegram's own button that shares a number stands where the phone's keyboard is, and has to be taken away again.
    """
    if reply.asks_contact:
        share = {"text": reply.asks_contact, "request_contact": True}
        return {"keyboard": [[share]], "resize_keyboard": True, "one_time_keyboard": True}
    if reply.ends_asking:
        return {"remove_keyboard": True}
    rows: list[list[dict[str, str]]] = []
    width = 0
    for index, button in enumerate(reply.buttons):
        key = {"text": button.label, "callback_data": f"b:{touchpoint.id}:{index}"}
        length = sum(2 if ord(c) >= FIRST_WIDE else 1 for c in button.label)
        if rows and width + length <= ROW_WIDTH and len(rows[-1]) < ROW_BUTTONS:
            rows[-1].append(key)
            width += length + 2
        else:
            rows.append([key])
            width = length + 2
    return {"inline_keyboard": rows} if rows else None
