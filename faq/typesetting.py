"""Setting words into a line of an answer, and closing the line where none are known.

An empty place takes with it the marks that led to it: brackets, emphasis or a link right around it; a `#` before it;
spaces, commas, colons and dashes before it if a mark or the end follows; those after it at the beginning of a sentence,
which then begins with a capital.

Everywhere `before` is the line so far and `rest` what follows; neither reaches over a line's end.
"""

import re
from urllib.parse import quote

from faq.han import HAN

_LATIN_OR_DIGIT = "0-9A-Za-z\u00c0-\u024f"
_TOUCHING = re.compile(f"[{HAN}][{_LATIN_OR_DIGIT}]|[{_LATIN_OR_DIGIT}][{HAN}]")
_TWO_HAN = re.compile(f"[{HAN}]{{2}}")

_BRACKETS = {"(": ")", "（": "）", "「": "」", "『": "』", "“": "”", "《": "》", '"': '"'}
_AROUND = {**_BRACKETS, "*": "*", "_": "_", "~": "~"}
_LINKED = re.compile(r"\]\([^)]*\)")
_LEADING = " \t,，、:：;；–—"
_ENDING = ".!?。！？…"
_CLOSING = ")]）」』”》*_~"
_BULLET = r"[ \t]*(?:[-*+]\s+|\d+[.)]\s+)?"
_AT_BEGINNING = re.compile(rf"(?:^|[.!?…]\s|[。！？]){_BULLET}\Z")
_BULLETED = re.compile(_BULLET)
_IN_ADDRESS = re.compile(r"\]\([^)\s]*\Z")

_MARKUP = re.compile(r"[\\`*_\[\]<>~|$&]|^[-+=#]")
_NUMBERED = re.compile(r"^(\d+)([.)])")


def put(before: str, value: str, rest: str) -> str:
    """The value behind what stands before it, with a space where Han and Latin would touch."""
    if _IN_ADDRESS.search(before):
        return before + quote(value, safe="")
    left = " " if _TOUCHING.fullmatch(before[-1:] + value[0]) else ""
    right = " " if _TOUCHING.fullmatch(value[-1] + rest[:1]) else ""
    return before + left + plain(value) + right


def put_fallback(before: str, fallback: str, rest: str) -> tuple[str, str]:
    """Spaces that were meant for a Latin value do not stand between two Han signs."""
    left, right = before.rstrip(" "), rest.lstrip(" ")
    before = left if _TWO_HAN.fullmatch(left[-1:] + fallback[0]) else before
    rest = right if _TWO_HAN.fullmatch(fallback[-1] + right[:1]) else rest
    return before + fallback, rest


def leave_out(before: str, rest: str) -> tuple[str, str]:
    """Both sides of an empty place without the marks that led to it."""
    if _IN_ADDRESS.search(before):
        return before, rest
    before, rest = _unwrap(before, rest)
    before = before.removesuffix("#")
    if _AT_BEGINNING.search(before):
        rest = rest.lstrip(_LEADING + _ENDING)
        return before, rest[:1].upper() + rest[1:]
    if before.endswith(tuple(_BRACKETS)):
        return before, rest.lstrip(_LEADING)
    return _join(before, rest)


def _unwrap(before: str, rest: str) -> tuple[str, str]:
    """Without brackets, emphasis or a link right around the place."""
    while before and rest and _AROUND.get(before[-1]) == rest[0]:
        before, rest = before[:-1], rest[1:]
    if before.endswith("[") and (link := _LINKED.match(rest)):
        return before[:-1], rest[link.end() :]
    return before, rest


def _join(before: str, rest: str) -> tuple[str, str]:
    """Of the spaces and marks on both sides those that the sentence still needs."""
    follows = rest.lstrip(" \t")
    if not follows or follows[0] in _LEADING + _ENDING + _CLOSING:
        return before.rstrip(_LEADING), rest
    if _TWO_HAN.fullmatch(before.rstrip(" ")[-1:] + follows[0]):
        return before.rstrip(" "), follows
    return (before, follows) if before[-1:] in _LEADING else (before, rest)


def plain(value: str) -> str:
    """A stranger's words amid an admin's Markdown, which must not read them."""
    return _NUMBERED.sub(r"\1\\\2", _MARKUP.sub(r"\\\g<0>", value))


def is_blank(line: str) -> bool:
    """Whether nothing but marks, or a list's bullet, is left of a line."""
    return not _BULLETED.sub("", line, count=1).strip(_LEADING + _ENDING)
