"""parse_mode HTML: markup to plain text and entities, refusing what Telegram refuses."""

from __future__ import annotations

import re
from html import unescape

from tests.telegram.errors import ApiError, bad_request
from tests.telegram.texts import Entity, units

TAGS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "tg-spoiler": "spoiler",
    "span": "spoiler", "a": "text_link", "code": "code", "pre": "pre", "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
}  # fmt: skip
TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)([^<>]*)>")
REFERENCE = re.compile(r"&(?:lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);")
ATTRIBUTE = re.compile(r"""([a-z-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|(\S+))""")


def parse_html(markup: str) -> tuple[str, list[Entity]]:
    """Plain text and its entities. Raises ApiError 400 "can't parse entities" on broken markup."""
    plain: list[str] = []
    length = 0
    open_tags: list[tuple[str, int, str]] = []
    entities: list[Entity] = []
    position = 0
    while position < len(markup):
        if markup[position] == "<":
            tag = TAG.match(markup, position)
            if tag is None:
                raise _unparsable(f'Unsupported start tag "" at byte offset {_bytes(markup, position)}')
            _take_tag(tag, length, open_tags, entities)
            position = tag.end()
            continue
        stop = markup.find("<", position)
        stop = len(markup) if stop < 0 else stop
        piece = REFERENCE.sub(lambda found: unescape(found[0]), markup[position:stop])
        plain.append(piece)
        length += units(piece)
        position = stop
    if open_tags:
        raise _unparsable(f'Can\'t find end tag corresponding to start tag "{open_tags[-1][0]}"')
    return "".join(plain), sorted(entities, key=lambda entity: (entity["offset"], -entity["length"]))


def _take_tag(tag: re.Match[str], length: int, open_tags: list[tuple[str, int, str]], entities: list[Entity]) -> None:
    closing, name, rest = tag[1], tag[2].lower(), tag[3]
    offset = _bytes(tag.string, tag.start())
    if not closing:
        if name not in TAGS:
            raise _unparsable(f'Unsupported start tag "{name}" at byte offset {offset}')
        open_tags.append((name, length, rest))
        return
    if not open_tags:
        raise _unparsable(f"Unexpected end tag at byte offset {offset}")
    opened, start, attributes = open_tags.pop()
    if opened != name:
        raise _unparsable(f'Unmatched end tag at byte offset {offset}, expected "</{opened}>", found "</{name}>"')
    if length > start:
        entities.append(_entity(name, start, length - start, attributes))


def _entity(name: str, offset: int, length: int, rest: str) -> Entity:
    entity: Entity = {"type": TAGS[name], "offset": offset, "length": length}
    attributes = {found[1]: found[2] or found[3] or found[4] for found in ATTRIBUTE.finditer(rest)}
    if name == "a":
        entity["url"] = unescape(attributes.get("href", ""))
    if name == "tg-emoji":
        entity["custom_emoji_id"] = attributes.get("emoji-id", "")
    return entity


def _bytes(text: str, position: int) -> int:
    return len(text[:position].encode())


def _unparsable(words: str) -> ApiError:
    return bad_request(f"can't parse entities: {words}")
