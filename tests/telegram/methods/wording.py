"""The text or caption of a call: parsed, measured, trimmed."""

from __future__ import annotations

from tests.telegram.calls import Call
from tests.telegram.chats import Wire
from tests.telegram.errors import bad_request
from tests.telegram.html_markup import parse_html
from tests.telegram.markdown_markup import parse_markdown, parse_markdown_v2
from tests.telegram.texts import CAPTION_LIMIT, TEXT_LIMIT, Entity, is_blank, trimmed, units

PARSERS = {"html": parse_html, "markdownv2": parse_markdown_v2, "markdown": parse_markdown}


def read_text(call: Call, too_long: str = "message is too long") -> Wire:
    """`{"text", "entities"?}`. Raises ApiError 400 when it is empty, too long or broken."""
    text, entities = _worded(call, "text", "entities")
    if is_blank(text):
        raise bad_request("message text is empty")
    if units(text) > TEXT_LIMIT:
        raise bad_request(too_long)
    return {"text": text, "entities": entities} if entities else {"text": text}


def read_caption(call: Call) -> Wire:
    """`{"caption"?, "caption_entities"?}`. Raises ApiError 400 when it is too long or broken."""
    caption, entities = _worded(call, "caption", "caption_entities")
    if units(caption) > CAPTION_LIMIT:
        raise bad_request("message caption is too long")
    if is_blank(caption):
        return {}
    return {"caption": caption, "caption_entities": entities} if entities else {"caption": caption}


def _worded(call: Call, words: str, marks: str) -> tuple[str, list[Entity]]:
    text = call.text(words)
    mode = call.text("parse_mode").lower()
    if not mode:
        return trimmed(text, call.structure(marks) or ())
    parser = PARSERS.get(mode)
    if parser is None:
        raise bad_request("unsupported parse_mode")
    return trimmed(*parser(text))
