"""reply_markup: what Telegram accepts on a keyboard."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from tests.telegram.calls import Call
from tests.telegram.chats import Wire
from tests.telegram.errors import bad_request

DATA_LIMIT_BYTES = 64
ACTIONS = frozenset({"url", "web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat", "pay",
                     "switch_inline_query_chosen_chat", "copy_text", "callback_game"})  # fmt: skip


def read_keyboard(call: Call) -> Wire | None:
    """The keyboard of a call, or None. Raises ApiError 400 if Telegram would not show it."""
    markup = call.structure("reply_markup")
    if markup is None:
        return None
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    for row in markup.get("inline_keyboard", ()):
        for button in row:
            _check_button(button)
    return markup


def _check_button(button: dict[str, Any]) -> None:
    if not button.get("text"):
        raise bad_request('can\'t parse inline keyboard button: Field "text" must be non-empty')
    if "callback_data" in button:
        if not 0 < len(str(button["callback_data"]).encode()) <= DATA_LIMIT_BYTES:
            raise bad_request("BUTTON_DATA_INVALID")
    elif "url" in button:
        _check_url(str(button["url"]))
    elif not ACTIONS & button.keys():
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")


def _check_url(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https", "tg", "ton"} or (
        parts.scheme.startswith("http") and "." not in parts.netloc
    ):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
