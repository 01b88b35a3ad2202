"""A message as a person sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.telegram.files import SHAPES


@dataclass(frozen=True)
class Button:
    text: str
    data: str | None = None
    url: str | None = None


@dataclass(frozen=True)
class Seen:
    """`wire` is the message as the Bot API words it; `at` is on the server's clock, seconds."""

    wire: dict[str, Any]
    by_bot: bool
    keyboard: dict[str, Any] | None
    at: float
    edits: list[str]
    """Earlier wordings, oldest first."""
    deleted: bool

    @property
    def id(self) -> int:
        return int(self.wire["message_id"])

    @property
    def text(self) -> str:
        """The text, or the caption of a medium, or nothing."""
        return str(self.wire.get("text") or self.wire.get("caption") or "")

    @property
    def entities(self) -> list[dict[str, Any]]:
        return list(self.wire.get("entities") or self.wire.get("caption_entities") or ())

    @property
    def media(self) -> str | None:
        """photo, document, voice…, or None."""
        return next((kind for kind in SHAPES if kind in self.wire), None)

    @property
    def file_id(self) -> str | None:
        if self.media is None:
            return None
        medium = self.wire[self.media]
        return str((medium[-1] if isinstance(medium, list) else medium)["file_id"])

    @property
    def buttons(self) -> list[list[Button]]:
        """Rows, of an inline or of a reply keyboard."""
        keyboard = self.keyboard or {}
        rows = [*keyboard.get("inline_keyboard", ()), *keyboard.get("keyboard", ())]
        return [[_button(button) for button in row] for row in rows]

    @property
    def labels(self) -> list[str]:
        return [button.text for row in self.buttons for button in row]

    @property
    def reply_to(self) -> int | None:
        """The message it answers. The topic's first message does not count: there Telegram makes all answer it."""
        replied = self.wire.get("reply_to_message", {}).get("message_id")
        return None if replied is None or replied == self.thread_id else int(replied)

    @property
    def thread_id(self) -> int | None:
        thread: int | None = self.wire.get("message_thread_id")
        return thread


def _button(wire: dict[str, Any] | str) -> Button:
    if isinstance(wire, str):
        return Button(wire)
    return Button(wire["text"], wire.get("callback_data"), wire.get("url"))
