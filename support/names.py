"""Names that people give themselves, fit to stand in a line with other words."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

NAME_LENGTH = 128

_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u00ad\u200b\u2060\ufeff]")
"""Marks that turn the direction of what follows, and invisible ones; joiners stay, emoji and Persian need them."""

_MARK = "\u0300-\u036f\u0488\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_PILED = re.compile(f"([{_MARK}]{{2}})[{_MARK}]+")
"""No language writes more than two marks on one letter once they are composed."""

_BLANK = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters by category that nobody sees."""


@lru_cache(maxsize=4096)
def clean_name(name: str) -> str | None:
    """One line that cannot reach beyond itself; None where nothing of it can be seen."""
    composed = unicodedata.normalize("NFC", _TURNING.sub("", name))
    line = " ".join(_PILED.sub(r"\1", composed).split())[:NAME_LENGTH].rstrip()
    return line if any(_is_seen(sign) for sign in line) else None


def _is_seen(sign: str) -> bool:
    return unicodedata.category(sign)[0] not in "CMZ" and sign not in _BLANK
