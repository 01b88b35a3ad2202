"""Rows of the ledger as bubbles of a chat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from crm_store.queries.chat import Said


@dataclass(frozen=True, slots=True)
class FileView:
    """An attachment: `url` is None while its bytes are elsewhere, `shown` says that it is a picture of ours."""

    name: str
    url: str | None
    shown: bool


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message as its reader sees it. `side` is mine (the customer's), theirs or notice."""

    said: Said
    side: str
    buttons: tuple[str, ...] = ()
    file: FileView | None = None

    @property
    def is_markdown(self) -> bool:
        return bool((self.said.payload or {}).get("markdown"))


def bubbles(rows: list[Said]) -> list[Bubble]:
    """What a customer reads; only the newest of our messages still has its buttons."""
    readable = [row for row in rows if row.text or file_of(row)]
    newest = next((row.id for row in reversed(readable) if row.direction == "out"), None)
    return [bubble(row, with_buttons=row.id == newest) for row in readable]


def bubble(row: Said, *, with_buttons: bool = True) -> Bubble:
    side = "mine" if row.direction == "in" else "notice" if row.kind == "joined" else "theirs"
    buttons = (row.payload or {}).get("buttons", []) if with_buttons else []
    return Bubble(row, side, tuple(str(button["label"]) for button in buttons), file_of(row))


def file_of(row: Said) -> FileView | None:
    attachment: dict[str, Any] | None = (row.payload or {}).get("attachment")
    if not attachment:
        return None
    file_id, kind = attachment.get("file_id"), str(attachment.get("kind", "document"))
    return FileView(
        name=str(attachment.get("name") or kind),
        url=f"/files/{file_id}" if file_id else None,
        shown=bool(file_id) and kind == "photo",
    )
